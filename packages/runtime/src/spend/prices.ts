import type { ModelPrice, ModelSpec, ModelTier, ModelUsage } from './contract.ts';
import { isAmount, largestCall } from './money.ts';
import { tierLimit } from './tier-limit.ts';

/** What something costs. `estimated`: the model has no price of its own, so the dearest known one was taken. */
export interface Priced {
  /** Whole micro-dollars; not a number where nothing is known, and then no call is made for it. */
  readonly costMicroUsd: number;
  readonly estimated: boolean;
}

/** Whose word a price is: the operator's, the engine's, or the dearest of all that are known, since nobody said. */
export type PriceBasis = 'configured' | 'engine' | 'dearest';

export interface PriceRow {
  readonly model: string;
  readonly provider: string | null;
  readonly tier: ModelTier | null;
  readonly basis: PriceBasis;
  /** Null: it has none, and no other model has one either. */
  readonly price: ModelPrice | null;
}

/** What a million tokens cost, as `spend.prices` says it, in dollars. */
export interface ConfiguredPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
}

/** What a vendor takes at most for writing to its cache, as a multiple of the input's price. */
const dearestCacheWrite = 2;
const microPerUsd = 1_000_000;
const tokensPerPrice = 1_000_000n;

/** Micro-dollars of a price in dollars; what is not said about the cache is taken as dear as it may be. */
export function priceFrom({ input, output, cacheRead, cacheWrite }: ConfiguredPrice): ModelPrice {
  const micro = (dollars: number): number => Math.round(dollars * microPerUsd);
  return {
    input: micro(input),
    output: micro(output),
    cacheRead: micro(cacheRead ?? input),
    cacheWrite: micro(cacheWrite ?? dearestCacheWrite * input),
  };
}

/**
 * What models cost: as the operator configured it, else as the engine that serves says, else as dear as the dearest known.
 * Where no price is known at all nothing has one: what nobody can name is not paid.
 */
export class Prices {
  readonly #configured: ReadonlyMap<string, ModelPrice>;
  #models: ReadonlyMap<string, ModelSpec> = new Map();
  #dearest: ModelPrice | null;

  constructor(configured: Readonly<Record<string, ConfiguredPrice>> = {}) {
    this.#configured = new Map(Object.entries(configured).map(([model, price]) => [model, priceFrom(price)]));
    this.#dearest = this.#findDearest();
  }

  /** The models of the engine that serves from now on; `[]` when none does. Odd prices are none. */
  offer(models: readonly ModelSpec[]): void {
    this.#models = new Map(models.map((model) => [model.name, model]));
    this.#dearest = this.#findDearest();
  }

  /** The worst case of a call, rounded up: all of its input at the dearest kind of input, and all the output it may have. */
  estimate(call: {
    readonly model: string;
    readonly inputTokens: number;
    readonly maxOutputTokens: number;
  }): Priced {
    const { model, inputTokens, maxOutputTokens } = call;
    const { price, basis } = this.#find(model);
    if (price === null) return unknownPrice;
    const input = Math.max(price.input, price.cacheRead, price.cacheWrite);
    const cost = costOfTokens([
      [inputTokens, input],
      [maxOutputTokens, price.output],
    ]);
    return { costMicroUsd: cost, estimated: basis === 'dearest' };
  }

  /** What the tokens of a call cost, rounded up. Not a number for a count that cannot be. */
  costOf(model: string, usage: ModelUsage): Priced {
    const { price, basis } = this.#find(model);
    if (price === null || !this.isPossible(model, usage)) return unknownPrice;
    const cost = costOfTokens([
      [usage.inputTokens, price.input],
      [usage.outputTokens, price.output],
      [usage.cacheReadTokens, price.cacheRead],
      [usage.cacheWriteTokens, price.cacheWrite],
    ]);
    return { costMicroUsd: cost, estimated: basis === 'dearest' };
  }

  /** Whether a provider can have counted this: whole numbers, none without input, and no more than the model holds. */
  isPossible(model: string, usage: ModelUsage): boolean {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
    const counts = [inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens];
    const most = this.#models.get(model)?.contextTokens ?? Number.MAX_SAFE_INTEGER;
    const input = inputTokens + cacheReadTokens + cacheWriteTokens;
    // An answer to nothing is no answer; a call that the provider refused has neither.
    return (
      counts.every((count) => isAmount(count, most)) &&
      isAmount(input, most) &&
      (input > 0 || outputTokens === 0)
    );
  }

  /** The dearest tier that a rung leaves; null at the hard stop, and where the rung is not known. */
  highestTier(rung: string): ModelTier | null {
    return tierLimit(rung).tier;
  }

  tierOfModel(model: string): ModelTier | null {
    return this.#models.get(model)?.tier ?? null;
  }

  /** Every model that has a price or an engine, by name. */
  list(): PriceRow[] {
    const names = [...new Set([...this.#models.keys(), ...this.#configured.keys()])].sort();
    return names.map((model) => {
      const spec = this.#models.get(model);
      return { model, provider: spec?.provider ?? null, tier: spec?.tier ?? null, ...this.#find(model) };
    });
  }

  #find(model: string): { readonly price: ModelPrice | null; readonly basis: PriceBasis } {
    const configured = this.#configured.get(model);
    if (configured !== undefined) return { price: configured, basis: 'configured' };
    const own = this.#models.get(model)?.price;
    if (own !== undefined && isPrice(own)) return { price: own, basis: 'engine' };
    return { price: this.#dearest, basis: 'dearest' };
  }

  #findDearest(): ModelPrice | null {
    const own = [...this.#models.values()].map(({ price }) => price).filter(isPrice);
    const known = [...this.#configured.values(), ...own];
    if (known.length === 0) return null;
    const most = (of: (price: ModelPrice) => number): number => Math.max(...known.map(of));
    return {
      input: most(({ input }) => input),
      output: most(({ output }) => output),
      cacheRead: most(({ cacheRead }) => cacheRead),
      cacheWrite: most(({ cacheWrite }) => cacheWrite),
    };
  }
}

const unknownPrice: Priced = { costMicroUsd: Number.NaN, estimated: true };

function isPrice(price: ModelPrice | null): price is ModelPrice {
  return (
    price !== null &&
    [price.input, price.output, price.cacheRead, price.cacheWrite].every((each) =>
      isAmount(each, largestCall),
    )
  );
}

/** Exact, whatever the numbers: their products do not fit into a double. Not a number when a count or the sum is none. */
function costOfTokens(parts: readonly (readonly [tokens: number, microPerMillion: number])[]): number {
  if (!parts.every(([tokens]) => isAmount(tokens, Number.MAX_SAFE_INTEGER))) return Number.NaN;
  const sum = parts.reduce((total, [tokens, price]) => total + BigInt(tokens) * BigInt(price), 0n);
  const cost = Number((sum + tokensPerPrice - 1n) / tokensPerPrice);
  return isAmount(cost, largestCall) ? cost : Number.NaN;
}
