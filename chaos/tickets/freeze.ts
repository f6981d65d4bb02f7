import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../e2e/harness/wait.ts';
import type { Fate } from './points.ts';
import { throughFaults } from './run.ts';
import type { Report, RunOptions, Stage } from './run.ts';
import { runtimes } from './town.ts';
import type { Town } from './town.ts';

/** Where a worker stands still: each is the last moment before a word that will come too late. */
const places: readonly Pick<Fate, 'point' | 'when'>[] = [
  { point: 'resolve', when: 'before' },
  { point: 'commit', when: 'before' },
  { point: 'work', when: 'before' },
  { point: 'dispatch', when: 'before' },
  { point: 'effect', when: 'before' },
  { point: 'effect', when: 'after' },
  { point: 'claim', when: 'after' },
];
const reapedMs = 90_000;
/** So long others are at the same work: longer than it takes them to claim all of it. */
const againMs = 4_000;
const inFlightMs = 300;
const takenMs = 12_000;

/** Freezes one of two workers until all that it held is somebody else's, lets it go on, and again. */
export function freezeHands(options: RunOptions): Promise<Report> {
  return throughFaults({ ...options, againMs }, async (stage) => {
    for (let n = 0; n < options.count; n += 1) {
      const place = places[n % places.length] ?? { point: 'resolve', when: 'before' };
      const took = await freezeOnce(stage, n % 2 === 0 ? 0 : 1, place);
      stage.meet(`frozen ${place.when} ${place.point}`);
      options.onFault?.(
        `${n + 1}/${options.count}  runtime ${n % 2} frozen ${place.when} ${place.point} for ${Math.round(took)} ms`,
      );
    }
  });
}

/** Answers for how many milliseconds it stood still. */
async function freezeOnce(
  { town, hands }: Stage,
  victim: 0 | 1,
  place: Pick<Fate, 'point' | 'when'>,
): Promise<number> {
  const hand = hands[victim];
  hand.strike({ ...place, nth: 1 + Math.floor(town.random() * 3), signal: 'SIGSTOP' });
  await until('a worker to stand still', () => hand.isFrozen);
  const began = performance.now();
  const of = runtimes[victim];
  // What it sent just before lands.
  await sleep(inFlightMs);
  const held = await heldBy(town, of);
  // What its open transaction has locked stays with it until that one ends: nobody else can have it either.
  await until(
    'all that it held to be taken from it',
    async () => (await heldBy(town, of)).length === 0,
    reapedMs,
  );
  // Its words shall meet others at the same work, and not only after it; some may have needed another wait.
  await until(
    'others to have it',
    async () => {
      const others = await heldBy(town, runtimes[victim === 0 ? 1 : 0]);
      return held.every((ticket) => others.includes(ticket));
    },
    takenMs,
  ).catch(() => undefined);
  const { ok } = await hands[victim === 0 ? 1 : 0].figures();
  hand.signal('SIGCONT');
  const took = performance.now() - began;
  const before = (await hand.figures()).ok;
  await until('it to work again', async () => (await hand.figures()).ok > before);
  if (ok === 0) throw new Error('nobody worked while it stood still');
  return took;
}

/** Tickets under leases of a runtime that a reaper could take. */
async function heldBy(town: Town, runtimeId: string): Promise<number[]> {
  const rows = await town.database.query<{ ticket: number }>(
    `select l.ticket_id as ticket from kora.ticket_lease l join kora.session s using (workspace_id, session_id)
     where s.runtime_id = $1 for update of l skip locked`,
    [runtimeId],
  );
  return rows.map(({ ticket }) => ticket);
}
