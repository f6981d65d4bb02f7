import { expect } from 'vitest';
import type { InboundBench } from './inbound-bench.ts';

/** What became of each message, in the order they came: `answered: engine`. */
export const states = async (bench: InboundBench): Promise<string[]> =>
  (await bench.rows()).map(({ state, outcome }) => (outcome === null ? state : `${state}: ${outcome}`));

/** Until this is what became of them; what waits for its time does not wait here. */
export const settles = (bench: InboundBench, wanted: readonly string[]): Promise<void> =>
  bench.until(async () => {
    await bench.passTime([]);
    expect(await states(bench)).toEqual(wanted);
  });
