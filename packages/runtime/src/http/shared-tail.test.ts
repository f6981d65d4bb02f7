import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SharedTail } from './shared-tail.ts';
import { scriptedHouse } from './testing/house.ts';
import type { ScriptedHouse } from './testing/house.ts';

/** Counts the reads of the store, each of which takes a turn of the loop. */
function countedHouse(): { readonly house: ScriptedHouse; readonly reads: () => number } {
  const house = scriptedHouse();
  const { events } = house;
  let reads = 0;
  house.events = async (query) => {
    reads += 1;
    const rows = await events(query);
    await new Promise((resolve) => setImmediate(resolve));
    return rows;
  };
  return { house, reads: () => reads };
}

async function drain(tail: SharedTail, from: number, type?: string): Promise<{ seqs: number[]; at: number }> {
  const seqs: number[] = [];
  for (let at = from; ; ) {
    const { events, through } = await tail.after(at, type);
    seqs.push(...events.map(({ seq }) => seq));
    if (through === at) return { seqs, at };
    at = through;
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

describe('the shared tail', () => {
  test('readers that keep up share one read of each seal', async () => {
    const { house, reads } = countedHouse();
    house.seal(100);
    using tail = new SharedTail(house);
    const readers = 20;
    await Promise.all(range(1, readers).map(() => drain(tail, 100)));
    const before = reads();
    for (let seal = 1; seal <= 10; seal += 1) {
      house.seal(100 + seal);
      const portions = await Promise.all(range(1, readers).map(() => drain(tail, 99 + seal)));
      for (const { seqs } of portions) expect(seqs).toEqual([100 + seal]);
    }
    expect(reads() - before).toBe(10);
  });

  test('whoever comes from far behind reads all of it, and then shares', async () => {
    const { house, reads } = countedHouse();
    house.seal(5_000);
    using tail = new SharedTail(house);
    expect((await drain(tail, 0)).seqs).toEqual(range(1, 5_000));
    house.seal(5_001);
    const before = reads();
    await Promise.all([drain(tail, 5_000), drain(tail, 5_000)]);
    expect(reads() - before).toBe(1);
  });

  test('a reader of one type comes past what it does not want', async () => {
    const { house } = countedHouse();
    house.types.set(700, 'probe.recovered');
    house.types.set(701, 'probes.of_another_kind');
    house.seal(1_000);
    using tail = new SharedTail(house);
    expect(await drain(tail, 600, 'probe.recovered')).toEqual({ seqs: [700], at: 1_000 });
  });

  test('a body that was redacted is not told from here either', async () => {
    const { house } = countedHouse();
    using tail = new SharedTail(house);
    house.seal(2);
    expect((await tail.after(0, undefined)).events[1]?.payload).not.toEqual({});
    const { events } = house;
    house.events = async (query) =>
      (await events(query)).map((event) =>
        event.seq === 3 ? { ...event, type: 'kora.event.redacted', payload: { seq: 2 } } : event,
      );
    house.seal(3);
    await tail.after(2, undefined);
    expect((await tail.after(1, undefined)).events[0]).toMatchObject({ seq: 2, payload: {}, redacted: true });
  });

  test('whatever is sealed while whoever reads, each reader gets each event once and in order', async () => {
    const step = fc.record({
      seal: fc.nat({ max: 900 }),
      reader: fc.nat({ max: 3 }),
      turns: fc.nat({ max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30 }),
        fc.array(fc.nat({ max: 50 }), { minLength: 4, maxLength: 4 }),
        async (steps, starts) => {
          const { house } = countedHouse();
          let head = 50;
          house.seal(head);
          using tail = new SharedTail(house);
          const got: number[][] = starts.map(() => []);
          const at = [...starts];
          const turn: Promise<void>[] = starts.map(() => Promise.resolve());
          const read = (reader: number): void => {
            turn[reader] = (turn[reader] ?? Promise.resolve()).then(async () => {
              const { events, through } = await tail.after(at[reader] ?? 0, undefined);
              got[reader]?.push(...events.map(({ seq }) => seq));
              at[reader] = through;
            });
          };
          for (const { seal, reader, turns } of steps) {
            house.seal((head += seal));
            read(reader);
            for (let pause = 0; pause < turns; pause += 1)
              await new Promise((resolve) => setImmediate(resolve));
          }
          await Promise.all(turn);
          for (const [reader, start] of starts.entries()) {
            got[reader]?.push(...(await drain(tail, at[reader] ?? 0)).seqs);
            expect(got[reader]).toEqual(range(start + 1, head));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
