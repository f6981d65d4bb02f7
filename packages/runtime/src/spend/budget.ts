import type { Reserved } from './journal.ts';
import type { Spend } from './spend.ts';

interface BudgetRequest {
  readonly callId: string;
  readonly caller: string;
  readonly route: string;
  readonly estimateMicroUsd: number;
  readonly claim?: { readonly ticketId: number; readonly fence: number } | undefined;
}

interface Budget {
  reserve(
    request: BudgetRequest,
  ): Promise<{ ok: true; reserved: number } | { ok: false; cause: 'budget_spent' | 'budget_unknown' }>;
}

/**
 * What the door asks before a model call. A call that is over, settled or given up, is not made again under its old
 * reservation: what it would cost could not be counted.
 */
export function budgetPort(spend: Pick<Spend, 'reserve'>): Budget {
  return {
    reserve: async ({ claim, ...request }) => {
      const reserved: Reserved = await spend.reserve({ ...request, ...claim });
      if (!reserved.ok) return reserved;
      if (reserved.state !== 'open') return { ok: false, cause: 'budget_spent' };
      return { ok: true, reserved: reserved.reserved };
    },
  };
}
