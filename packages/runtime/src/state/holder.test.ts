import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { FakeClock } from '../clock/index.ts';
import { causeTable, degradationReasons, derive, OperationalStateHolder } from './index.ts';
import type { Cause, Hold, HoldCause, StateInputs, Transition } from './index.ts';

interface House {
  readonly holder: OperationalStateHolder;
  readonly clock: FakeClock;
  /** One entry a transition, in the order they were recorded. */
  readonly recorded: (readonly EventDraft[])[];
  readonly errors: string[];
}

type Recorder = (drafts: readonly EventDraft[]) => Promise<void>;

function house(record: Recorder = () => Promise.resolve()): House {
  const clock = new FakeClock();
  const recorded: (readonly EventDraft[])[] = [];
  const errors: string[] = [];
  const holder = new OperationalStateHolder({
    clock,
    runtimeId: 'r1',
    numbers: counting(),
    record: async (drafts) => {
      await record(drafts);
      recorded.push(drafts);
    },
    onError: (where, error) => errors.push(`${where}: ${String(error)}`),
  });
  return { holder, clock, recorded, errors };
}

/** Numbers as a home gives them. */
function counting(): { next(): number } {
  let n = 0;
  return { next: () => (n += 1) };
}

const passed = { detail: { boot_id: 1, elapsed_ms: 5 } };
const aHold: Hold = { holdId: 1, cause: 'operator', owner: 'ada', reason: 'x', since: '', expiresAt: null };
const typesOf = (recorded: House['recorded']): string[][] =>
  recorded.map((drafts) => drafts.map(({ type }) => type));
const numbersOf = (recorded: House['recorded']): unknown[] =>
  recorded.map(([generic]) => generic?.payload['n']);

test('a change is one numbered transition with what was before and after', async () => {
  const { holder, recorded } = house();
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
  const { holder, recorded } = house();
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
  const { holder, recorded } = house();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(recorded[0]?.[1]).toEqual({ type: 'kora.boot.ready', payload: { boot_id: 1, elapsed_ms: 5 } });
});

test('a boot that passes under a hold raises no kora.boot.ready', async () => {
  const { holder, recorded } = house();
  await holder.transition('hold.added', { holds: [aHold] });
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(typesOf(recorded).flat()).not.toContain('kora.boot.ready');
});

test('kora.boot.failed is raised by a boot that fails, and by no other stop', async () => {
  const failing = house();
  await failing.holder.transition(
    'boot.failed',
    { boot: 'failed' },
    { detail: { gate_id: 'g', detail: 'no' } },
  );
  expect(typesOf(failing.recorded)).toEqual([['kora.operational_state.transitioned', 'kora.boot.failed']]);
  const killed = house();
  await killed.holder.transition('claim.released', { killed: true });
  expect(typesOf(killed.recorded)).toEqual([['kora.operational_state.transitioned']]);
});

test('a note that names another cause changes nothing', async () => {
  const { holder, recorded } = house();
  await holder.transition('hold.added', { holds: [aHold] }, { note: 'all §9.2 gates pass; kora.boot.ready' });
  await holder.transition('boot.passed', { boot: 'passed' }, { note: 'cost 100%' });
  expect(typesOf(recorded).flat()).toEqual(['kora.operational_state.transitioned']);
});

