import { modelTiers } from '@kora/runtime/plugin';
import type { ModelTier, Receipt, TicketResult } from '@kora/runtime/plugin';

/** What the thinking of one attempt took, over all its questions. */
export class Tally {
  #tokens = 0;
  #costMicroUsd = 0;
  #tier: ModelTier | null = null;

  get costMicroUsd(): number {
    return this.#costMicroUsd;
  }

  add({ inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, costMicroUsd, tier }: Receipt): void {
    this.#tokens += inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
    this.#costMicroUsd += costMicroUsd;
    if (tier !== null && rankOf(tier) > rankOf(this.#tier)) this.#tier = tier;
  }

  /** As a ticket's result says it: the largest tier that was used. */
  get taken(): Pick<TicketResult, 'modelTier' | 'tokens' | 'costMicroUsd'> {
    return {
      ...(this.#tier === null ? {} : { modelTier: this.#tier }),
      tokens: this.#tokens,
      costMicroUsd: this.#costMicroUsd,
    };
  }
}

function rankOf(tier: ModelTier | null): number {
  return tier === null ? -1 : modelTiers.indexOf(tier);
}
