import type { Claim } from '../queue/claim.ts';

/** A claim as the store answers it, for what never asks a store. */
export function claimOf(claim: Partial<Claim> = {}): Claim {
  return {
    ticketId: 1,
    fence: 1,
    attempts: 1,
    failures: 0,
    epoch: 0,
    kind: 'test',
    critical: false,
    priority: 2,
    assignedTo: 'kora',
    eligibleAt: new Date(0),
    deadlineMs: 600_000,
    title: 'a ticket',
    objective: '',
    payload: {},
    correlationId: null,
    causationId: null,
    trusted: true,
    ...claim,
  };
}
