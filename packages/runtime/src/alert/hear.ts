import type { AlertPolicy, AlertState } from './state.ts';

/** A message about an alert as it stands at its channel. Instants are milliseconds since 1970. */
export interface Telling {
  readonly alertId: number;
  readonly key: string;
  readonly channel: string;
  readonly saidAt: number;
  /** When it was last handed on for want of a receipt. */
  readonly passedAt: number | null;
  /** Null while no channel has taken it. */
  readonly receiptAt: number | null;
}

/** The channel that is in the store: whoever does not look there has not heard. */
export const inbox = 'inbox';

/** Takes into an alert who has a receipt of the latest message about it; a channel outside counts for more than the inbox. */
export function heard(alert: AlertState, tellings: readonly Telling[]): AlertState {
  const taken = tellings
    .filter(({ alertId, receiptAt }) => alertId === alert.alertId && receiptAt !== null)
    .sort((one, other) => isInbox(one) - isInbox(other) || (one.receiptAt ?? 0) - (other.receiptAt ?? 0));
  const [first] = taken;
  if (first === undefined) return alert;
  if (alert.heardOver !== null && (alert.heardOver !== inbox || first.channel === inbox)) return alert;
  return { ...alert, heardAt: first.receiptAt, heardOver: first.channel };
}

/** Keys of messages about what is critical that nobody took in their time: they go to their next channel. */
export function unheard(
  alert: AlertState,
  tellings: readonly Telling[],
  { now, receiptMs }: Pick<AlertPolicy, 'receiptMs'> & { readonly now: number },
): readonly string[] {
  if (alert.severity !== 'critical' || alert.status === 'resolved') return [];
  return tellings
    .filter(({ alertId, receiptAt }) => alertId === alert.alertId && receiptAt === null)
    .filter(({ saidAt, passedAt }) => now - (passedAt ?? saidAt) >= receiptMs)
    .map(({ key }) => key);
}

function isInbox({ channel }: Telling): number {
  return channel === inbox ? 1 : 0;
}
