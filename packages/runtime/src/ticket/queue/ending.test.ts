import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventDraft, StagedBody } from '../../chain/index.ts';
import { failureClasses, ticketResolutions } from '../contract.ts';
import { endingOf, givenBack } from './ending.ts';
import type { EndedClaim, EndingContext } from './ending.ts';
import { attemptCeiling, counts, failureCeiling, longestWaitMs } from './retry.ts';

const prepare = ({ type, payload, ticketId, fence, eventId }: EventDraft): StagedBody => ({
  id: eventId ?? null,
  type,
  version: 1,
  actor: 'kora',
  correlation: null,
  causation: null,
  ticket: ticketId ?? null,
  fence: fence ?? null,
  body: JSON.stringify(payload),
});
const context: EndingContext = { prepare, random: () => 0.5 };

function claimed(over: Partial<EndedClaim> = {}): EndedClaim {
  return {
    ticketId: 7,
    fence: 3,
    kind: 'test',
    attempts: 1,
    failures: 0,
    correlationId: null,
    causationId: null,
    ...over,
  };
}

const claims = fc
  .record({ attempts: fc.integer({ min: 1, max: 30 }), failures: fc.nat({ max: failureCeiling - 1 }) })
  .map(claimed);
const failures = fc.record({
  resolution: fc.constantFrom('failed_retryable', 'failed_terminal'),
  class: fc.constantFrom(...failureClasses),
});

test('only failures of the ticket count; three of them, and each that could only repeat itself, end it (ticket defect 10)', () => {
  fc.assert(
    fc.property(claims, failures, (claim, { resolution, class: failure }) => {
      const ending = endingOf(context, claim, {
        resolution,
        summary: 'no',
        failure: { class: failure, reason: 'why' },
      });
      const own = counts(failure);
      expect(ending.failures).toBe(claim.failures + (own ? 1 : 0));
      expect(ending.attempts).toBe(claim.attempts);
      expect(ending).toMatchObject({ failureClass: failure, failureReason: 'why' });
      const over =
        resolution === 'failed_terminal' ||
        failure === 'payload' ||
        failure === 'policy' ||
        ending.failures >= failureCeiling;
      const spent = claim.attempts >= attemptCeiling;
      expect(ending.resolution).toBe(
        over ? 'failed_terminal' : spent ? 'blocked_needs_operator' : 'failed_retryable',
      );
      expect(ending.ceiling).toBe(!over && spent);
    }),
  );
});

test('a failure without a class is the ticket’s own (ticket defect 3)', () => {
  const ending = endingOf(context, claimed(), { resolution: 'failed_retryable', summary: 'no' });
  expect(ending).toMatchObject({ failureClass: 'logical', failureReason: 'no', failures: 1 });
});

test('the weather is waited for longer with each attempt, a failure of its own with each failure (ticket defect 11)', () => {
  const wait = (claim: Partial<EndedClaim>, failure: 'network' | 'logical'): number =>
    endingOf(context, claimed(claim), {
      resolution: 'failed_retryable',
      summary: 'no',
      failure: { class: failure },
    }).delayMs;
  expect([1, 2, 3, 9].map((attempts) => wait({ attempts }, 'network'))).toEqual([
    45_000, 90_000, 180_000, 2_700_000,
  ]);
  expect([0, 1].map((before) => wait({ attempts: 9, failures: before }, 'logical'))).toEqual([
    45_000, 90_000,
  ]);
});

test('what the handler waits for is waited for, and never longer than a year', () => {
  const wait = (retryAfterMs: number): number =>
    endingOf(context, claimed(), { resolution: 'failed_retryable', summary: 'no', retryAfterMs }).delayMs;
  expect([0, 1_500, -3, Number.POSITIVE_INFINITY, Number.NaN].map(wait)).toEqual([
    0,
    1_500,
    0,
    longestWaitMs,
    45_000,
  ]);
});

test('money and a handler’s own word are no attempt of the ticket', () => {
  for (const resolution of ['released', 'deferred_cost_limit'] as const)
    expect(endingOf(context, claimed({ attempts: 4 }), { resolution, summary: 'later' })).toMatchObject({
      attempts: 3,
      failures: 0,
      resolution,
    });
  expect(givenBack(context, claimed({ attempts: 4 }), 'stop')).toMatchObject({ attempts: 3, delayMs: 0 });
  expect(
    givenBack(context, claimed({ attempts: 4 }), 'gone', { countsAttempt: true, delayMs: 9 }),
  ).toMatchObject({
    attempts: 4,
    delayMs: 9,
  });
});

test('a ticket that is given back keeps what thinking about it took; what is no count is left out', () => {
  const taken = { modelTier: 'small', tokens: 12, costMicroUsd: 340 };
  expect(givenBack(context, claimed(), 'paused', taken)).toMatchObject(taken);
  const odd = { tokens: -1, costMicroUsd: Number.NaN };
  expect(givenBack(context, claimed(), 'paused', odd)).toMatchObject({ tokens: null, costMicroUsd: null });
});

test('what it took to think goes into the outcome and its event, and what nobody said into neither (ticket defect 12)', () => {
  fc.assert(
    fc.property(
      fc.record(
        {
          modelTier: fc.string({ maxLength: 20 }),
          tokens: fc.nat(),
          costMicroUsd: fc.nat(),
        },
        { requiredKeys: [] },
      ),
      fc.constantFrom(...ticketResolutions),
      (took, resolution) => {
        const ending = endingOf(context, claimed(), { resolution, summary: 's', ...took });
        const body = JSON.parse(ending.event.body) as Record<string, unknown>;
        expect(body['tokens']).toBe(took.tokens);
        expect(body['cost_micro_usd']).toBe(took.costMicroUsd);
        expect(body['model_tier']).toBe(took.modelTier);
        expect(ending.tokens).toBe(took.tokens ?? null);
        expect(ending.costMicroUsd).toBe(took.costMicroUsd ?? null);
      },
    ),
  );
});

test('an answer that nothing can hold fails alone, before it is in a batch', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  expect(() => endingOf(context, claimed(), { resolution: 'completed', summary: '', result: loop })).toThrow(
    /call stack|circular/i,
  );
});
