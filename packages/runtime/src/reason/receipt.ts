import type { ModelUsage, Receipt } from './contract.ts';

/** What one model call came to. While it is under way, and when its end was never told, its reserved worst case. */
export interface CallFigures {
  readonly usage: ModelUsage | null;
  readonly costMicroUsd: number;
  readonly estimated: boolean;
}

/** What of a receipt is not counted from calls. */
export type ReceiptFacts = Omit<Receipt, 'calls' | 'costMicroUsd' | 'estimated' | keyof ModelUsage>;

/** The receipt of a run: whatever its end was, every call that was made is in it. */
export function receiptOf(calls: readonly CallFigures[], facts: ReceiptFacts): Receipt {
  const sum = (of: (call: CallFigures) => number): number =>
    calls.reduce((total, call) => total + of(call), 0);
  return {
    calls: calls.length,
    inputTokens: sum(({ usage }) => usage?.inputTokens ?? 0),
    outputTokens: sum(({ usage }) => usage?.outputTokens ?? 0),
    cacheReadTokens: sum(({ usage }) => usage?.cacheReadTokens ?? 0),
    cacheWriteTokens: sum(({ usage }) => usage?.cacheWriteTokens ?? 0),
    costMicroUsd: sum(({ costMicroUsd }) => costMicroUsd),
    estimated: calls.some(({ estimated }) => estimated),
    durationMs: facts.durationMs,
    rung: facts.rung,
    wake: facts.wake,
    model: facts.model,
    tier: facts.tier,
    routing: facts.routing,
    tools: [...new Set(facts.tools)],
    identityHash: facts.identityHash,
    promptVersion: facts.promptVersion,
    phrasebookVersion: facts.phrasebookVersion,
    ...(facts.learned === undefined ? {} : { learned: facts.learned }),
  };
}
