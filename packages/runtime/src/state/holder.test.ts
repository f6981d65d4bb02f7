import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { causeTable, derive, movesFrom, validNextStates } from './index.ts';
import type { Cause, Transition } from './index.ts';
import { aHold, aView, counting, heldHouse, typesOf } from './testing/house.ts';
import type { HeldHouse } from './testing/house.ts';

const passed = { detail: { boot_id: 1, elapsed_ms: 5 } };
const failed = { detail: { gate_id: 'g', detail: 'no' } };
const numbersOf = (recorded: HeldHouse['recorded']): unknown[] =>
  recorded.map(([generic]) => generic?.payload['n']);

test('a change is one numbered transition with what was before and after', async () => {
  const { holder, recorded } = heldHouse();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('check.failed', { failing: new Set(['substrate', 'auth']) }, { note: 'disk' });
  expect(recorded[1]).toEqual([
    {
      type: 'kora.operational_state.transitioned',
      payload: {
        from_primary_state: 'ready',
        to_primary_state: 'ready',
        claim_permission: 'critical_only',
        degradation_reasons: ['auth', 'substrate'],
        trigger: 'check failed',
        cause: 'check.failed',
        runtime_id: 'r1',
        n: 2,
        note: 'disk',
      },
    },
  ]);
});

test('without a change nothing is recorded and nobody is told', async () => {
  const { holder, recorded } = heldHouse();
  const told: Transition[] = [];
  holder.listen('test', (transition) => told.push(transition));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('claim.acquired', { liveClaims: 1 });
  await holder.transition('claim.acquired', { liveClaims: 2 });
  await holder.transition('boot.passed', { boot: 'passed' });
  expect(numbersOf(recorded)).toEqual([1, 2]);
  expect(told.map(({ n }) => n)).toEqual([1, 2]);
});

test('kora.boot.ready is raised on the edge from booting to ready, with its particulars', async () => {
  const { holder, recorded } = heldHouse();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(recorded[0]?.[1]).toEqual({ type: 'kora.boot.ready', payload: { boot_id: 1, elapsed_ms: 5 } });
});

test('a boot that passes under a hold raises no kora.boot.ready', async () => {
  const { holder, recorded } = heldHouse();
  await holder.transition('hold.added', { holds: [aHold('operator')] });
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(typesOf(recorded).flat()).not.toContain('kora.boot.ready');
});

test('a kill is no failed boot, and raises nothing that says so', async () => {
  const { holder, recorded } = heldHouse();
  await holder.transition('stop.kill', { killed: true, stopLevel: 4 }, { detail: { level: 4 } });
  expect(typesOf(recorded)).toEqual([['kora.operational_state.transitioned']]);
  expect(holder.stoppedBy).toMatchObject({ cause: 'stop.kill', trigger: 'STOP-KORA L4/L5' });
});

test('two forged notes that name another cause change nothing (defect 8)', async () => {
  const honest = heldHouse();
  const forged = heldHouse();
  for (const [{ holder }, notes] of [
    [honest, [undefined, undefined]],
    [forged, ['all §9.2 gates pass; kora.boot.ready', 'cost 100%: kora.paused.cost_limit']],
  ] as const) {
    const [first, second] = notes.map((note) => (note === undefined ? {} : { note }));
    await holder.transition('hold.added', { holds: [aHold('operator')] }, first);
    await holder.transition('boot.passed', { boot: 'passed' }, { ...passed, ...second });
  }
  expect(forged.holder.state).toEqual(honest.holder.state);
  expect(forged.holder.inputs).toEqual(honest.holder.inputs);
  const bare = (all: HeldHouse['recorded']): unknown =>
    all.map((drafts) => drafts.map(({ type, payload }) => ({ type, ...payload, note: null })));
  expect(bare(forged.recorded)).toEqual(bare(honest.recorded));
  expect(typesOf(forged.recorded).flat()).toEqual(['kora.operational_state.transitioned']);
});

