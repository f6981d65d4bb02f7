import type { AlertCondition } from './contract.ts';
import { abandonMs, isWorse, reopenMs } from './state.ts';
import type { AlertPolicy, AlertState } from './state.ts';

/** What happened to an alert in one look. */
export type Happened = 'raised' | 'returned' | 'worsened' | 'snooze_over' | 'resolved';

export interface Followed {
  readonly alert: AlertState;
  readonly happened: Happened | null;
}

export interface Look {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Of this runtime; what others alone can see is not judged by what this one does not see. */
  readonly owner: string;
  readonly policy: Pick<AlertPolicy, 'settleMs'>;
}

/** That it is still there is written down this often. */
const seenEveryMs = 60_000;

/** One look, taken into what was known of an alert that its source finds now. */
export function found(alert: AlertState, condition: AlertCondition, look: Look): Followed {
  const { now } = look;
  const said = withWords(alert, condition, now);
  if (alert.status === 'resolved') return begunOf(said, condition, now);
  const seen = {
    ...said,
    quietSince: null,
    lastSeenAt: now - alert.lastSeenAt >= seenEveryMs ? now : alert.lastSeenAt,
  };
  if (isWorse(condition.severity, alert.severity))
    return { alert: again({ ...seen, ...unacknowledged }), happened: 'worsened' };
  return unsnoozed(seen, now);
}

/** The same for one that its source does not find. */
export function missed(alert: AlertState, look: Look): Followed {
  const { now, owner, policy } = look;
  if (alert.status === 'resolved') return unsnoozed(alert, now);
  const isElsewhere = alert.owner !== '' && alert.owner !== owner;
  const isOver = isElsewhere
    ? now - alert.lastSeenAt >= abandonMs
    : now - (alert.quietSince ?? now) >= (endsAtOnce(alert) ? 0 : policy.settleMs);
  if (isOver)
    return {
      alert: { ...alert, status: 'resolved', resolvedAt: now, quietSince: null },
      happened: 'resolved',
    };
  if (isElsewhere) return unsnoozed(alert, now);
  return unsnoozed({ ...alert, quietSince: alert.quietSince ?? now }, now);
}

/** What a command began and a command ends does not come and go. */
function endsAtOnce({ source, acknowledgedAt }: AlertState): boolean {
  return (source === 'paused' || source === 'stopped') && acknowledgedAt !== null;
}

/** What somebody knows of when it begins, as they did it, is told nobody. */
function begunOf(alert: AlertState, condition: AlertCondition, now: number): Followed {
  const { alert: active, happened } = begun(alert, now);
  if (condition.known === null || condition.incidentId !== null) return { alert: active, happened };
  return { alert: { ...active, ...knownOf(active, condition, now), owed: null }, happened };
}

function begun(alert: AlertState, now: number): Followed {
  const isReturn = alert.resolvedAt !== null && alert.episode > 0 && now - alert.resolvedAt < reopenMs;
  const active: AlertState = {
    ...alert,
    ...unacknowledged,
    ...unheardOf,
    status: 'active',
    returns: alert.returns + 1,
    firstSeenAt: alert.episode === 0 ? now : alert.firstSeenAt,
    lastSeenAt: now,
    quietSince: null,
    resolvedAt: null,
    owed: alert.voice === 'source' ? null : (alert.owed ?? 'now'),
  };
  if (isReturn) return { alert: active, happened: 'returned' };
  const fresh = {
    ...active,
    wakeId: null,
    episode: alert.episode + 1,
    episodeAt: now,
    snoozedUntil: null,
    snoozeReason: null,
  };
  return { alert: fresh, happened: 'raised' };
}

/** A snooze that is over owes the operator a word, if there still is something to say. */
function unsnoozed(alert: AlertState, now: number): Followed {
  if (alert.snoozedUntil === null || alert.snoozedUntil > now) return { alert, happened: null };
  const awake = { ...alert, snoozedUntil: null, snoozeReason: null };
  if (alert.status === 'resolved') return { alert: awake, happened: null };
  return { alert: again(awake), happened: 'snooze_over' };
}

/** To be told once more, whatever was told a moment ago. */
function again(alert: AlertState): AlertState {
  if (alert.voice === 'source') return alert;
  return { ...alert, ...unheardOf, owed: 'now', toldAt: null };
}

/** Somebody knew of it before it came back or became worse: that does not mean that they know of this. */
const unacknowledged = {
  acknowledgedAt: null,
  acknowledgedBy: null,
  acknowledgeReason: null,
  escalations: 0,
  escalatedAt: null,
} as const;

/** Whoever took what was told before has not taken this. */
const unheardOf = { heardAt: null, heardOver: null } as const;

function withWords(alert: AlertState, condition: AlertCondition, now: number): AlertState {
  const { category, severity, title, detail, next, incidentId, quiet, toldIn } = condition;
  const acknowledged = knownOf(alert, condition, now);
  return {
    ...alert,
    category,
    severity,
    title,
    detail,
    next,
    incidentId,
    ...(toldIn === null ? {} : { thread: toldIn }),
    ...acknowledged,
    ...(quiet === null ? {} : { snoozedUntil: quiet.until, snoozeReason: quiet.reason }),
  };
}

/** Of an incident what is said of the incident counts: known no more once it came back, unless somebody says so again. */
function knownOf(
  { acknowledgedAt }: AlertState,
  { known, incidentId }: AlertCondition,
  now: number,
): Partial<AlertState> {
  if (known === null)
    return incidentId === null ? {} : { acknowledgedAt: null, acknowledgedBy: null, acknowledgeReason: null };
  if (acknowledgedAt !== null) return {};
  return {
    acknowledgedAt: Math.min(known.at, now),
    acknowledgedBy: known.by,
    acknowledgeReason: known.reason,
  };
}
