import type { ProposalApplication, ProposalDecision } from './contract.ts';

/** Where a proposal stands: what the operator made of it, and how far its change got. */
export interface Standing {
  readonly decision: ProposalDecision;
  readonly application: ProposalApplication;
}

/** All that may be done with a proposal. */
export const deeds = [
  'refresh',
  'approve',
  'reject',
  'expire',
  'supersede',
  'apply',
  'fail',
  'retry',
  'extend',
  'keep',
  'roll_back',
  'replace',
  'restore',
] as const;
export type Deed = (typeof deeds)[number];

type Place = `${ProposalDecision}/${ProposalApplication}`;

/**
 * The whole table: what is not in it does not happen. Nothing leads back to `pending`; what was rejected, expired or
 * superseded stays so; what is in force was approved; what was rolled back is never applied again.
 */
const table: Readonly<Partial<Record<Place, Readonly<Partial<Record<Deed, Place>>>>>> = {
  'pending/not_started': {
    refresh: 'pending/not_started',
    approve: 'approved/not_started',
    reject: 'rejected/not_started',
    expire: 'expired/not_started',
    supersede: 'superseded/not_started',
  },
  // Applying is one transaction: there is nothing between this and `applied`, whatever dies in between.
  'approved/not_started': {
    apply: 'approved/applied',
    fail: 'approved/failed',
    reject: 'rejected/not_started',
  },
  'approved/failed': { retry: 'approved/not_started', reject: 'rejected/failed' },
  'approved/applied': {
    extend: 'approved/applied',
    keep: 'approved/kept',
    roll_back: 'approved/rolled_back',
  },
  'approved/kept': { roll_back: 'approved/rolled_back', replace: 'approved/replaced' },
  // What lay over it was taken back: it is in force again.
  'approved/replaced': { restore: 'approved/kept' },
};

/** Where a deed leads; undefined where it may not be done. */
export function stepOf({ decision, application }: Standing, deed: Deed): Standing | undefined {
  const to = table[`${decision}/${application}`]?.[deed];
  if (to === undefined) return undefined;
  const [nextDecision, nextApplication] = to.split('/') as [ProposalDecision, ProposalApplication];
  return { decision: nextDecision, application: nextApplication };
}

/** The proposal waits for somebody or something: no second one of its fingerprint is made meanwhile. */
export function isOpen(standing: Standing): boolean {
  return Object.hasOwn(table, `${standing.decision}/${standing.application}`) && !isSettled(standing);
}

/** Its change is in force, on trial or for good. */
export function isInForce({ application }: Standing): boolean {
  return application === 'applied' || application === 'kept';
}

function isSettled({ application }: Standing): boolean {
  return application === 'kept' || application === 'replaced';
}
