import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { FakeClock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { Snapshot, SnapshotSection } from './contract.ts';
import { Snapshots } from './snapshots.ts';
import { sampleSections } from './testing/whole.ts';

const counting = (name: string, read: () => Promise<object> | object): SnapshotSection => ({
  name,
  schema: z.object({ n: z.number() }),
  read,
});

interface Bench {
  readonly clock: FakeClock;
  readonly snapshots: Snapshots;
  readonly kept: Snapshot[];
  readonly errors: string[];
  /** Set, the store does not take them. */
  refuse: Error | undefined;
}

function bench(sections: readonly SnapshotSection[]): Bench {
  const clock = new FakeClock();
  const kept: Snapshot[] = [];
  const errors: string[] = [];
  const at: Bench = {
    clock,
    kept,
    errors,
    refuse: undefined,
    snapshots: new Snapshots({
      clock,
      runtimeId: 'r1',
      sections,
      keep: (snapshot) => {
        if (at.refuse !== undefined) return Promise.reject(at.refuse);
        kept.push(snapshot);
        return Promise.resolve();
      },
      onError: (where) => errors.push(where),
    }),
  };
  return at;
}

describe('a section', () => {
  it('that throws, answers nonsense or hangs is unknown, and no other is; it is told once', async () => {
    let isBroken = true;
    const { snapshots, errors, clock } = bench([
      counting('good', () => ({ n: 1 })),
      counting('thrown', () => (isBroken ? Promise.reject(fault('KORA_INTERNAL', 'no')) : { n: 2 })),
      counting('nonsense', () => ({ n: 'seven' })),
      counting('hanging', () => new Promise(() => undefined)),
    ]);
    const take = async (): Promise<Snapshot> => {
      const taking = snapshots.take();
      await clock.advance(3_000);
      return taking;
    };
    expect(await take()).toMatchObject({
      good: { n: 1 },
      thrown: 'unknown',
      nonsense: 'unknown',
      hanging: 'unknown',
    });
    snapshots.changed();
    await take();
    expect(errors.toSorted()).toEqual(['snapshot hanging', 'snapshot nonsense', 'snapshot thrown']);
    isBroken = false;
    snapshots.changed();
    expect(await take()).toMatchObject({ thrown: { n: 2 } });
  });

  it('of a store that is away is unknown without a word', async () => {
    const away = fault('KORA_STORE_UNREACHABLE', 'gone');
    const { snapshots, errors } = bench([counting('rows', () => Promise.reject(away))]);
    expect([await snapshots.take(), errors]).toMatchObject([{ rows: 'unknown' }, []]);
  });

  it.each(['computed_at', 'Rows', 'rows'])('cannot be called %s beside another of its name', (name) => {
    const twice = [counting('rows', () => ({ n: 1 })), counting(name, () => ({ n: 1 }))];
    expect(() => bench(twice)).toThrow(expect.objectContaining({ code: 'KORA_INTERNAL' }));
  });
});

describe('who asks', () => {
  const counted = () => {
    let n = 0;
    return bench([counting('count', () => ({ n: (n += 1) }))]);
  };

  it('is shown what was read within the last seconds, and nothing older', async () => {
    const { snapshots, clock } = counted();
    expect(await snapshots.forAsk()).toMatchObject({ count: { n: 1 } });
    await clock.advance(9_999);
    expect(await snapshots.forAsk()).toMatchObject({ count: { n: 1 } });
    await clock.advance(1);
    expect(await snapshots.forAsk()).toMatchObject({ count: { n: 2 } });
  });

  it('is shown what a person has just changed', async () => {
    const { snapshots } = counted();
    await snapshots.forAsk();
    snapshots.changed();
    expect(await snapshots.forAsk()).toMatchObject({ count: { n: 2 } });
  });

  it('shares one look with all who ask at once, unless something changed after it began', async () => {
    let n = 0;
    let goOn = (): void => undefined;
    const { snapshots } = bench([
      counting('count', async () => {
        const mine = (n += 1);
        if (mine === 1) await new Promise<void>((done) => (goOn = done));
        return { n: mine };
      }),
    ]);
    const [one, two] = [snapshots.forAsk(), snapshots.forAsk()];
    await expect.poll(() => n).toBe(1);
    snapshots.changed();
    const after = snapshots.forAsk();
    goOn();
    expect(await Promise.all([one, two, after])).toMatchObject([
      { count: { n: 1 } },
      { count: { n: expect.any(Number) } },
      { count: { n: 2 } },
    ]);
    expect(n).toBe(2);
  });

  it.each([
    [0, true],
    [600_000, true],
    [600_001, false],
    [-1, false],
  ])('of one that is %i ms old gets it: %s', async (ageMs, isFresh) => {
    const { snapshots, clock } = counted();
    const taken = await snapshots.take();
    const at = Date.parse(taken.computed_at) + ageMs;
    expect(snapshots.fresh(at) === null).toBe(!isFresh);
    expect(snapshots.fresh(clock.now())).toBe(taken);
  });
});

it('is written down by the task; where the store is away, it is there all the same', async () => {
  const at = bench([counting('count', () => ({ n: 1 }))]);
  await at.snapshots.record(AbortSignal.abort());
  expect(at.kept).toEqual([]);
  await at.snapshots.record();
  expect(at.kept).toEqual([at.snapshots.latest]);
  at.refuse = fault('KORA_STORE_UNREACHABLE', 'gone');
  await at.snapshots.record();
  expect(at.errors).toEqual([]);
  at.refuse = fault('KORA_INTERNAL', 'a bug');
  await at.snapshots.record();
  expect(at.errors).toEqual(['snapshot']);
});

it('says which placeholders there are, from what the sections say they are', () => {
  const { snapshots } = bench(sampleSections());
  expect([...snapshots.paths]).toEqual(
    expect.arrayContaining([
      'snapshot.computed_at',
      'snapshot.cost_ladder.rung',
      'snapshot.alerts.by_severity.critical',
      'snapshot.alerts.by_category.*',
      'snapshot.service_health.said.*',
      'snapshot.tickets.as_of',
    ]),
  );
  expect([...snapshots.paths].filter((path) => path.endsWith('.alerts'))).toEqual([]);
});
