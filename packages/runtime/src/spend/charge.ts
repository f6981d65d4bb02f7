import type { ModelUsage } from './contract.ts';
import { fault } from '../fault/index.ts';
import type { Usage } from './journal.ts';
import { isAmount, largestCall } from './money.ts';
import type { Prices } from './prices.ts';

/** What is said about a call that is over. */
export interface Settle {
  readonly callId: string;
  /** Left out, whoever asks is believed; given, it must be who reserved. */
  readonly caller?: string;
  /** Left out, it is what the tokens cost at the model's price; where those are not known either, what was reserved. */
  readonly costMicroUsd?: number | undefined;
  /** What the provider counted. Null: it did not say. */
  readonly usage?: Usage | ModelUsage | null | undefined;
  readonly model?: string | undefined;
  /** What the provider said is left of its limits, 0 to 1. */
  readonly headroom?: number | undefined;
}

export interface Charge {
  /** Null: what was reserved. */
  readonly costMicroUsd: number | null;
  readonly estimated: boolean;
  readonly usage: Usage | null;
}

/**
 * What a call is counted at. A cost that is given is believed, as is what was counted then; without one the count decides,
 * and a count that cannot be is none. Throws KORA_SPEND_INVALID for a cost or a count beside it that is no amount.
 */
export function chargeOf(prices: Pick<Prices, 'costOf'>, settle: Settle): Charge {
  const { callId, costMicroUsd, model = '' } = settle;
  const usage: Usage | null =
    settle.usage === undefined || settle.usage === null ? null : { ...settle.usage };
  if (costMicroUsd !== undefined) {
    const counts = Object.values(usage ?? {});
    if (
      !isAmount(costMicroUsd, largestCall) ||
      !counts.every((each) => isAmount(each, Number.MAX_SAFE_INTEGER))
    )
      throw fault('KORA_SPEND_INVALID', `call ${callId}: ${costMicroUsd} micro-dollars cannot be a cost`);
    return { costMicroUsd, estimated: false, usage };
  }
  const counted = usage === null ? undefined : tokensIn(usage);
  if (counted === undefined) return { costMicroUsd: null, estimated: true, usage: null };
  const { costMicroUsd: cost, estimated } = prices.costOf(model, counted);
  if (Number.isNaN(cost)) return { costMicroUsd: null, estimated: true, usage: null };
  return { costMicroUsd: cost, estimated, usage: { ...counted } };
}

/** Undefined where a kind of token is not counted. */
function tokensIn(usage: Usage): ModelUsage | undefined {
  const { inputTokens, outputTokens, cacheReadTokens = 0, cacheWriteTokens = 0 } = usage;
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  return { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
}
