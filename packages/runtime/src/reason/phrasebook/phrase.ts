import { volatileIn } from '../learned/volatile.ts';
import type { Snapshot } from '../snapshot/contract.ts';
import { readValue } from '../snapshot/value.ts';
import { Matcher } from './matcher.ts';
import { parsePattern } from './pattern.ts';
import { parseReply, render } from './reply.ts';
import { questionWords } from './words.ts';

/** An entry that is in no book yet: whether it would fit a question, and what it would have said. */
export interface Phrase {
  /** The same for two spellings of one pattern. */
  readonly canonical: string;
  /** What of the reply will not be true the next time, in words; undefined where all that changes is read when it is said. */
  readonly stale: string | undefined;
  fits(text: string): boolean;
  /** Undefined where it does not fit, or a value is not known or not fresh. */
  say(text: string, snapshot: Readonly<Record<string, unknown>> | null, nowMs: number): string | undefined;
}

/**
 * Reads an entry as the phrasebook would. Whether its fields are in the snapshot is not asked: that the book does.
 * Throws KORA_PHRASEBOOK_INVALID.
 */
export function phraseOf({ pattern, reply }: { readonly pattern: string; readonly reply: string }): Phrase {
  const parsed = parsePattern(pattern);
  const matcher = new Matcher(parsed);
  const parts = parseReply(reply, pathsIn(reply), parsed.captures);
  const match = (text: string) => {
    const words = questionWords(text);
    return words === undefined || words.length < parsed.leastWords ? undefined : matcher.match(words);
  };
  return {
    canonical: parsed.canonical,
    stale: volatileIn(parts),
    fits: (text) => match(text) !== undefined,
    say: (text, snapshot, nowMs) => {
      const captures = match(text);
      if (captures === undefined) return undefined;
      // Of another version it reads as not known.
      const said = render(parts, { snapshot: snapshot as Snapshot | null, nowMs, captures });
      return 'text' in said ? said.text : undefined;
    },
  };
}

/** The words that a pattern compares; undefined for what is too long to be a known question. */
export function wordsAsked(text: string): readonly string[] | undefined {
  return questionWords(text);
}

/** What of a snapshot a reply could have said when it was made: by path, in the words it is said in. */
export function spokenValues(snapshot: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const at = snapshot['computed_at'];
  const nowMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  const walk = (value: unknown, steps: readonly string[]): void => {
    if (typeof value === 'object' && value !== null) {
      if (Array.isArray(value) || steps.length >= deepest) return;
      for (const [key, inner] of Object.entries(value)) if (speakable.test(key)) walk(inner, [...steps, key]);
      return;
    }
    const said = readValue(snapshot as Snapshot, steps, nowMs);
    if (said !== undefined) values.set(`snapshot.${steps.join('.')}`, said);
  };
  walk(snapshot, []);
  return values;
}

const deepest = 5;
const speakable = /^[\w-]{1,64}$/;

/** Every field that a reply names, whatever it is. */
function pathsIn(reply: string): ReadonlySet<string> {
  return new Set(
    [...reply.matchAll(/\{(snapshot\.[^{}]+)\}/g)].map(([, path = '']) => path.replace(/<[^<>]*>$/, '*')),
  );
}
