import type { ProbeStatus } from '../contract.ts';

/** What is remembered between looks. Times are ISO 8601. */
export interface ProbeMemory {
  readonly status: ProbeStatus;
  /** When the status became what it is. */
  readonly since: string;
  readonly lastGoodAt: string | null;
  readonly badInARow: number;
  readonly goodInARow: number;
  /** The first of the bad looks in a row. */
  readonly failingSince: string | null;
  readonly incidentId: number | null;
}

/** What a look means for the incident: nothing, it begins, it goes on, it is over, nobody can tell any more. */
export type Effect = 'none' | 'open' | 'lasts' | 'resolve' | 'unwatched';

/** After that time without what it needs to look, a probe's incident would stay open for as long as nobody asks. */
export const unwatchedAfterMs = 600_000;

export interface Fold {
  readonly memory: ProbeMemory;
  readonly effect: Effect;
}

/**
 * One look, folded into what was known. An incident opens after `consecutive` bad looks in a row and ends after as many
 * good ones, so that a single bad packet wakes nobody. `unconfigured` is neither good nor bad; ten minutes of it end what
 * is open, as nobody looks.
 */
export function fold(
  before: ProbeMemory | undefined,
  look: { readonly status: ProbeStatus; readonly at: string },
  consecutive: number,
): Fold {
  const { status, at } = look;
  const good = status === 'healthy';
  const bad = !good && status !== 'unconfigured';
  const badInARow = bad ? (before?.badInARow ?? 0) + 1 : 0;
  const goodInARow = good ? (before?.goodInARow ?? 0) + 1 : 0;
  const memory: ProbeMemory = {
    status,
    since: before?.status === status ? before.since : at,
    lastGoodAt: good ? at : (before?.lastGoodAt ?? null),
    badInARow,
    goodInARow,
    failingSince: bad ? (before?.failingSince ?? at) : null,
    incidentId: before?.incidentId ?? null,
  };
  return { memory, effect: effectOf(memory, at, consecutive) };
}

function effectOf(memory: ProbeMemory, at: string, consecutive: number): Effect {
  const { incidentId, badInARow, goodInARow, status, since } = memory;
  if (incidentId === null) return badInARow >= consecutive ? 'open' : 'none';
  if (badInARow > 0) return 'lasts';
  if (status === 'unconfigured')
    return Date.parse(at) - Date.parse(since) >= unwatchedAfterMs ? 'unwatched' : 'none';
  return goodInARow >= consecutive ? 'resolve' : 'none';
}
