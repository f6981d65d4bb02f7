import fc from 'fast-check';
import { expect, test } from 'vitest';
import { codeOf } from '../store/index.ts';
import {
  barredNextStates,
  causeTable,
  derive,
  movesFrom,
  primaryStates,
  startInputs,
  validNextStates,
} from './index.ts';
import type { Cause, OperationalStateHolder, PrimaryState, StateInputs } from './index.ts';
import { aHold, heldHouse, inputsCount, inputsOf, typesOf } from './testing/house.ts';

const causes = Object.keys(causeTable) as Cause[];

const anyInputs = fc.nat(inputsCount - 1).map(inputsOf);

/** DOMAIN's table once more, by hand: who raises what, what it says, and the event that comes with it. */
test.each<[Cause, string, string, string | undefined]>([
  ['boot.passed', 'boot', 'all §9.2 gates pass', 'booting ready kora.boot.ready'],
  ['boot.retrying', 'boot', 'transient gate failure', undefined],
  [
    'boot.failed',
    'boot',
    'invariant gate failure, or retry budget exhausted',
    'booting stopped kora.boot.failed',
  ],
  ['dr.mismatch', 'boot', 'gate 3b epoch mismatch', 'any paused kora.dr.observed'],
  ['claim.acquired', 'worker', 'claim acquired', undefined],
  ['claim.released', 'worker', 'claim released', undefined],
  ['claim.lease_lost', 'worker', 'claim released', undefined],
  ['hold.added', 'operator', 'hold added', undefined],
  ['hold.cleared', 'operator', 'operator clears via control reset', undefined],
  ['stop.issued', 'control', 'STOP-KORA', undefined],
  ['stop.reset', 'control', 'operator clears via control reset', undefined],
  ['stop.kill', 'control', 'STOP-KORA L4/L5', undefined],
  ['cost.limit', 'spend', 'cost 100%', 'any paused kora.paused.cost_limit'],
  ['cost.refreshed', 'spend', 'monthly credit refresh confirmed', undefined],
  ['check.failed', 'chain', 'check failed', undefined],
  ['check.recovered', 'chain', 'check recovered', undefined],
])('%s is raised by %s and says "%s"', (cause, role, trigger, extra) => {
  const row = causeTable[cause];
  expect(row.role).toBe(role);
  expect(row.trigger(undefined)).toBe(trigger);
  expect(row.extra && `${row.extra.from} ${row.extra.to} ${row.extra.type}`).toBe(extra);
});

test('the table has these causes and no others', () => {
  expect(causes).toHaveLength(16);
});

const up: StateInputs = { ...startInputs, boot: 'passed' };
const held = (...holds: StateInputs['holds']): StateInputs => ({ ...up, holds });
const operator = aHold('operator', 1);
const cost = aHold('cost', 2);

