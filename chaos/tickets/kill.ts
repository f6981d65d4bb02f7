import { setTimeout as sleep } from 'node:timers/promises';
import { gather } from './facts.ts';
import { points } from './points.ts';
import type { Fate } from './points.ts';
import type { Report, RunOptions } from './run.ts';
import type { RunningHand } from './running.ts';
import { Town } from './town.ts';

const ticketsEach = 10;
const longestLifeMs = 3_000;

type Death = { readonly afterMs: number; readonly early: boolean } | { readonly fate: Fate };

/** Half of them die at a step, the others at some time, of which some before they have come up: all by the seed. */
function deathsOf(random: () => number, { count, fate }: RunOptions): Death[] {
  return Array.from({ length: count }, () => {
    if (fate !== undefined) return { fate };
    if (random() < 0.5) return { afterMs: 50 + random() * 550, early: random() < 0.3 };
    const point = points[Math.floor(random() * points.length)] ?? 'claim';
    const when = random() < 0.5 ? 'before' : 'after';
    return { fate: { point, when: point === 'work' ? 'before' : when, nth: 1 + Math.floor(random() * 3) } };
  });
}

/** Kills two runtimes again and again while tickets come in, lets the last two finish, and gathers what is left. */
export async function killHands(options: RunOptions): Promise<Report> {
  await using town = await Town.open({ ...options, looks: true });
  const met = new Map<string, number>();
  const { count: kills, onFault } = options;
  const deaths = deathsOf(town.random, options);
  let done = 0;
  const lane = async (runtime: 0 | 1): Promise<RunningHand> => {
    let next = town.hand(runtime);
    for (let death = deaths.pop(); death !== undefined; death = deaths.pop()) {
      await town.add(ticketsEach);
      const hand = next;
      await hand.standsBy();
      hand.begin(...('fate' in death ? [{ ...death.fate, signal: 'SIGKILL' as const }] : []));
      // The one that follows loads while this one lives.
      next = town.hand(runtime);
      if ('fate' in death || !death.early) await hand.up();
      await Promise.race([hand.ended, sleep('afterMs' in death ? death.afterMs : longestLifeMs)]);
      const where = hand.struckAt ?? (hand.isUp ? 'at random' : 'while it came up');
      await hand.kill();
      met.set(where, (met.get(where) ?? 0) + 1);
      done += 1;
      onFault?.(`${done}/${kills}  runtime ${runtime}: ${where}`);
    }
    return next;
  };
  const last = await Promise.all([lane(0), lane(1)]);
  await Promise.all(last.map((hand) => hand.atWork()));
  await town.settle(options.settleMs);
  await Promise.all(last.map((hand) => hand.kill()));
  return { facts: await gather(town), met };
}
