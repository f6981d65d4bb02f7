import { sameChange } from './digest.ts';
import { isOpen } from './machine.ts';
import type { Standing } from './machine.ts';
import type { Gain, ProposalDraft } from './contract.ts';

const dayMs = 86_400_000;

/** The newest proposal of a fingerprint, as far as it decides what becomes of a draft. */
export interface Earlier extends Standing {
  readonly change: ProposalDraft['change'];
  readonly evidenceSize: number;
  /** Milliseconds since 1970; when it came to where it is. */
  readonly since: number;
}

export type DraftStep =
  | { readonly deed: 'propose' }
  | { readonly deed: 'refresh' }
  | { readonly deed: 'leave' }
  | { readonly deed: 'refuse'; readonly why: string };

/**
 * What becomes of a draft whose fingerprint was proposed before. While it is open nothing is proposed again, and pending
 * content changes only where the change does, or its evidence has doubled: whoever reads it now is not to be overtaken each
 * day. What was refused or taken back returns when the evidence has doubled.
 */
export function draftStep(
  draft: ProposalDraft,
  earlier: Earlier | undefined,
  { now, expiryDays }: { readonly now: number; readonly expiryDays: number },
): DraftStep {
  if (earlier === undefined || earlier.decision === 'superseded') return { deed: 'propose' };
  const same = sameChange(draft.change, earlier.change);
  const doubled = draft.evidence.size >= 2 * earlier.evidenceSize && draft.evidence.size > 0;
  if (earlier.decision === 'pending') return { deed: same && !doubled ? 'leave' : 'refresh' };
  if (isOpen(earlier)) return { deed: 'leave' };
  // It is in force: another value for the place is another matter.
  if (earlier.application === 'kept') return { deed: same ? 'leave' : 'propose' };
  if (doubled) return { deed: 'propose' };
  if (earlier.decision === 'expired' && now - earlier.since >= expiryDays * dayMs) return { deed: 'propose' };
  const { application } = earlier;
  const was =
    application === 'rolled_back'
      ? 'rolled back'
      : application === 'replaced'
        ? application
        : earlier.decision;
  const { size } = draft.evidence;
  return {
    deed: 'refuse',
    why: `it was ${was} on evidence of ${earlier.evidenceSize}, and there is ${size}: it returns at ${2 * earlier.evidenceSize}`,
  };
}

/** Whether one gain is worth more: dollars first, then time. */
export function isMore(a: Gain, b: Gain): boolean {
  if (a.microUsdPerDay !== b.microUsdPerDay) return a.microUsdPerDay > b.microUsdPerDay;
  return a.secondsPerDay > b.secondsPerDay;
}