test('finishing work under a hold does not un-pause (defect 4)', async () => {
  const { holder } = heldHouse();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('claim.acquired', { liveClaims: 1 });
  await holder.transition('hold.added', { holds: [aHold('operator')] });
  await holder.transition('claim.released', { liveClaims: 0 });
  expect(holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
});

test('stopped is the end: nothing that is said afterwards changes it (defect 40)', async () => {
  const { holder, recorded, clock } = heldHouse();
  await holder.transition('boot.failed', { boot: 'failed' }, failed);
  const { inputs, since } = holder;
  await clock.advance(1_000);
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('check.failed', { failing: new Set(['auth']) });
  await holder.transition('stop.kill', { killed: true });
  await holder.observe(aView([aHold('operator')]));
  expect(holder.state).toEqual({ primaryState: 'stopped', claimPermission: 'none', degradationReasons: [] });
  expect({ inputs: holder.inputs, since: holder.since }).toEqual({ inputs, since });
  expect(recorded).toHaveLength(1);
  expect(holder.history).toHaveLength(1);
  expect(validNextStates(holder.inputs)).toEqual([]);
});

test('what stopped a process is the cause that did, whatever was said before and after (defect 28)', async () => {
  const { holder } = heldHouse();
  await holder.transition('check.failed', { failing: new Set(['auth']) });
  expect(holder.stoppedBy).toBeUndefined();
  await holder.transition('boot.failed', { boot: 'failed' }, failed);
  await holder.transition('check.recovered', { failing: new Set() });
  expect(holder.stoppedBy).toMatchObject({
    cause: 'boot.failed',
    trigger: 'invariant gate failure, or retry budget exhausted',
  });
});

test.each<[string, 'running' | 'passed', number]>([
  ['booting', 'running', 0],
  ['ready', 'passed', 0],
  ['active', 'passed', 1],
])(
  'a pause while %s works, and leaves a hold that somebody owns (defect 35)',
  async (_, boot, liveClaims) => {
    const { holder } = heldHouse();
    if (boot === 'passed') await holder.transition('boot.passed', { boot }, passed);
    if (liveClaims > 0) await holder.transition('claim.acquired', { liveClaims });
    await holder.observe(aView([aHold('operator', 3, { owner: 'ada', reason: 'lunch' })]));
    if (boot === 'running') await holder.transition('boot.passed', { boot: 'passed' }, passed);
    expect(holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
    expect(holder.inputs.holds).toMatchObject([{ cause: 'operator', owner: 'ada', reason: 'lunch' }]);
  },
);

test('a listener that throws is told of, and neither the state nor the others mind', async () => {
  const { holder, recorded, errors } = heldHouse();
  const told: number[] = [];
  holder.listen('bad', () => {
    throw new Error('broke');
  });
  holder.listen('good', ({ n }) => told.push(n));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(errors).toEqual(['state listener bad: Error: broke']);
  expect(told).toEqual([1]);
  expect(recorded).toHaveLength(1);
  expect(holder.state.primaryState).toBe('ready');
});

test('a second listener under a name replaces the first: registered twice it is told once (defect 20)', async () => {
  const { holder } = heldHouse();
  const told: string[] = [];
  holder.listen('one', () => told.push('first'));
  holder.listen('one', () => told.push('second'));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(told).toEqual(['second']);
});

test('a listener that changes the state again comes after: everybody sees, and the chain gets, the order of n (defect 21)', async () => {
  const { holder, recorded } = heldHouse();
  const seen: string[] = [];
  holder.listen('first', ({ n }) => {
    seen.push(`first ${n}`);
    if (n === 1) void holder.transition('claim.acquired', { liveClaims: 1 });
  });
  holder.listen('second', ({ n }) => seen.push(`second ${n}`));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('claim.released', { liveClaims: 0 });
  expect(seen).toEqual(['first 1', 'second 1', 'first 2', 'second 2', 'first 3', 'second 3']);
  expect(numbersOf(recorded)).toEqual([1, 2, 3]);
});

test('a transition that cannot be recorded is loud; the state has changed, and later ones are recorded', async () => {
  const away = new Error('the store is away');
  let failures = 1;
  const { holder, recorded } = heldHouse(() => {
    failures -= 1;
    return failures < 0 ? Promise.resolve() : Promise.reject(away);
  });
  const failed = await holder
    .transition('boot.passed', { boot: 'passed' }, passed)
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({
    name: 'OperationalStateEmitError',
    code: 'KORA_STATE_EMIT',
    eventType: 'kora.operational_state.transitioned',
    cause: away,
  });
  expect(holder.state.primaryState).toBe('ready');
  await holder.transition('claim.acquired', { liveClaims: 1 });
  expect(numbersOf(recorded)).toEqual([2]);
});

test('events land in the order of n, however long each takes to record (defect 21)', async () => {
  const clock = new FakeClock();
  const waits = [30, 1, 20, 2];
  const { holder, recorded } = heldHouse(async () => void (await clock.sleep(waits.shift() ?? 0)));
  const all = [
    holder.transition('boot.passed', { boot: 'passed' }, passed),
    holder.transition('claim.acquired', { liveClaims: 1 }),
    holder.transition('hold.added', { holds: [aHold('operator')] }),
    holder.transition('hold.cleared', { holds: [] }),
  ];
  await clock.advance(100);
  await Promise.all(all);
  expect(numbersOf(recorded)).toEqual([1, 2, 3, 4]);
});

test('since is when the primary state began, not when a reason came', async () => {
  const { holder, clock } = heldHouse();
  await clock.advance(1_000);
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await clock.advance(1_000);
  await holder.transition('check.failed', { failing: new Set(['auth']) });
  expect(holder.since).toBe('2026-01-01T00:00:01.000Z');
});

test('the history keeps the latest 200', async () => {
  const { holder } = heldHouse();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  for (let n = 0; n < 150; n += 1) {
    await holder.transition('claim.acquired', { liveClaims: 1 });
    await holder.transition('claim.released', { liveClaims: 0 });
  }
  expect(holder.history).toHaveLength(200);
  expect(holder.history.at(-1)?.n).toBe(301);
});

test('numbers go on where the process before left them, with gaps', async () => {
  const { holder, recorded } = heldHouse(undefined, counting(7_000));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('claim.acquired', { liveClaims: 1 });
  expect(numbersOf(recorded)).toEqual([7_001, 7_002]);
});

/** What the extra event of a cause has to say; nothing for those that have none. */
function particularsOf(cause: Cause): object | undefined {
  if (cause === 'boot.passed') return { boot_id: 1, elapsed_ms: 2 };
  if (cause === 'boot.failed') return { gate_id: '10_smoke', detail: 'no' };
  if (cause === 'dr.mismatch') return { hold_id: 1, hold_cause: 'dr', observed_epoch: 2, known_epoch: 1 };
  return cause === 'cost.limit' ? { hold_id: 1, hold_cause: 'cost', spent_usd: 1, pool_usd: 1 } : undefined;
}

test('particulars that do not fit cost the extra event, never the transition', async () => {
  const { holder, recorded } = heldHouse();
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 'one' } as never });
  expect(typesOf(recorded)).toEqual([['kora.operational_state.transitioned']]);
});

