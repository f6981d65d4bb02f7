import fc from 'fast-check';
import { expect, test } from 'vitest';
import { denyCauses } from '../../admission/index.ts';
import { reasonErrors } from '../contract.ts';
import { limitsOf } from './limits.ts';
import { outcomeOf } from './outcome.ts';
import type { RunCourse } from './outcome.ts';
import { errorOfRefusal } from './refusal.ts';
import { storedJson } from './stored.ts';
import { believableUsage } from './usage.ts';

const error = fc.constantFrom(...reasonErrors);
const course: fc.Arbitrary<RunCourse> = fc.record({
  answer: fc.option(
    fc.record(
      {
        status: fc.constantFrom('answered' as const, 'incomplete' as const, 'failed' as const),
        text: fc.constantFrom('', ' ', 'All is well.'),
        error,
      },
      { requiredKeys: ['status', 'text'] },
    ),
    { nil: undefined },
  ),
  end: fc.option(fc.record({ error, why: fc.constant('because') }), { nil: undefined }),
  refused: fc.option(fc.record({ cause: fc.constantFrom(...denyCauses) }), { nil: undefined }),
  calls: fc.nat({ max: 3 }),
  said: fc.constantFrom('', 'It seems'),
  isUnreadable: fc.boolean(),
});

test('whole is only what its engine calls whole, with words in it, and nothing cut off', () => {
  fc.assert(
    fc.property(course, (given) => {
      const { status, error: why, text } = outcomeOf(given);
      const whole =
        given.answer?.status === 'answered' && given.end === undefined && given.answer.text.trim() !== '';
      expect(status === 'answered').toBe(whole);
      expect(why === null).toBe(whole);
      expect(status === 'incomplete' && text.trim() === '').toBe(false);
      expect(status === 'refused' && given.calls > 0).toBe(false);
    }),
  );
});

test('what the runtime ended a run for is its error, whatever the engine says', () => {
  fc.assert(
    fc.property(course, error, (given, why) => {
      expect(outcomeOf({ ...given, end: { error: why, why: 'x' } }).error).toBe(why);
    }),
  );
});

test('the door’s word stands with the answer wherever it is the reason', () => {
  fc.assert(
    fc.property(course, (given) => {
      const { refusal, error: why } = outcomeOf(given);
      expect(refusal === undefined || why === errorOfRefusal(refusal.cause)).toBe(true);
    }),
  );
});

test('paused, stopped and out of money are told apart, for every cause of the door (daemon defect W59)', () => {
  const byCause = Object.fromEntries(denyCauses.map((cause) => [cause, errorOfRefusal(cause)]));
  expect(byCause).toMatchObject({
    stop_l1: 'operational_state_paused',
    operator_hold: 'operational_state_paused',
    stop_l2: 'operational_state_stopped',
    stop_l5: 'operational_state_stopped',
    stopped: 'operational_state_stopped',
    cost_hold: 'cost_ladder_halted',
    budget_unknown: 'cost_ladder_halted',
    budget_spent: 'cost_capped',
    budget_paced: 'cost_capped',
    store_away: 'engine_unavailable',
  });
});

test('limits are held within what may be, whatever is wished', () => {
  const wish = fc.record(
    {
      iterations: fc.oneof(fc.double(), fc.integer()),
      deadlineMs: fc.oneof(fc.double(), fc.integer()),
      costMicroUsd: fc.option(fc.double()),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(wish, (given) => {
      const { iterations, deadlineMs, costMicroUsd } = limitsOf(given);
      expect([1, 2, 3, 4, 5]).toContain(iterations);
      expect(deadlineMs >= 1 && deadlineMs <= 900_000 && Number.isInteger(deadlineMs)).toBe(true);
      expect(costMicroUsd === null || (costMicroUsd >= 0 && Number.isSafeInteger(costMicroUsd))).toBe(true);
    }),
  );
  expect(limitsOf()).toEqual({ iterations: 5, deadlineMs: 120_000, costMicroUsd: null });
});

test('a count of tokens is believed where it can be', () => {
  const bound = { outcome: 'ok', tokenBound: 1_000 };
  const counted = { inputTokens: 500, outputTokens: 100, cacheReadTokens: 300, cacheWriteTokens: 0 };
  expect(believableUsage(counted, bound)).toEqual(counted);
  expect(believableUsage({ ...counted, outputTokens: 201 }, bound)).toBeNull();
  expect(believableUsage({ ...counted, inputTokens: 0, cacheReadTokens: 0 }, bound)).toBeNull();
  const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  expect(believableUsage(none, { ...bound, outcome: 'rate_limited' })).toEqual(none);
  for (const odd of [
    null,
    undefined,
    'many',
    {},
    { ...counted, outputTokens: -1 },
    { ...counted, outputTokens: 0.5 },
  ])
    expect(believableUsage(odd, bound)).toBeNull();
});

test('what is kept of a request is JSON that PostgreSQL takes, and never more than its bound', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const kept = storedJson(value, (text) => text.toUpperCase());
      expect(() => JSON.parse(kept) as unknown).not.toThrow();
      expect(kept).not.toContain('\\u0000');
    }),
  );
  const long = storedJson({ text: 'x'.repeat(2_000_000) }, (text) => text);
  expect(Buffer.byteLength(long)).toBeLessThan(1_048_576);
  expect(JSON.parse(long)).toMatchObject({ cut: true, bytes: 2_000_011 });
  expect(storedJson(undefined, (text) => text)).toBe('null');
});
