import type { ReasonRunRow } from '@kora/runtime/client';

/**
 * Whether anything is known of what a call cost. While it runs its figures are those of the model calls that have settled:
 * before the first of them they are not zero but unknown.
 */
export function isMeasured({ status, receipt }: Pick<ReasonRunRow, 'status' | 'receipt'>): boolean {
  return status !== 'open' || receipt.costMicroUsd > 0 || receipt.inputTokens + receipt.outputTokens > 0;
}