test('finishing work under a hold does not un-pause', async () => {
  const { holder } = house();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('claim.acquired', { liveClaims: 1 });
  await holder.transition('hold.added', { holds: [aHold] });
  await holder.transition('claim.released', { liveClaims: 0 });
  expect(holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
});

test('stopped is the end: nothing that is said afterwards changes it', async () => {
  const { holder, recorded } = house();
  await holder.transition('boot.failed', { boot: 'failed' }, { detail: { gate_id: 'g', detail: 'no' } });
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await holder.transition('check.failed', { failing: new Set(['auth']) });
  expect(holder.state).toEqual({ primaryState: 'stopped', claimPermission: 'none', degradationReasons: [] });
  expect(recorded).toHaveLength(1);
});

test('a listener that throws is told of, and neither the state nor the others mind', async () => {
  const { holder, recorded, errors } = house();
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

test('a second listener under a name replaces the first', async () => {
  const { holder } = house();
  const told: string[] = [];
  holder.listen('one', () => told.push('first'));
  holder.listen('one', () => told.push('second'));
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  expect(told).toEqual(['second']);
});

test('a listener that changes the state again comes after: everybody sees, and the chain gets, the order of n', async () => {
  const { holder, recorded } = house();
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
  const { holder, recorded } = house(() => {
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

test('events land in the order of n, however long each takes to record', async () => {
  const clock = new FakeClock();
  const waits = [30, 1, 20, 2];
  const { holder, recorded } = house(async () => void (await clock.sleep(waits.shift() ?? 0)));
  const all = [
    holder.transition('boot.passed', { boot: 'passed' }, passed),
    holder.transition('claim.acquired', { liveClaims: 1 }),
    holder.transition('hold.added', { holds: [aHold] }),
    holder.transition('hold.cleared', { holds: [] }),
  ];
  await clock.advance(100);
  await Promise.all(all);
  expect(numbersOf(recorded)).toEqual([1, 2, 3, 4]);
});

test('since is when the primary state began, not when a reason came', async () => {
  const { holder, clock } = house();
  await clock.advance(1_000);
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  await clock.advance(1_000);
  await holder.transition('check.failed', { failing: new Set(['auth']) });
  expect(holder.since).toBe('2026-01-01T00:00:01.000Z');
});

test('the history keeps the latest 200', async () => {
  const { holder } = house();
  await holder.transition('boot.passed', { boot: 'passed' }, passed);
  for (let n = 0; n < 300; n += 1) await holder.transition('claim.acquired', { liveClaims: (n + 1) % 2 });
  expect(holder.history).toHaveLength(200);
  expect(holder.history.at(-1)?.n).toBe(301);
});

const change: fc.Arbitrary<Partial<StateInputs>> = fc.record(
  {
    boot: fc.constantFrom('running', 'passed', 'failed'),
    holds: fc.array(
      fc.constantFrom<HoldCause>('operator', 'cost', 'dr', 'chain').map((cause) => ({ ...aHold, cause })),
    ),
    stopLevel: fc.constantFrom(0, 0, 1, 5),
    killed: fc.constantFrom(false, false, false, true),
    liveClaims: fc.nat(2),
    failing: fc.uniqueArray(fc.constantFrom(...degradationReasons), { maxLength: 2 }).map((r) => new Set(r)),
  },
  { requiredKeys: [] },
);
const causes = Object.keys(causeTable) as Cause[];

/** What the extra event of a cause has to say; nothing for those that have none. */
function particularsOf(cause: Cause): Readonly<Record<string, unknown>> {
  if (cause === 'boot.passed') return { boot_id: 1, elapsed_ms: 2 };
  return cause === 'boot.failed' ? { gate_id: '10_smoke', detail: 'no' } : {};
}

test('particulars that do not fit cost the extra event, never the transition', async () => {
  const { holder, recorded } = house();
  await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 'one' } as never });
  expect(typesOf(recorded)).toEqual([['kora.operational_state.transitioned']]);
});

test('law: whatever is said in whatever order, state, history and events agree with a plain model', async () => {
  const said = fc.tuple(fc.constantFrom(...causes), change);
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 30 }), async (steps) => {
      const { holder, recorded } = house();
      let inputs: StateInputs = holder.inputs;
      let n = 0;
      for (const [cause, partial] of steps) {
        const from = derive(inputs);
        if (from.primaryState !== 'stopped') inputs = { ...inputs, ...partial };
        const to = derive(inputs);
        await holder.transition(cause, partial, { detail: particularsOf(cause) as never });
        expect(holder.state).toEqual(to);
        if (JSON.stringify(from) === JSON.stringify(to)) continue;
        n += 1;
        const { extra } = causeTable[cause];
        const onEdge =
          extra !== undefined && extra.from === from.primaryState && extra.to === to.primaryState;
        expect(typesOf(recorded).at(-1)).toEqual([
          'kora.operational_state.transitioned',
          ...(onEdge ? [extra.type] : []),
        ]);
      }
      expect(numbersOf(recorded)).toEqual(Array.from({ length: n }, (_, at) => at + 1));
    }),
    { numRuns: 200 },
  );
});
