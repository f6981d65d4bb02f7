import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fault } from '../../fault/index.ts';
import { failureClasses } from '../contract.ts';
import { classify, counts, endsAtOnce, firstRetryMs, longestRetryMs, retryDelay } from './retry.ts';

const chance = fc.double({ min: 0, max: 0.999_999, noNaN: true });

test('waits lie between 30 s and an hour, spread over half of their length, and never shrink but by chance (ticket defect 11)', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1_000 }), chance, (nth, one) => {
      const wait = retryDelay(nth, () => one);
      const full = retryDelay(nth, () => 0) * 2;
      expect(wait).toBeGreaterThanOrEqual(firstRetryMs / 2);
      expect(wait).toBeLessThan(longestRetryMs);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThan(full);
      expect(retryDelay(nth + 1, () => one)).toBeGreaterThanOrEqual(wait);
    }),
  );
});

test('two tickets that fail together do not come back together (ticket defect 11)', () => {
  fc.assert(
    fc.property(fc.nat({ max: 20 }), chance, chance, (nth, one, other) => {
      const apart = Math.abs(retryDelay(nth, () => one) - retryDelay(nth, () => other));
      expect(apart).toBeCloseTo((Math.abs(one - other) * retryDelay(nth, () => 0) * 2) / 2, 3);
    }),
  );
});

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}

const denied = (cause: string, scope?: string): Error =>
  fault('KORA_ADMISSION_DENIED', 'no', { details: { cause, scope } });

test.each([
  ['a plain throw', new Error('no'), 'logical', 'failed_retryable'],
  ['something that is no error', 'no', 'logical', 'failed_retryable'],
  ['nothing at all', undefined, 'logical', 'failed_retryable'],
  ['a deadline', fault('KORA_TIMEOUT', 'no'), 'timeout', 'failed_retryable'],
  ['a deadline of the platform', new DOMException('no', 'TimeoutError'), 'timeout', 'failed_retryable'],
  ['a system timeout', withCode('ETIMEDOUT'), 'timeout', 'failed_retryable'],
  ['headers that never come', withCode('UND_ERR_HEADERS_TIMEOUT'), 'timeout', 'failed_retryable'],
  ['a store that is away', fault('KORA_STORE_UNREACHABLE', 'no'), 'store', 'failed_retryable'],
  ['a refused connection', withCode('ECONNREFUSED'), 'network', 'failed_retryable'],
  ['a name that is not found', withCode('ENOTFOUND'), 'network', 'failed_retryable'],
  ['a socket that broke', withCode('UND_ERR_SOCKET'), 'network', 'failed_retryable'],
  [
    'a cause behind words',
    new TypeError('fetch failed', { cause: withCode('ECONNRESET') }),
    'network',
    'failed_retryable',
  ],
  ['money that is spent', denied('budget_spent'), 'budget', 'deferred_cost_limit'],
  ['money of this day that is spent', denied('budget_spent', 'day'), 'budget', 'failed_retryable'],
  ['a ticket that is spent on', denied('budget_spent', 'ticket'), 'budget', 'deferred_cost_limit'],
  ['money that goes by the month', denied('budget_paced', 'pace'), 'budget', 'failed_retryable'],
  ['money nobody counted', denied('budget_unknown'), 'budget', 'failed_retryable'],
  ['a right it does not have', denied('capability_denied'), 'policy', 'failed_retryable'],
  ['a stop', denied('stop_l2'), 'tool', 'failed_retryable'],
  ['an effect nobody knows of', fault('KORA_OPERATION_UNKNOWN', 'no'), 'tool', 'blocked_needs_operator'],
  ['an unknown code', withCode('EBADTHING'), 'logical', 'failed_retryable'],
] as const)('%s has its class (ticket defect 3)', (_, error, failure, resolution) => {
  expect(classify(error)).toMatchObject({ class: failure, resolution });
});

test('whatever is thrown has a class and a reason (ticket defect 3)', () => {
  fc.assert(
    fc.property(fc.anything(), (thrown) => {
      const found = classify(thrown);
      expect(failureClasses).toContain(found.class);
      expect(typeof found.reason).toBe('string');
    }),
  );
});

test('a chain of causes without an end is looked into no further than a few', () => {
  const loop = new Error('loop');
  loop.cause = loop;
  expect(classify(loop)).toMatchObject({ class: 'logical', reason: 'loop' });
});

test('the weather never counts, and what ends a ticket at once counts', () => {
  expect(failureClasses.filter(counts)).toEqual(['logical', 'payload', 'policy']);
  expect(failureClasses.filter(endsAtOnce)).toEqual(['payload', 'policy']);
});
