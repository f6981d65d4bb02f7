import fc from 'fast-check';
import { expect, test } from 'vitest';
import { derive } from './index.ts';
import type { Cause, ControlView } from './index.ts';
import { aHold, aStop, aView, heldHouse, typesOf, viewOf, viewsCount } from './testing/house.ts';
import type { HeldHouse } from './testing/house.ts';

const passed = { detail: { boot_id: 1, elapsed_ms: 5 } };

const anyView = fc.nat(viewsCount - 1).map(viewOf);

async function booted(): Promise<HeldHouse> {
  const house = heldHouse();
  await house.holder.transition('boot.passed', { boot: 'passed' }, passed);
  house.recorded.length = 0;
  return house;
}

const saidBy = ({ recorded }: HeldHouse): unknown[] =>
  recorded.map(([generic]) => `${String(generic?.payload['cause'])}: ${String(generic?.payload['trigger'])}`);

test.each<[string, ControlView, string, string[]]>([
  ['an operator', aView([aHold('operator')]), 'hold.added: operator hold', []],
  ['the chain', aView([aHold('chain')]), 'hold.added: chain hold', []],
  ['a mismatch', aView([aHold('dr')]), 'dr.mismatch: gate 3b epoch mismatch', ['kora.dr.observed']],
  ['a spent pool', aView([aHold('cost')]), 'cost.limit: cost 100%', ['kora.paused.cost_limit']],
  ['a stop', aView([], [aStop(2)]), 'stop.issued: STOP-KORA L2', []],
  ['a kill of before', aView([], [aStop(5)]), 'stop.issued: STOP-KORA L5', []],
])('%s pauses as the cause that it is', async (_, view, said, extra) => {
  const house = await booted();
  await house.holder.observe(view);
  expect(saidBy(house)).toEqual([said]);
  expect(typesOf(house.recorded)[0]?.slice(1)).toEqual(extra);
  expect(house.holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
  expect(house.errors).toEqual([]);
});

test('an event of its own says what the hold has to say', async () => {
  const house = await booted();
  await house.holder.observe(aView([aHold('dr', 4)]));
  expect(house.recorded[0]?.[1]?.payload).toEqual({ observed_epoch: 2, known_epoch: 1 });
});

const gone = (at: number, by?: string): ControlView =>
  aView([], [], { at, ended: by === undefined ? [] : [{ holdId: 1, by }] });
const untilNoon = { expiresAt: '2026-01-01T12:00:05.000Z' };

test.each<[string, ControlView, ControlView, string]>([
  [
    'by the operator',
    aView([aHold('operator')]),
    gone(1, 'operator'),
    'hold.cleared: operator clears via control reset',
  ],
  [
    'by its owner',
    aView([aHold('operator', 1, { owner: 'mcp:desk' })]),
    gone(1, 'mcp:desk'),
    'hold.cleared: hold cleared by its owner',
  ],
  ['by its time', aView([aHold('operator', 1, untilNoon)]), gone(9), 'hold.cleared: hold expired'],
  [
    'early',
    aView([aHold('operator', 1, untilNoon)]),
    gone(2, 'operator'),
    'hold.cleared: operator clears via control reset',
  ],
  ['by new money', aView([aHold('cost')]), gone(1, 'x'), 'cost.refreshed: monthly credit refresh confirmed'],
  [
    'though it is for cost, by the operator',
    aView([aHold('cost')]),
    gone(1, 'operator'),
    'hold.cleared: operator clears via control reset',
  ],
  ['as a stop, by a reset', aView([], [aStop(3)]), gone(1), 'stop.reset: operator clears via control reset'],
  ['as a stop, by its time', aView([], [aStop(1, 1, untilNoon)]), gone(9), 'stop.reset: stop expired'],
])('what held ends %s, and the event says so', async (_, before, after, said) => {
  const house = await booted();
  await house.holder.observe(before);
  await house.holder.observe(after);
  expect(saidBy(house).slice(1)).toEqual([said]);
  expect(house.holder.state.primaryState).toBe('ready');
});

test('a pause is over when all its reasons are gone, and not before (defect 6)', async () => {
  const { holder, recorded } = await booted();
  const [operator, cost, dr] = [aHold('operator', 1), aHold('cost', 2), aHold('dr', 3)];
  const views = [
    aView([operator, cost, dr], [aStop(1)]),
    aView([operator, dr], [aStop(1)], { at: 1 }),
    aView([dr], [], { at: 2 }),
    aView([], [aStop(2, 4)], { at: 3 }),
    aView([], [], { at: 4 }),
  ];
  const seen: string[] = [];
  for (const view of views) {
    await holder.observe(view);
    seen.push(holder.state.primaryState);
  }
  expect(seen).toEqual(['paused', 'paused', 'paused', 'paused', 'ready']);
  expect(recorded).toHaveLength(2);
});

test('one hold after another, without a moment between them', async () => {
  const { holder, recorded } = await booted();
  await holder.observe(aView([aHold('operator', 1)]));
  await holder.observe(aView([aHold('chain', 2)], [], { at: 1 }));
  expect(recorded).toHaveLength(1);
});

test('a milder stop that comes later changes nothing, nor does the end of one of two', async () => {
  const { holder, recorded } = await booted();
  await holder.observe(aView([], [aStop(3, 1)]));
  await holder.observe(aView([], [aStop(3, 1), aStop(1, 2)], { at: 1 }));
  expect(holder.inputs.stopLevel).toBe(3);
  await holder.observe(aView([], [aStop(1, 2)], { at: 2 }));
  expect(holder.state.claimPermission).toBe('none');
  expect(recorded).toHaveLength(1);
});

test('a view that a later one has overtaken frees nothing; what it knows of a stop still counts', async () => {
  const { holder } = await booted();
  await holder.observe(aView([aHold('operator')], [], { at: 5 }));
  await holder.observe(aView([], [], { at: 4 }));
  expect(holder.state.primaryState).toBe('paused');
  await holder.observe(aView([], [aStop(4)], { at: 4 }));
  expect(holder.inputs).toMatchObject({ stopLevel: 4, holds: [{ cause: 'operator' }] });
  await holder.observe(aView([], [], { at: 6 }));
  expect(holder.state.primaryState).toBe('ready');
});

test('a clock of the store that was set back is believed', async () => {
  const { holder } = await booted();
  await holder.observe(aView([aHold('operator')], [], { at: 3_600 }));
  await holder.observe(aView([], [], { at: 0 }));
  expect(holder.state.primaryState).toBe('ready');
});

test('a hold that was placed anew is known by its new reason', async () => {
  const { holder, recorded } = await booted();
  await holder.observe(aView([aHold('chain', 1, { reason: 'first' })]));
  await holder.observe(aView([aHold('chain', 1, { reason: 'again' })], [], { at: 1 }));
  expect(holder.inputs.holds[0]?.reason).toBe('again');
  expect(recorded).toHaveLength(1);
});

test('particulars that are missing cost the event, never the pause', async () => {
  const house = await booted();
  await house.holder.observe(aView([aHold('cost', 1, { particulars: null })]));
  expect(house.holder.state.primaryState).toBe('paused');
  expect(typesOf(house.recorded)).toEqual([['kora.operational_state.transitioned']]);
  expect(house.errors).toHaveLength(1);
});

test('a note says what people said, and nothing is read out of it', async () => {
  const house = await booted();
  await house.holder.observe(aView([aHold('operator')]), { note: 'cost 100%' });
  expect(house.recorded[0]?.[0]?.payload).toMatchObject({ note: 'cost 100%', cause: 'hold.added' });
});

test('law: after any views, the state is what the last one derives to, by one transition a change at most', async () => {
  const pauses: ReadonlySet<Cause> = new Set(['hold.added', 'dr.mismatch', 'cost.limit', 'stop.issued']);
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(anyView, { maxLength: 12 }), async (isBooted, views) => {
      const house = isBooted ? await booted() : heldHouse();
      const { holder, recorded } = house;
      for (const [at, view] of views.entries()) {
        const before = holder.state;
        const told = recorded.length;
        await holder.observe({ ...view, asOf: aView([], [], { at }).asOf });
        const { holds, stopLevel } = view;
        expect(holder.state).toEqual(derive({ ...holder.inputs, holds, stopLevel }));
        expect(holder.inputs).toMatchObject({ holds, stopLevel });
        const isSame = JSON.stringify(before) === JSON.stringify(holder.state);
        expect(recorded.length - told).toBe(isSame ? 0 : 1);
        const cause = isSame ? undefined : holder.history.at(-1)?.cause;
        const isPause = cause !== undefined && pauses.has(cause);
        expect(isPause).toBe(!isSame && holder.state.primaryState === 'paused');
      }
      expect(house.errors).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a ceiling that tickets reached is told once, and goes with the reset that ends a stop, in one transition', async () => {
  const house = await booted();
  await house.holder.observe({ ...aView([]), ceiling: 'reached' });
  expect(house.holder.state).toMatchObject({
    primaryState: 'ready',
    claimPermission: 'critical_only',
    degradationReasons: ['retry_ceiling'],
  });
  await house.holder.observe({ ...aView([], [aStop(1)]), ceiling: 'reached' });
  // Somebody who did not look knows nothing of it.
  await house.holder.observe(aView([], [aStop(1)]));
  expect(house.holder.state.degradationReasons).toEqual(['retry_ceiling']);
  await house.holder.observe({ ...aView([]), ceiling: 'reset' });
  expect(house.holder.state).toMatchObject({ claimPermission: 'normal', degradationReasons: [] });
  expect(saidBy(house)).toEqual([
    'check.failed: retry_ceiling check failed',
    'stop.issued: STOP-KORA L1',
    'stop.reset: operator clears via control reset',
  ]);
});
