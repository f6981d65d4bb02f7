import type { Claim } from '../queue/claim.ts';
import type { TicketWork } from '../contract.ts';

/** The ticket as its handler is given it. */
export function workOf(claim: Claim, signal: AbortSignal): TicketWork {
  return {
    ...claim,
    attempt: claim.attempts,
    signal,
    progress: () => undefined,
    note: () => Promise.resolve(),
    operation: (spec, run) => run(spec.id, signal),
  };
}
