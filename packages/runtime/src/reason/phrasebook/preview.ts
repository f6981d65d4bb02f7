import type { Snapshot } from '../snapshot/contract.ts';
import type { Book } from './book.ts';
import type { Lookup } from './contract.ts';

/** A question that was asked, whoever answered it then. */
export interface PastQuestion {
  readonly text: string;
  readonly at: string;
  readonly by: 'phrasebook' | 'engine' | 'nobody';
}

export interface PreviewChange {
  readonly text: string;
  /** How often it was asked, in the same words. */
  readonly times: number;
  readonly lastAt: string;
  readonly before: Lookup;
  readonly after: Lookup;
}

/** What a new phrasebook would do to the questions that were asked: each counted as often as it was asked. */
export interface Preview {
  readonly questions: number;
  readonly answeredBefore: number;
  readonly answeredAfter: number;
  /** Those that would be answered otherwise, most asked first, a hundred at most. */
  readonly changes: readonly PreviewChange[];
}

const mostChanges = 100;

/** Both books are asked as if each question came now. An entry that fits and lacks a value counts as not answered. */
export function previewOf(
  { before, after }: { readonly before: Book; readonly after: Book },
  questions: readonly PastQuestion[],
  { snapshot, nowMs }: { readonly snapshot: Snapshot | null; readonly nowMs: number },
): Preview {
  const asked = new Map<string, { times: number; lastAt: string }>();
  for (const { text, at } of questions) {
    const known = asked.get(text);
    if (known === undefined) asked.set(text, { times: 1, lastAt: at });
    else {
      known.times += 1;
      if (at > known.lastAt) known.lastAt = at;
    }
  }
  const looked = [...asked].map(([text, seen]) => ({
    text,
    ...seen,
    before: before.look(text, snapshot, nowMs),
    after: after.look(text, snapshot, nowMs),
  }));
  const answered = (side: 'before' | 'after'): number =>
    looked.reduce((sum, one) => sum + (one[side].outcome === 'answered' ? one.times : 0), 0);
  return {
    questions: questions.length,
    answeredBefore: answered('before'),
    answeredAfter: answered('after'),
    changes: looked
      .filter((one) => said(one.before) !== said(one.after))
      .sort((one, other) => other.times - one.times || one.text.localeCompare(other.text))
      .slice(0, mostChanges),
  };
}

function said(lookup: Lookup): string {
  return lookup.outcome === 'answered' ? `answered ${lookup.text}` : lookup.outcome;
}
