import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedPostgres } from '../../packages/postgres/src/contract.ts';
import { gather } from './facts.ts';
import type { Facts } from './facts.ts';
import type { Fate } from './points.ts';
import type { RunningHand } from './running.ts';
import { Town } from './town.ts';
import type { TownOptions } from './town.ts';

export interface RunOptions extends TownOptions {
  /** How many kills, freezes, cuts or leaps. */
  readonly count: number;
  /** Where a killed worker dies, each time; else by the seed. */
  readonly fate?: Fate;
  readonly onFault?: (line: string) => void;
  /** How long what is left may take at the end, in milliseconds. */
  readonly settleMs?: number;
}

/** Of a server that the run may kill. */
export interface ServerOptions extends RunOptions {
  readonly server: Pick<EmbeddedPostgres, 'pid'>;
}

export interface Report {
  readonly facts: Facts;
  /** How often each fault, and each answer that it provoked, came by. */
  readonly met: ReadonlyMap<string, number>;
}

export interface Stage {
  readonly town: Town;
  readonly hands: readonly [RunningHand, RunningHand];
  readonly met: Map<string, number>;
  meet(what: string, times?: number): void;
}

const feedEveryMs = 50;
const enoughLeft = 60;
const feedCount = 10;

/** Two workers that live through it all, and tickets for them: then `faults`, peace, and what is left. */
export async function throughFaults(
  options: RunOptions,
  faults: (stage: Stage) => Promise<void>,
): Promise<Report> {
  await using town = await Town.open(options);
  const hands = [town.hand(0), town.hand(1)] as const;
  await Promise.all(hands.map((hand) => hand.atWork()));
  const met = new Map<string, number>();
  const meet = (what: string, times = 1): void => void met.set(what, (met.get(what) ?? 0) + times);
  const fed = new AbortController();
  const feeding = feed(town, fed.signal);
  try {
    await faults({ town, hands, met, meet });
  } finally {
    fed.abort();
    await feeding;
  }
  await town.settle(options.settleMs);
  for (const hand of hands) {
    const { ok, already, lost, note, operation } = await hand.figures();
    meet('ends kept', ok);
    meet('ends already kept', already);
    meet('late ends refused', lost);
    meet('late notes refused', note);
    meet('late operations refused', operation);
  }
  await Promise.all(hands.map((hand) => hand.kill()));
  return { facts: await gather(town), met };
}

/** Enough to do, and no more: what lies ready is worked by whoever is not broken. */
async function feed(town: Town, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A store that is away takes none, and none is acknowledged.
    const left = await town.left().catch(() => enoughLeft);
    if (left < enoughLeft) await town.add(feedCount).catch(() => undefined);
    await town.passTime().catch(() => undefined);
    await sleep(feedEveryMs);
  }
}
