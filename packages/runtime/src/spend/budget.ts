import type { Unreserved } from './journal.ts';
import type { Spend } from './spend.ts';

interface BudgetRequest {
  readonly callId: string;
  readonly caller: string;
  readonly route: string;
  readonly estimateMicroUsd: number;
  readonly claim?: { readonly ticketId: number; readonly fence: number } | undefined;
  readonly runId?: string | undefined;
  readonly model?: string | undefined;
  readonly critical?: boolean | undefined;
}

interface Budget {
  reserve(request: BudgetRequest): Promise<{ readonly ok: true; readonly reserved: number } | Unreserved>;
  release(callId: string): Promise<void>;
}

/** How many call ids that were asked for twice are remembered; they are rare. */
const remembered = 1_000;

/**
 * What the door asks before a model call. A call that is over is not made again under its old reservation: what it would
 * cost could not be counted. A call that was asked for twice is not taken back: one of the two may be under way.
 */
export function budgetPort(spend: Pick<Spend, 'reserve' | 'giveBack'>): Budget {
  const repeated = new Set<string>();
  return {
    reserve: async ({ claim, ...call }) => {
      const { callId, caller, route, estimateMicroUsd, runId, model, critical } = call;
      const facts = { runId, model, critical };
      const reserved = await spend.reserve({ callId, caller, route, estimateMicroUsd, ...facts, ...claim });
      if (!reserved.ok) return reserved;
      if (reserved.repeated) remember(repeated, callId);
      if (reserved.state !== 'open') return { ok: false, cause: 'budget_spent' };
      return { ok: true, reserved: reserved.reserved };
    },
    release: async (callId) => {
      if (!repeated.has(callId)) await spend.giveBack(callId);
    },
  };
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > remembered && oldest !== undefined) ids.delete(oldest);
}
