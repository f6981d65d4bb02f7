import { inbox } from './hear.ts';
import { isSnoozed, withoutOwn } from './state.ts';
import type { AlertPolicy, AlertState } from './state.ts';

/** When the next reminder of an alert is due, and over which channel; undefined when nobody is to be reminded. */
export function nextReminder(
  alert: AlertState,
  policy: Pick<AlertPolicy, 'critical' | 'escalation'>,
):
  | { readonly at: number; readonly channel: string; readonly reminder: number; readonly of: number }
  | undefined {
  const { afterMs, repeatMs, times } = policy.escalation;
  const { escalations, escalatedAt, toldAt, episodeAt, snoozedUntil } = alert;
  if (!isWaitedFor({ ...alert, snoozedUntil: null }, 0) || escalations >= times) return undefined;
  const due = (escalatedAt ?? toldAt ?? episodeAt) + (escalations === 0 ? afterMs : repeatMs);
  const [channel = inbox] = reminderRoute({ ...alert, escalations: escalations + 1 }, policy);
  return { at: Math.max(due, snoozedUntil ?? 0), channel, reminder: escalations + 1, of: times };
}

/** Whom a reminder goes to: the channels that are for it in turn, or the next ones of those that it was told on. */
export function reminderRoute(
  alert: AlertState,
  { critical, escalation }: Pick<AlertPolicy, 'critical' | 'escalation'>,
): readonly string[] {
  const route = withoutOwn(alert, critical);
  const named = withoutOwn(alert, escalation.channels);
  if (named.length > 0) {
    const inTurn = laterChannels(named, alert.escalations - 1);
    return [...inTurn, ...route.filter((name) => !inTurn.includes(name))];
  }
  // The inbox calls nobody: while there is another channel, it is only the last resort.
  const outside = route.filter((name) => name !== inbox);
  if (outside.length === 0) return route;
  return [...laterChannels(outside, alert.escalations), ...route.filter((name) => name === inbox)];
}

/** Whether it is critical, goes on, was told, and nobody has said to know of it. */
export function isWaitedFor(alert: AlertState, now: number): boolean {
  const { severity, status, acknowledgedAt, owed, quietSince } = alert;
  const isTold = owed === null;
  return (
    severity === 'critical' &&
    status === 'active' &&
    isTold &&
    quietSince === null &&
    acknowledgedAt === null &&
    !isSnoozed(alert, now)
  );
}

/** Each time the next channel, and then the last one again; the others are still there if it does not deliver. */
export function laterChannels(channels: readonly string[], step: number): readonly string[] {
  const from = Math.min(step, channels.length - 1);
  return [...channels.slice(from), ...channels.slice(0, from)];
}