/** What a cause may do, and what it must not: a change per line. */
test.each<[Cause, StateInputs, Partial<StateInputs>, boolean]>([
  ['boot.passed', startInputs, { boot: 'passed' }, true],
  [
    'boot.passed',
    { ...startInputs, failing: new Set(['auth']) },
    { boot: 'passed', failing: new Set() },
    true,
  ],
  ['boot.passed', startInputs, { boot: 'failed' }, false],
  ['boot.passed', { ...startInputs, holds: [operator] }, { boot: 'passed', holds: [] }, false],
  ['boot.passed', startInputs, { boot: 'passed', failing: new Set(['auth']) }, false],
  ['boot.retrying', startInputs, { failing: new Set(['dispatch']) }, true],
  ['boot.retrying', { ...startInputs, failing: new Set(['auth']) }, { failing: new Set() }, false],
  ['boot.retrying', up, { boot: 'running' }, true],
  ['boot.failed', startInputs, { boot: 'failed' }, true],
  ['boot.failed', up, { boot: 'failed' }, false],
  ['dr.mismatch', up, { holds: [aHold('dr')] }, true],
  ['dr.mismatch', up, { holds: [operator] }, false],
  ['dr.mismatch', held(operator), { holds: [aHold('dr', 9)] }, false],
  ['cost.limit', up, { holds: [cost] }, true],
  ['cost.limit', up, { holds: [operator] }, false],
  ['cost.limit', up, { holds: [cost], stopLevel: 1 }, false],
  ['claim.acquired', up, { liveClaims: 1 }, true],
  ['claim.acquired', { ...up, liveClaims: 2 }, { liveClaims: 1 }, false],
  ['claim.acquired', held(operator), { liveClaims: 1, holds: [] }, false],
  ['claim.released', { ...up, liveClaims: 2 }, { liveClaims: 0 }, true],
  ['claim.released', up, { liveClaims: 1 }, false],
  ['claim.released', { ...held(operator), liveClaims: 1 }, { liveClaims: 0, holds: [] }, false],
  ['claim.lease_lost', { ...up, liveClaims: 1 }, { liveClaims: 0 }, true],
  ['claim.lease_lost', { ...up, liveClaims: 1 }, { liveClaims: -1 }, false],
  ['hold.added', up, { holds: [operator] }, true],
  ['hold.added', up, { holds: [cost] }, false],
  ['hold.added', held(operator), { holds: [] }, false],
  ['hold.cleared', held(operator, cost), { holds: [cost] }, true],
  ['hold.cleared', held(operator), { holds: [cost] }, false],
  ['hold.cleared', held(operator), { holds: [aHold('chain', 1)] }, false],
  ['claim.acquired', held(cost), { liveClaims: 1, holds: [aHold('operator', 2)] }, false],
  ['hold.cleared', { ...held(operator), stopLevel: 2 }, { holds: [], stopLevel: 0 }, false],
  ['cost.refreshed', held(operator, cost), { holds: [operator] }, true],
  ['cost.refreshed', held(operator, cost), { holds: [] }, false],
  ['stop.issued', up, { stopLevel: 3 }, true],
  ['stop.issued', { ...up, stopLevel: 3 }, { stopLevel: 1 }, false],
  ['stop.issued', up, { stopLevel: 6 }, false],
  ['stop.reset', { ...up, stopLevel: 3 }, { stopLevel: 0 }, true],
  ['stop.reset', { ...up, stopLevel: 1 }, { stopLevel: 3 }, false],
  ['stop.reset', { ...held(cost), stopLevel: 1 }, { stopLevel: 0, holds: [] }, false],
  ['stop.reset', { ...up, failing: new Set(['retry_ceiling']) }, { failing: new Set() }, true],
  ['stop.reset', { ...up, failing: new Set(['auth']) }, { failing: new Set() }, false],
  ['stop.kill', up, { killed: true, stopLevel: 4 }, true],
  ['stop.kill', up, { stopLevel: 4 }, false],
  ['stop.kill', { ...up, stopLevel: 5 }, { killed: true, stopLevel: 4 }, false],
  ['check.failed', up, { failing: new Set(['substrate']) }, true],
  ['check.failed', up, { boot: 'running' }, false],
  ['check.recovered', { ...up, failing: new Set(['substrate']) }, { failing: new Set() }, true],
  ['check.recovered', up, { failing: new Set(['substrate']) }, false],
])('guard: %s, line %#', async (cause, from, change, isAllowed) => {
  const { holder } = heldHouse();
  await reach(holder, from);
  const before = holder.inputs;
  const said = await holder.transition(cause, change).then(
    () => 'taken',
    (error: unknown) => codeOf(error),
  );
  expect(said).toBe(isAllowed ? 'taken' : 'KORA_STATE_CAUSE');
  expect(holder.inputs).toEqual(isAllowed ? { ...before, ...change } : before);
});

test('a resume of one owner, of one cause, cannot clear what another owner holds (defect 5)', async () => {
  const { holder } = heldHouse();
  await reach(holder, held(operator, cost));
  for (const cause of [
    'stop.reset',
    'claim.released',
    'boot.passed',
    'check.recovered',
    'cost.refreshed',
  ] as const) {
    await expect(holder.transition(cause, { holds: [] })).rejects.toMatchObject({ code: 'KORA_STATE_CAUSE' });
  }
  expect(holder.state.primaryState).toBe('paused');
});

test('law: whatever cause is raised with whatever change, only what its guard allows happens', async () => {
  await fc.assert(
    fc.asyncProperty(anyInputs, fc.constantFrom(...causes), anyInputs, async (from, cause, to) => {
      const { holder, recorded } = heldHouse();
      await reach(holder, { ...from, killed: false, boot: from.boot === 'failed' ? 'passed' : from.boot });
      const before = holder.inputs;
      const told = recorded.length;
      const isTaken = await holder.transition(cause, to).then(
        () => true,
        () => false,
      );
      expect(holder.inputs).toEqual(isTaken ? to : before);
      expect(recorded.length - told).toBeLessThanOrEqual(isTaken ? 1 : 0);
    }),
  );
});

