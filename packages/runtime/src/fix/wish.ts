import { createHash } from 'node:crypto';
import type { DoorContexts } from '../admission/index.ts';
import { canonicalJson } from '../chain/index.ts';
import type { AttemptWords } from './attempt-rows.ts';
import type { FixQuestion } from './choose.ts';
import type { Examined, Unfit } from './examine.ts';

export interface FixWish extends FixQuestion {
  /** The same wish again is the same attempt, and is answered with it. */
  readonly key: string;
  /** `operator`, `wake`, or the plugin whose engine asks. */
  readonly askedBy: string;
  readonly session?: string | undefined;
  readonly ticketId?: number | undefined;
  /** Why, for the operator to read: the asker's own word. */
  readonly reason: string;
}

const longestReason = 1_000;

/** The wish as it may be kept: what is a secret of this process, or no text for a database, is taken out first. */
export function keepableWish(wish: FixWish, scrub: (text: string) => string): FixWish {
  const { fix, target } = wish;
  return {
    ...wish,
    probe: scrub(wish.probe),
    reason: scrub(wish.reason),
    ...(fix === undefined ? {} : { fix: scrub(fix) }),
    ...(target === undefined ? {} : { target: scrub(target) }),
  };
}

/** What is written down of a wish, also where hardly anything was found of it. */
export function wordsOf(
  wish: FixWish,
  { fix, target, incident }: Pick<Unfit, 'fix' | 'target' | 'incident'>,
): AttemptWords {
  const envelope = fix?.envelope;
  return {
    key: wish.key,
    probe: wish.probe,
    fix: envelope?.fixName ?? wish.fix ?? 'none',
    plugin: fix?.owner ?? 'none',
    capability: envelope?.capability ?? 'none',
    mode: fix?.bounds.mode ?? 'off',
    learned: learnedBy(fix),
    target: target?.id ?? wish.target ?? 'none',
    incidentId: incident?.incidentId ?? null,
    wakeId: incident?.wakeId ?? null,
    askedBy: wish.askedBy,
    session: wish.session ?? null,
    ticketId: wish.ticketId ?? null,
    reason: wish.reason.slice(0, longestReason),
  };
}

/** By which change of the envelope; null where nothing was learned. */
function learnedBy(fix: Unfit['fix']): AttemptWords['learned'] {
  const learned = fix?.learned ?? null;
  return learned && { proposalId: learned.proposalId, revision: learned.revision };
}

/**
 * What the door is asked. Under `approve` the probe itself asks, which nobody can grant anything: each attempt is a
 * question to the operator. The hash binds an approval to this target in this incident.
 */
export function asking(
  words: AttemptWords,
  { target, fix }: Pick<Examined, 'target' | 'fix'>,
): DoorContexts['autofix'] {
  const { probe, incidentId, capability, mode, plugin } = words;
  const what = canonicalJson({ probe, fix: words.fix, target: words.target, incidentId });
  const reason = `${fix.envelope.title}: ${target.title} (${target.id}), incident ${String(incidentId)}. ${words.reason}`;
  return {
    caller: mode === 'approve' ? `probe:${probe}` : plugin,
    callId: `fix:${hashOf(words.key).slice(0, 32)}`,
    fix: words.fix,
    capability,
    argumentsHash: hashOf(what),
    reason: reason.slice(0, longestReason),
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
