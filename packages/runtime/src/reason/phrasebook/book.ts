import { createHash } from 'node:crypto';
import { canonicalJson } from '../../chain/index.ts';
import { messageOf } from '../../fault/index.ts';
import type { Snapshot } from '../snapshot/contract.ts';
import { entrySchema, phrasebookLimits } from './contract.ts';
import type { Entry, EntryIssue, EntryOrigin, FoundEntry, LearnedEntry, Lookup } from './contract.ts';
import { coverOf, wordCounts } from './cover.ts';
import { Matcher } from './matcher.ts';
import { parsePattern } from './pattern.ts';
import type { Pattern } from './pattern.ts';
import { parseReply, render } from './reply.ts';
import type { ReplyPart } from './reply.ts';
import { questionWords } from './words.ts';

interface Compiled extends FoundEntry {
  readonly pattern: Pattern;
  readonly matcher: Matcher;
  /** Undefined leaves it to whoever thinks. */
  readonly reply: readonly ReplyPart[] | undefined;
}

/** An entry as it stands in the book. */
export interface BookEntry extends FoundEntry {
  /** Why it is not used: it does not fit this build any more, or another with its pattern stands before it. */
  readonly problem: string | null;
}

export interface Sources {
  readonly overlay: readonly Entry[];
  readonly base: readonly Entry[];
  /** What was learned and is in force. */
  readonly learned?: readonly LearnedEntry[] | undefined;
  /** What may be a placeholder. */
  readonly paths: ReadonlySet<string>;
}

/**
 * The entries of one version, ready to be looked up: the operator's first, then those that came with Kora, then what was
 * learned. One that does not fit is left out and says why; the others go on.
 */
export class Book {
  readonly entries: readonly BookEntry[];
  readonly #compiled: readonly Compiled[];
  /** Entries by words of which a text must have one to fit them. */
  readonly #byWord = new Map<string, Compiled[]>();

  constructor({ overlay, base, learned = [], paths }: Sources) {
    const compiled: Compiled[] = [];
    const holders = new Map<string, EntryOrigin>();
    const sources = [
      ...withOrigin(overlay, 'operator'),
      ...withOrigin(base, 'base'),
      ...learned.map(fromProposal),
    ];
    this.entries = sources.map((found, index) => {
      const made = compile({ ...found, index }, paths);
      if ('error' in made) return { ...found, index, problem: `${made.field}: ${made.error}` };
      const { canonical } = made.pattern;
      const holder = holders.get(canonical);
      const isReplaced = holder !== undefined && (holder !== found.origin || holder === 'learned');
      if (holder === undefined) holders.set(canonical, found.origin);
      if (!isReplaced) compiled.push(made);
      return { ...found, index, problem: isReplaced ? samePattern[holder] : null };
    });
    this.#compiled = compiled;
    const counts = wordCounts(compiled.map(({ pattern }) => pattern.root));
    for (const entry of compiled)
      for (const word of coverOf(entry.pattern.root, counts)) {
        const list = this.#byWord.get(word) ?? [];
        list.push(entry);
        this.#byWord.set(word, list);
      }
  }

  /** How many are used. */
  get size(): number {
    return this.#compiled.length;
  }

  /**
   * The first entry that fits the text from its beginning, and what it says now. Where one that came with Kora lacks a
   * value, what was learned is asked too: nobody wrote that one here.
   */
  look(text: string, snapshot: Snapshot | null, nowMs: number): Lookup {
    const words = questionWords(text);
    let unknown: Lookup | undefined;
    for (const candidate of words === undefined ? [] : this.#candidates(words)) {
      if (unknown !== undefined && candidate.origin !== 'learned') continue;
      const captures = candidate.matcher.match(words ?? []);
      if (captures === undefined) continue;
      const found = foundOf(candidate);
      if (candidate.reply === undefined) return { outcome: 'left', entry: found };
      const said = render(candidate.reply, { snapshot, nowMs, captures });
      if ('text' in said) return { outcome: 'answered', text: said.text, entry: found };
      unknown ??= { outcome: 'unknown', missing: said.missing, entry: found };
      if (candidate.origin === 'operator') return unknown;
    }
    return unknown ?? { outcome: 'unmatched' };
  }

  /** In the order of the book; those that need a word that is not there, or more words, are not looked at. */
  #candidates(words: readonly string[]): readonly Compiled[] {
    const found = new Set<Compiled>();
    for (const word of words)
      for (const entry of this.#byWord.get(word) ?? [])
        if (entry.pattern.leastWords <= words.length) found.add(entry);
    return [...found].sort((one, other) => one.index - other.index);
  }
}

const samePattern: Readonly<Record<EntryOrigin, string>> = {
  operator: 'an entry of yours has this pattern',
  base: 'an entry that came with Kora has this pattern',
  learned: 'another that was learned has this pattern',
};

function foundOf({ index, origin, entry, learned }: Compiled): FoundEntry {
  return { index, origin, entry, ...(learned === undefined ? {} : { learned }) };
}

function fromProposal({ entry, ...learned }: LearnedEntry): Omit<FoundEntry, 'index'> {
  return { entry, origin: 'learned', learned };
}

function withOrigin(entries: readonly Entry[], origin: EntryOrigin): Omit<FoundEntry, 'index'>[] {
  return entries.map((entry) => ({ entry, origin }));
}

type Made = Compiled | { readonly field: string; readonly error: string };

function compile(found: FoundEntry, paths: ReadonlySet<string>): Made {
  const { entry } = found;
  let field = 'pattern';
  try {
    const pattern = parsePattern(entry.pattern);
    field = 'reply';
    const reply = entry.reply === null ? undefined : parseReply(entry.reply, paths, pattern.captures);
    return { ...found, pattern, matcher: new Matcher(pattern), reply };
  } catch (error) {
    return { field, error: messageOf(error).replace(/^(?:pattern|reply): /, '') };
  }
}

/** What the operator wrote, as it may be kept; or everything that is wrong with it. */
export function checkOverlay(
  written: unknown,
  paths: ReadonlySet<string>,
): { readonly entries: readonly Entry[] } | { readonly issues: readonly EntryIssue[] } {
  if (!Array.isArray(written))
    return { issues: [{ entryIndex: 0, field: '', error: 'a phrasebook is a list of entries' }] };
  if (written.length > phrasebookLimits.entries)
    return {
      issues: [
        {
          entryIndex: phrasebookLimits.entries,
          field: '',
          error: `more than ${phrasebookLimits.entries} entries`,
        },
      ],
    };
  const issues: EntryIssue[] = [];
  const entries: Entry[] = [];
  const seen = new Map<string, number>();
  for (const [entryIndex, one] of written.entries()) {
    const parsed = entrySchema.safeParse(one);
    if (!parsed.success) {
      for (const { path, message } of parsed.error.issues)
        issues.push({ entryIndex, field: path.map(String).join('.'), error: message });
      continue;
    }
    entries.push(parsed.data);
    const made = compile({ index: entryIndex, origin: 'operator', entry: parsed.data }, paths);
    if ('error' in made) {
      issues.push({ entryIndex, field: made.field, error: made.error });
      continue;
    }
    const key = canonicalJson([made.pattern.canonical, parsed.data.category]);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, entryIndex);
    else
      issues.push({
        entryIndex,
        field: 'pattern',
        error: `the same as entry ${first}, in the same category`,
      });
  }
  return issues.length > 0 ? { issues } : { entries };
}

/** Names a list of entries, whoever wrote it and in whatever order its fields stand. */
export function hashOf(entries: readonly Entry[]): string {
  return createHash('sha256').update(canonicalJson(entries)).digest('hex');
}
