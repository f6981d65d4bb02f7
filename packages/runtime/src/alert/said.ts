import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Transaction } from '../store/index.ts';
import type { AlertView } from './contract.ts';
import { alertAcknowledged, alertSnoozed } from './events.ts';
import { holdAlert, keepAlert, viewOf } from './rows.ts';
import { longestSnoozeMs } from './state.ts';
import type { AlertState } from './state.ts';

export interface SaidOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export interface Said {
  readonly alertId: number;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Somebody knows of it: nobody is reminded any more, until it comes back or becomes worse. The latest word counts.
 * Throws KORA_ALERT_UNKNOWN, KORA_ALERT_OVER.
 */
export function acknowledgeAlert(options: SaidOptions, said: Said): Promise<AlertView> {
  const { alertId, by, reason, now } = said;
  return change(options, alertId, (alert) => ({
    alert: { ...alert, acknowledgedAt: now, acknowledgedBy: by, acknowledgeReason: reason },
    event: draft(alertAcknowledged, { alert_id: String(alertId), reason }, { actorId: by }),
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
  const { alertId, by, reason, now, forMs } = said;
  const until = now + Math.min(forMs, longestSnoozeMs);
  const payload = { alert_id: String(alertId), until: new Date(until).toISOString(), reason };
  return change(options, alertId, (alert) => ({
    alert: { ...alert, snoozedUntil: until, snoozeReason: reason },
    event: draft(alertSnoozed, payload, { actorId: by }),
  }));
}

function change(
  { database, workspaceId, stage }: SaidOptions,
  alertId: number,
  how: (alert: AlertState) => { readonly alert: AlertState; readonly event: EventDraft },
): Promise<AlertView> {
  return database.transaction(async (tx) => {
    const held = await holdAlert(tx, workspaceId, alertId);
    if (held.status === 'resolved')
      throw fault('KORA_ALERT_OVER', `alert ${alertId} is over`, { fix: 'kora alert list' });
    const { alert, event } = how(held);
    await keepAlert(tx, workspaceId, alert);
    const links = alert.wakeId === null ? {} : { correlationId: alert.wakeId };
    await stage(tx, [{ ...event, ...links }]);
    return viewOf(alert);
  });
}
