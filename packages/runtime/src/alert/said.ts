import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { AlertView, NewMessage } from './contract.ts';
import { alertAcknowledged, alertSnoozed } from './events.ts';
import { knownMessages } from './known.ts';
import type { KnownWord } from './known.ts';
import { holdAlert, keepAlert } from './rows.ts';
import { longestSnoozeMs } from './state.ts';
import type { AlertState } from './state.ts';
import { viewsOf } from './view.ts';
import type { Viewing } from './view.ts';

export interface SaidOptions extends Viewing {
  readonly database: Database;
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  readonly eventId: () => string;
}

export interface Said {
  readonly alertId: number;
  readonly by: string;
  readonly reason: string;
  /** The channel over which, or `api`. */
  readonly via: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Somebody knows of it: nobody is reminded any more, until it comes back or becomes worse, and who was told of it reads so.
 * The latest word counts. Throws KORA_ALERT_UNKNOWN, KORA_ALERT_OVER.
 */
export function acknowledgeAlert(options: SaidOptions, said: Said): Promise<AlertView> {
  return options.database.transaction((tx) => acknowledgeIn(tx, options, said));
}

/** The same in a transaction of the caller's. */
export async function acknowledgeIn(tx: Transaction, options: SaidOptions, said: Said): Promise<AlertView> {
  const { alertId, by, reason, now, via } = said;
  return change(tx, options, alertId, (alert) => ({
    alert: { ...alert, acknowledgedAt: now, acknowledgedBy: by, acknowledgeReason: reason },
    event: draft(alertAcknowledged, { alert_id: String(alertId), reason }, { actorId: by }),
    word: { title: `Known · ${alert.title}`, said: `${by} knows of it: ${reason}`, via },
  }));
}

/**
 * Quiet for a while, thirty days at most: what is still wrong then is told again. The latest word counts. Throws
 * KORA_ALERT_UNKNOWN, KORA_ALERT_OVER.
 */
export function snoozeAlert(
  options: SaidOptions,
  said: Said & { readonly forMs: number },
): Promise<AlertView> {
  return options.database.transaction((tx) => snoozeIn(tx, options, said));
}

/** The same in a transaction of the caller's. */
export async function snoozeIn(
  tx: Transaction,
  options: SaidOptions,
  said: Said & { readonly forMs: number },
): Promise<AlertView> {
  const { alertId, by, reason, now, forMs, via } = said;
  const until = now + Math.min(forMs, longestSnoozeMs);
  const ends = new Date(until).toISOString();
  return change(tx, options, alertId, (alert) => ({
    alert: { ...alert, snoozedUntil: until, snoozeReason: reason },
    event: draft(alertSnoozed, { alert_id: String(alertId), until: ends, reason }, { actorId: by }),
    word: { title: `Quiet · ${alert.title}`, said: `${by} wants it quiet until ${ends}: ${reason}`, via },
  }));
}

async function change(
  tx: Transaction,
  options: SaidOptions,
  alertId: number,
  how: (alert: AlertState) => {
    readonly alert: AlertState;
    readonly event: EventDraft;
    readonly word: Pick<KnownWord, 'title' | 'said' | 'via'>;
  },
): Promise<AlertView> {
  const { workspaceId, stage, tell, told } = options;
  const held = await holdAlert(tx, workspaceId, alertId);
  if (held.status === 'resolved')
    throw fault('KORA_ALERT_OVER', `alert ${alertId} is over`, { fix: 'kora alert list' });
  const { alert, event, word } = how(held);
  await keepAlert(tx, workspaceId, alert);
  const links = alert.wakeId === null ? {} : { correlationId: alert.wakeId };
  const eventId = options.eventId();
  await stage(tx, [{ ...event, ...links, eventId }]);
  // Of an incident whoever has the incident says so.
  if (alert.incidentId === null) {
    const { thread } = alert;
    const known = { ...word, thread, key: `alert:${alertId}:known:${eventId}` };
    const messages = knownMessages(known, await told(tx, { keys: [], threads: [thread] }));
    for (const message of messages) await tell(tx, { ...message, ...links, causationId: eventId });
  }
  const [view] = await viewsOf(tx, workspaceId, [alert], options);
  if (view === undefined) throw fault('KORA_INTERNAL', `alert ${alertId} cannot be shown`);
  return view;
}
