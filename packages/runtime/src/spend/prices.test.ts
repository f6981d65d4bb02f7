import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelPrice, ModelSpec, ModelUsage } from './contract.ts';
import { Prices } from './index.ts';

const opus: ModelPrice = { input: 5_000_000, output: 25_000_000, cacheRead: 500_000, cacheWrite: 6_250_000 };
const haiku: ModelPrice = { input: 1_000_000, output: 5_000_000, cacheRead: 100_000, cacheWrite: 1_250_000 };

function model(name: string, price: ModelPrice | null, over: Partial<ModelSpec> = {}): ModelSpec {
  return {
    name,
    provider: 'p',
    tier: 'large',
    contextTokens: 200_000,
    maxOutputTokens: 8_000,
    price,
    ...over,
  };
}

function usage(over: Partial<ModelUsage> = {}): ModelUsage {
  return { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, ...over };
}

function offered(...models: readonly ModelSpec[]): Prices {
  const prices = new Prices();
  prices.offer(models);
  return prices;
}

test('a call costs its tokens at their own prices, rounded up to a whole millionth', () => {
  const prices = offered(model('opus', opus));
  expect(prices.costOf('opus', usage({ inputTokens: 1_000, outputTokens: 100 }))).toEqual({
    costMicroUsd: 7_500,
    estimated: false,
  });
  expect(
    prices.costOf('opus', usage({ inputTokens: 1, cacheReadTokens: 1, cacheWriteTokens: 1 })).costMicroUsd,
  ).toBe(12);
  expect(prices.costOf('opus', usage()).costMicroUsd).toBe(0);
});

test('what the operator configures wins over what the engine says; dollars there, millionths here', () => {
  const prices = new Prices({ opus: { input: 10, output: 50 } });
  prices.offer([model('opus', opus)]);
  expect(prices.list()).toEqual([
    {
      model: 'opus',
      provider: 'p',
      tier: 'large',
      basis: 'configured',
      price: { input: 10_000_000, output: 50_000_000, cacheRead: 10_000_000, cacheWrite: 20_000_000 },
    },
  ]);
});

test('a model without a price is priced at the dearest known, and it is said that this is a guess (state defect 10)', () => {
  const prices = offered(model('opus', opus), model('haiku', haiku), model('new', null));
  const counted = usage({ inputTokens: 1_000, outputTokens: 100 });
  expect(prices.costOf('new', counted)).toEqual({ ...prices.costOf('opus', counted), estimated: true });
  expect(prices.costOf('never heard of', counted)).toEqual(prices.costOf('new', counted));
  expect(prices.list().map(({ model: name, basis }) => [name, basis])).toEqual([
    ['haiku', 'engine'],
    ['new', 'dearest'],
    ['opus', 'engine'],
  ]);
});

test('where no price is known nothing costs nothing: it cannot be said (state defect 10)', () => {
  const free = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const call = { model: 'local', inputTokens: 10, maxOutputTokens: 10 };
  expect(offered(model('local', null)).estimate(call).costMicroUsd).toBeNaN();
  expect(offered(model('local', { ...free, input: -1 })).estimate(call).costMicroUsd).toBeNaN();
  // Said to be free, it is.
  expect(offered(model('local', free)).estimate(call)).toEqual({ costMicroUsd: 0, estimated: false });
});

test('an engine that goes takes its prices with it', () => {
  const prices = offered(model('opus', opus));
  prices.offer([]);
  expect(prices.list()).toEqual([]);
  expect(prices.costOf('opus', usage({ inputTokens: 1 })).costMicroUsd).toBeNaN();
});

test.each([
  ['negative', usage({ outputTokens: -5 })],
  ['not whole', usage({ inputTokens: 0.5 })],
  ['not a number', usage({ inputTokens: Number.NaN })],
  ['more than the model holds', usage({ inputTokens: 150_000, cacheReadTokens: 60_000 })],
  ['of an answer to nothing', usage({ outputTokens: 5 })],
  ['without end', usage({ outputTokens: Number.POSITIVE_INFINITY })],
])('a count that is %s is none', (_what, odd) => {
  const prices = offered(model('opus', opus));
  expect(prices.isPossible('opus', odd)).toBe(false);
  expect(prices.costOf('opus', odd).costMicroUsd).toBeNaN();
});

const amount = fc.integer({ min: 0, max: 100_000_000 });
const price = fc.record({ input: amount, output: amount, cacheRead: amount, cacheWrite: amount });
const knownPrices = fc.array(price, { minLength: 1, maxLength: 4 });
const someTokens = fc.integer({ min: 1, max: 60_000 });
const tokens = fc.nat({ max: 60_000 });

test('law: no call costs more than its worst case, whatever kinds its tokens turn out to be', () => {
  fc.assert(
    fc.property(price, someTokens, tokens, tokens, tokens, (of, input, read, written, output) => {
      const prices = offered(model('m', of));
      const call = { model: 'm', inputTokens: input + read + written, maxOutputTokens: output };
      const counted = {
        inputTokens: input,
        cacheReadTokens: read,
        cacheWriteTokens: written,
        outputTokens: output,
      };
      expect(prices.costOf('m', counted).costMicroUsd).toBeLessThanOrEqual(
        prices.estimate(call).costMicroUsd,
      );
    }),
  );
});

test('law: a model without a price never costs less than any that has one', () => {
  fc.assert(
    fc.property(knownPrices, someTokens, tokens, (known, input, output) => {
      const prices = offered(...known.map((of, at) => model(`m${at}`, of)), model('new', null));
      const counted = usage({ inputTokens: input, outputTokens: output });
      const dearest = Math.max(...known.map((_, at) => prices.costOf(`m${at}`, counted).costMicroUsd));
      expect(prices.costOf('new', counted).costMicroUsd).toBeGreaterThanOrEqual(dearest);
    }),
  );
});
