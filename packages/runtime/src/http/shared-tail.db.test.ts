import { expect, onTestFinished, test, vi } from 'vitest';
import { draft } from '../chain/index.ts';
import { noted, testChain } from '../chain/testing/chain.ts';
import type { TestChain } from '../chain/testing/chain.ts';
import { SharedTail } from './shared-tail.ts';
import { sample, scriptedHouse } from './testing/house.ts';
import * as shape from './contract.ts';

/** The tail over a real chain, with the reads that it makes counted. */
function tailOver({ chain }: TestChain): { readonly tail: SharedTail; readonly reads: () => number } {
  let reads = 0;
  const tail = new SharedTail({
    ...scriptedHouse(),
    events: async (query) => {
      reads += 1;
      return (await chain.read(query)).map((event) => ({ ...event, payload: { ...event.payload } }));
    },
    heartbeat: async () => ({ ...sample(shape.heartbeatSchema), seq: (await chain.head()).seq }),
    onSealed: (listener) => chain.onSealed(listener),
  });
  onTestFinished(() => tail[Symbol.dispose]());
  return { tail, reads: () => reads };
}

test('readers at once, from every place, while events are appended as fast as they go: each once, in order', async () => {
  const made = await testChain();
  const { chain } = made;
  const { tail, reads } = tailOver(made);
  const total = 4_000;
  const starts = [0, 0, 1, 10, 700, 1_500, 2_500, 3_999];
  const got: number[][] = starts.map(() => []);
  const readers = starts.map(async (start, reader) => {
    // Whoever resumes from a place reads on from there.
    await vi.waitFor(async () => expect((await chain.head()).seq).toBeGreaterThanOrEqual(start), {
      timeout: 60_000,
    });
    for (let at = start; at < total; ) {
      const { events, through } = await tail.after(at, undefined);
      got[reader]?.push(...events.map(({ seq }) => seq));
      if (through === at) await new Promise((resolve) => setImmediate(resolve));
      at = through;
    }
  });
  const appenders = Array.from({ length: 8 }, async (_, appender) => {
    for (let n = 0; n < total / 8; n += 10) {
      const batch = Array.from({ length: 10 }, (__, at) => draft(noted, { n: appender * total + n + at }));
      await chain.append(batch);
    }
  });
  await Promise.all([...readers, ...appenders]);
  for (const [reader, start] of starts.entries())
    expect(got[reader]).toEqual(Array.from({ length: total - start }, (_, at) => start + 1 + at));
  // Alone, each of the eight would have read each batch.
  expect(reads()).toBeLessThan((total / 10) * starts.length);
});
