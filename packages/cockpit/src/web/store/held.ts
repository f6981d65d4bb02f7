import type { HoldRow, Status } from '@kora/runtime/client';

/** One thing that keeps Kora from working: a stop or a hold. */
export interface Held {
  readonly key: string;
  readonly what: 'stop' | 'hold';
  /** `Stop L2`, `Held for a spent pool`. */
  readonly title: string;
  readonly by: string;
  readonly reason: string;
  /** Server clock. */
  readonly since: string;
  readonly expiresAt: string | null;
  /** What ends it, or tells what would. */
  readonly command: string;
  /** What the page may send to end it: one hold, or everything of the operator's; null where that would pay for nothing. */
  readonly lift: { readonly holdId?: number } | null;
}

const bare = 'kora resume --reason "…"';
const titles = {
  operator: 'Paused',
  cost: 'Held: the pool is spent',
  dr: 'Held: the store is another than it was',
  chain: 'Held: the event log does not prove',
} as const;

/** Everything that keeps it, the stop first. */
export function heldBy({ stop, stopLevel, holds, since }: Status): readonly Held[] {
  return [...(stopLevel === 0 && stop === null ? [] : [stopped(stop, stopLevel, since)]), ...holds.map(held)];
}

/** Who stopped it may be known a moment later than that it is stopped. */
function stopped(stop: Status['stop'], stopLevel: number, since: string): Held {
  return {
    key: 'stop',
    what: 'stop',
    title: `Stop L${stop?.level ?? stopLevel}`,
    by: stop?.by ?? 'unknown',
    reason: stop?.reason ?? 'unknown',
    since: stop?.since ?? since,
    expiresAt: stop?.expiresAt ?? null,
    command: bare,
    lift: {},
  };
}

function held({ holdId, cause, owner, reason, since, expiresAt }: HoldRow): Held {
  const title = titles[cause];
  // A spent pool is free again with the month or more money: lifting its hold by hand pays for nothing.
  const command = cause === 'cost' ? 'kora cost' : `kora resume --hold ${holdId} --reason "…"`;
  const lift = cause === 'cost' ? null : { holdId };
  return { key: `hold-${holdId}`, what: 'hold', title, by: owner, reason, since, expiresAt, command, lift };
}
