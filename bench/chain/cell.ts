import { figuresOf } from '../figures.ts';
import type { Figures } from '../figures.ts';
import type { Appender } from './contestant.ts';

export interface CellResult {
  /** Events in their place a second, counted in the database; the time until the last was there is in it. */
  readonly perSecond: number;
  /** Call to acknowledgement, milliseconds. */
  readonly latency: Figures;
  readonly events: number;
}

/** Closed loop: each of `lanes` callers appends one event after the other for `seconds`. */
export async function runCell(appender: Appender, lanes: number, seconds: number): Promise<CellResult> {
  await loop(appender, lanes, performance.now() + 300, []);
  await appender.settle();
  const before = await appender.count();
  const latencies: number[] = [];
  const from = performance.now();
  await loop(appender, lanes, from + seconds * 1_000, latencies);
  await appender.settle();
  const elapsed = (performance.now() - from) / 1_000;
  const events = (await appender.count()) - before;
  if (events !== latencies.length) {
    throw new Error(`${latencies.length} events were acknowledged, ${events} are there`);
  }
  return { perSecond: events / elapsed, latency: figuresOf(latencies), events };
}

async function loop(appender: Appender, lanes: number, until: number, latencies: number[]): Promise<void> {
  let n = 0;
  const lane = async (id: number): Promise<void> => {
    for (;;) {
      const from = performance.now();
      if (from >= until) return;
      await appender.append(id, (n += 1));
      latencies.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, id) => lane(id)));
}