test.each<[Cause, object, PrimaryState[]]>([
  ['boot.passed', { boot_id: 1, elapsed_ms: 2 }, ['booting']],
  ['boot.failed', { gate_id: '10_smoke', detail: 'no' }, ['booting']],
  [
    'dr.mismatch',
    { hold_id: 1, hold_cause: 'dr', observed_epoch: 2, known_epoch: 1 },
    ['booting', 'ready', 'active'],
  ],
  ['cost.limit', { hold_id: 1, hold_cause: 'cost', spent_usd: 200, pool_usd: 200 }, ['ready', 'active']],
])('%s raises its event on its edge, with its particulars, and on no other', async (cause, detail, from) => {
  const raisedFrom = new Set<PrimaryState>();
  for (const start of reachable()) {
    for (const { to } of movesFrom(start).filter((move) => move.cause === cause)) {
      const { holder, recorded } = heldHouse();
      await reach(holder, start);
      const before = holder.state.primaryState;
      recorded.length = 0;
      await holder.transition(cause, to, { detail: detail as never });
      const extra = typesOf(recorded).flat().slice(1);
      if (extra.length > 0) raisedFrom.add(before);
      const row = causeTable[cause].extra;
      const isEdge =
        row !== undefined &&
        before !== holder.state.primaryState &&
        holder.state.primaryState === row.to &&
        (row.from === 'any' || row.from === before);
      expect(extra).toEqual(isEdge ? [row?.type] : []);
    }
  }
  expect([...raisedFrom].sort()).toEqual([...from].sort());
});

test.each([
  [
    startInputs,
    [
      'ready boot.passed',
      'paused dr.mismatch',
      'paused hold.added',
      'stopped boot.failed',
      'stopped stop.kill',
    ],
  ],
  [{ ...up, boot: 'failed' as const }, []],
  [{ ...up, killed: true }, []],
  [held(operator, cost), ['booting boot.retrying', 'ready hold.cleared', 'stopped stop.kill']],
  [{ ...held(operator), stopLevel: 2 }, ['booting boot.retrying', 'stopped stop.kill']],
  [
    { ...up, stopLevel: 2, liveClaims: 1 },
    ['booting boot.retrying', 'active stop.reset', 'stopped stop.kill'],
  ],
])('what may come next is read off the table: line %#', (inputs: StateInputs, next: string[]) => {
  expect(validNextStates(inputs).map(({ primaryState, cause }) => `${primaryState} ${cause}`)).toEqual(next);
});

test('law: every state is here, next, or barred with what is in its way', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const barred = barredNextStates(inputs);
      const named = [
        derive(inputs).primaryState,
        ...new Set(validNextStates(inputs).map(({ primaryState }) => primaryState)),
        ...barred.map(({ primaryState }) => primaryState),
      ];
      expect(named.toSorted()).toEqual([...primaryStates].toSorted());
      for (const { reason } of barred) expect(reason).not.toBe('');
    }),
  );
  const reasons = (inputs: StateInputs): string[] => barredNextStates(inputs).map(({ reason }) => reason);
  expect(reasons({ ...held(operator), stopLevel: 2 })).toEqual(
    Array.from({ length: 2 }, () => 'each of these has to be lifted: stop L2, an operator hold'),
  );
  expect(reasons({ ...up, stopLevel: 1 })).toEqual(['no ticket is held, it is ready first']);
});

test('law: what may come next names every state that a single cause then leads to', () => {
  fc.assert(
    fc.property(anyInputs, (inputs) => {
      const here = derive(inputs).primaryState;
      const named = new Set(validNextStates(inputs).map(({ primaryState }) => primaryState));
      expect(named.has(here)).toBe(false);
      const moves = here === 'stopped' ? [] : movesFrom(inputs);
      const reached = moves.map(({ to }) => derive(to).primaryState);
      expect([...named].sort()).toEqual([...new Set(reached)].filter((state) => state !== here).sort());
    }),
  );
});

/** A start from each primary state, held and free. */
function reachable(): StateInputs[] {
  return [
    startInputs,
    { ...startInputs, liveClaims: 1 },
    { ...startInputs, holds: [operator] },
    up,
    { ...up, liveClaims: 1 },
    held(operator),
    { ...up, stopLevel: 3 },
  ];
}

/** Brings a new holder to these inputs by causes that may. */
async function reach(holder: OperationalStateHolder, to: StateInputs): Promise<void> {
  const { failing, liveClaims, stopLevel } = to;
  await holder.transition('check.failed', { failing });
  if (liveClaims > 0) await holder.transition('claim.acquired', { liveClaims });
  if (stopLevel > 0) await holder.transition('stop.issued', { stopLevel });
  let holds: StateInputs['holds'] = [];
  for (const hold of to.holds) {
    holds = [...holds, hold];
    const detail = { hold_id: 1, hold_cause: hold.cause, ...hold.particulars };
    const cause = (
      { dr: 'dr.mismatch', cost: 'cost.limit', chain: 'hold.added', operator: 'hold.added' } as const
    )[hold.cause];
    await holder.transition(cause, { holds }, { detail: detail as never });
  }
  if (to.boot === 'passed') {
    await holder.transition('boot.passed', { boot: 'passed' }, { detail: { boot_id: 1, elapsed_ms: 1 } });
  }
  expect(holder.inputs).toEqual(to);
}