test('law: whatever happens in whatever order, state, history and events agree with a plain model', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(1_000), { maxLength: 40 }), async (picks) => {
      const { holder, recorded, errors } = heldHouse();
      let { inputs } = holder;
      let n = 0;
      for (const pick of picks) {
        const from = derive(inputs);
        const moves = movesFrom(inputs);
        const move = moves[pick % moves.length];
        if (move === undefined) continue;
        const { cause, to: wanted } = move;
        if (from.primaryState !== 'stopped') inputs = wanted;
        const to = derive(inputs);
        const detail = particularsOf(cause);
        await holder.transition(cause, wanted, (detail === undefined ? {} : { detail }) as never);
        expect(holder.state).toEqual(to);
        if (JSON.stringify(from) === JSON.stringify(to)) continue;
        n += 1;
        const { extra } = causeTable[cause];
        const onEdge =
          extra !== undefined &&
          from.primaryState !== to.primaryState &&
          [from.primaryState, 'any'].includes(extra.from) &&
          extra.to === to.primaryState;
        expect(typesOf(recorded).at(-1)).toEqual([
          'kora.operational_state.transitioned',
          ...(onEdge ? [extra.type] : []),
        ]);
      }
      expect(numbersOf(recorded)).toEqual(Array.from({ length: n }, (_, at) => at + 1));
      expect(errors).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
