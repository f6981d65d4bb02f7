import type { Queryable } from '../store/index.ts';
import type { AlertTelling, AlertView } from './contract.ts';
import { heard } from './hear.ts';
import type { AlertPolicy, AlertState } from './state.ts';
import { nextReminder } from './reminders.ts';
import { readTellings, shownTellings } from './tellings.ts';
import type { ReadTold } from './tellings.ts';

/** What else an alert is shown by: how its messages stand, and when who is reminded. */
export interface Viewing {
  readonly told: ReadTold;
  readonly policy: () => Pick<AlertPolicy, 'critical' | 'escalation'>;
}

/** Alerts as they are shown, with where each was told. */
export async function viewsOf(
  db: Queryable,
  workspaceId: number,
  alerts: readonly AlertState[],
  viewing: Viewing,
): Promise<AlertView[]> {
  const { told } = viewing;
  const tellings = await shownTellings(db, workspaceId, { alerts, told });
  // A receipt of this moment counts at once, also before the next look writes it down.
  const latest = await readTellings(db, workspaceId, { alerts, told });
  return alerts.map((alert) => viewOf(heard(alert, latest), viewing, tellings.get(alert.alertId) ?? []));
}

function viewOf(alert: AlertState, { policy }: Pick<Viewing, 'policy'>, tellings: AlertTelling[]): AlertView {
  const iso = (at: number): string => new Date(at).toISOString();
  const maybe = (at: number | null): string | null => (at === null ? null : iso(at));
  const next = nextReminder(alert, policy());
  const { alertId, source, key, category, severity, title, detail, incidentId, thread } = alert;
  const { wakeId, status, returns, owed, acknowledgedBy, acknowledgeReason, snoozeReason, escalations } =
    alert;
  return {
    alertId,
    source,
    key,
    owner: alert.owner === '' ? null : alert.owner,
    category,
    severity,
    title,
    detail,
    next: alert.next,
    incidentId,
    thread,
    wakeId,
    status,
    returns,
    firstSeenAt: iso(alert.firstSeenAt),
    since: iso(alert.episodeAt),
    lastSeenAt: iso(alert.lastSeenAt),
    resolvedAt: maybe(alert.resolvedAt),
    owed,
    toldAt: maybe(alert.toldAt),
    acknowledgedAt: maybe(alert.acknowledgedAt),
    acknowledgedBy,
    acknowledgeReason,
    snoozedUntil: maybe(alert.snoozedUntil),
    snoozeReason,
    heardAt: maybe(alert.heardAt),
    heardOver: alert.heardOver,
    escalations,
    nextReminder: next === undefined ? null : { ...next, at: iso(next.at) },
    tellings,
  };
}
