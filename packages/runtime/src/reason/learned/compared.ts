import { createHash } from 'node:crypto';
import type { Known } from '../ports.ts';
import type { KnownAnswer } from '../phrasebook/phrasebook.ts';
import { phrasebookEntryKind } from './kind-names.ts';

/** Of so many that a change on trial could answer, one goes the old way. */
const share = 5;
const longestSaying = 2_000;

/**
 * Whether a run goes the old way while a change is on trial: always the same for the same run, and by other bits than those
 * that tell which history is held out.
 */
export function isCompared(runId: string): boolean {
  const hash = createHash('sha256').update(`compared ${runId}`).digest();
  return hash.readUInt32BE(0) % share === 0;
}

/** What is known, as a run meets it. */
export function knownTo(runId: string, { text, version, learned }: KnownAnswer): Known {
  if (learned === undefined) return { text, version };
  const { pattern, revision, onTrial } = learned;
  const place = { kind: phrasebookEntryKind, key: pattern, revision };
  const use =
    onTrial && isCompared(runId)
      ? ({ as: 'compared', wouldHave: text.slice(0, longestSaying).toWellFormed() } as const)
      : ({ as: 'used', wouldHave: null } as const);
  return { text, version, learned: { ...place, ...use } };
}

/** What was to be compared and is said all the same, where nobody can be asked. */
export function usedAfterAll({ learned, ...known }: Known): Known {
  return learned === undefined ? known : { ...known, learned: { ...learned, as: 'used', wouldHave: null } };
}
