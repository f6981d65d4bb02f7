import type { Claim } from '../../packages/runtime/src/ticket/index.ts';

/** What people said of one claim, or would say: under which session it was given to them. */
export interface Belief {
  readonly claim: Claim;
  readonly sessionId: string;
  /** It was said, and the answer was lost: it will be said again. */
  readonly said: Word | undefined;
}
export type Word = 'completed' | 'failed_retryable' | 'released';

export interface Worker {
  readonly sessionId: string;
  readonly beliefs: readonly Belief[];
}

/** A claim that was granted, whoever knows of it. */
export interface Grant {
  readonly claim: Claim;
  readonly sessionId: string;
  /** The word that was accepted from its holder. */
  readonly accepted: Word | undefined;
}

/** How much more of each may happen, so that there is an end. */
export interface Left {
  /** Claims granted, over all tickets. */
  readonly grants: number;
  /** Sessions that lapse, deadlines that pass, workers that crash, claims whose answer is lost. */
  readonly faults: number;
  /** Cancels and forced retries. */
  readonly operations: number;
}

/** What is true outside the store: what workers believe, and what was granted and accepted so far. */
export interface World {
  readonly workers: readonly Worker[];
  readonly grants: readonly Grant[];
  readonly left: Left;
}

export function withWorker(world: World, who: number, change: Partial<Worker>): World {
  return {
    ...world,
    workers: world.workers.map((worker, n) => (n === who ? { ...worker, ...change } : worker)),
  };
}

export function spent(world: World, what: Partial<Left>): World {
  const { grants, faults, operations } = world.left;
  return {
    ...world,
    left: {
      grants: grants - (what.grants ?? 0),
      faults: faults - (what.faults ?? 0),
      operations: operations - (what.operations ?? 0),
    },
  };
}

export function isOf(claim: Pick<Claim, 'ticketId' | 'fence'>): (one: { readonly claim: Claim }) => boolean {
  return (one) => one.claim.ticketId === claim.ticketId && one.claim.fence === claim.fence;
}
