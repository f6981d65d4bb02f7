import type { AlertCategory, AlertSource, AlertStatus, Severity } from './contract.ts';

/** An alert as its row keeps it. Instants are milliseconds since 1970. */
export interface AlertState {
  readonly alertId: number;
  readonly source: AlertSource;
  readonly key: string;
  /** Empty for what every runtime of the workspace sees. */
  readonly owner: string;
  readonly category: AlertCategory;
  readonly severity: Severity;
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  /** `source`: whoever found it tells of it, in `thread`. */
  readonly voice: 'alert' | 'source';
  readonly incidentId: number | null;
  readonly thread: string;
  readonly wakeId: string | null;
  readonly status: AlertStatus;
  /** It began anew so often; one that returns within the reopen window is the same episode. */
  readonly episode: number;
  readonly returns: number;
  readonly firstSeenAt: number;
  readonly episodeAt: number;
  readonly lastSeenAt: number;
  /** Since when nobody finds it any more. */
  readonly quietSince: number | null;
  readonly resolvedAt: number | null;
  readonly owed: 'now' | 'cooldown' | 'digest' | 'quiet' | null;
  /** When a message about it went into the outbox; it is told once somebody has a receipt. */
  readonly toldAt: number | null;
  readonly toldEpisode: number;
  /** Messages that told of it. */
  readonly tellings: number;
  readonly acknowledgedAt: number | null;
  readonly acknowledgedBy: string | null;
  readonly acknowledgeReason: string | null;
  readonly snoozedUntil: number | null;
  readonly snoozeReason: string | null;
  readonly escalations: number;
  readonly escalatedAt: number | null;
  /** The first receipt of the latest message about it, and whose it is. */
  readonly heardAt: number | null;
  readonly heardOver: string | null;
  /** Which return was told again because only the inbox had taken it. */
  readonly lateReturns: number;
}

/** How alerts are told; durations in milliseconds. */
export interface AlertPolicy {
  readonly cooldownMs: number;
  readonly burst: number;
  readonly settleMs: number;
  readonly escalation: {
    readonly afterMs: number;
    readonly repeatMs: number;
    readonly times: number;
    /** One after the other; none: the next ones of `critical`. */
    readonly channels: readonly string[];
  };
  /** Channels in the order in which they are tried; at least one. */
  readonly critical: readonly string[];
  readonly warning: readonly string[];
  readonly digest: readonly string[];
  /** What is critical is told on each of these besides. */
  readonly also: readonly string[];
  /** Channels outside of the store that are here and not down. */
  readonly up: ReadonlySet<string>;
  /** What is critical has a receipt after so long, or goes to its next channel. */
  readonly receiptMs: number;
  /** Quiet hours go on in which warnings wait. */
  readonly isQuiet: boolean;
  /** Of the day, UTC. */
  readonly digestHour: number;
}

/** What returns sooner than this is the same episode. */
export const reopenMs = 600_000;
/** What only a runtime can see that has not looked for so long is over: nobody looks any more. */
export const abandonMs = 86_400_000;
/** A snooze is so long at most. */
export const longestSnoozeMs = 30 * 86_400_000;

const rank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };

/** The worst first, then the oldest. */
export function byUrgency(a: AlertState, b: AlertState): number {
  return rank[a.severity] - rank[b.severity] || a.episodeAt - b.episodeAt || a.alertId - b.alertId;
}

export function isWorse(now: Severity, before: Severity): boolean {
  return rank[now] < rank[before];
}

export function isSnoozed({ snoozedUntil }: AlertState, now: number): boolean {
  return snoozedUntil !== null && snoozedUntil > now;
}

/** Where an alert is told, one after the other; a channel that does not deliver is not told of over itself. */
export function routeOf(
  { source, key, severity }: Pick<AlertState, 'source' | 'key' | 'severity'>,
  policy: Pick<AlertPolicy, 'critical' | 'warning' | 'digest'>,
): readonly string[] {
  const routes = { critical: policy.critical, warning: policy.warning, info: policy.digest } as const;
  return withoutOwn({ source, key }, routes[severity]);
}

export function withoutOwn(
  { source, key }: Pick<AlertState, 'source' | 'key'>,
  channels: readonly string[],
): readonly string[] {
  const others = source === 'channel' ? channels.filter((name) => name !== key) : channels;
  return others.length > 0 ? others : channels;
}
