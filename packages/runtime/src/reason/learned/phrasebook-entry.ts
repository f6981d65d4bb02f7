import { z } from 'zod';
import { Book } from '../phrasebook/book.ts';
import { entrySchema, phrasebookLimits } from '../phrasebook/contract.ts';
import type { Entry } from '../phrasebook/contract.ts';
import { fewestOwnWords, parsePattern } from '../phrasebook/pattern.ts';
import type { Pattern } from '../phrasebook/pattern.ts';
import type { Phrasebook } from '../phrasebook/phrasebook.ts';
import type { PastQuestion } from '../phrasebook/preview.ts';
import { parseReply } from '../phrasebook/reply.ts';
import type { ReplyPart } from '../phrasebook/reply.ts';
import type { ChangeKindSpec, ChangeSeen, Overlay } from './contract.ts';
import { fieldPrefix } from './fields.ts';
import { phrasebookEntryKind } from './kind-names.ts';
import { changed, refusalOf, unreadable } from './seen.ts';
import { volatileIn } from './volatile.ts';

export interface PhrasebookEntryPorts {
  readonly phrasebook: Pick<Phrasebook, 'inForce' | 'learn'>;
  /** What may be a placeholder. */
  readonly paths: ReadonlySet<string>;
  /** The learned fields of the snapshot that are in force, by the name that stands in a placeholder. */
  readonly fields: () => ReadonlySet<string>;
  /** What was asked lately, newest first. */
  readonly questions: (limit: number) => Promise<readonly PastQuestion[]>;
}

const { reply, category, description } = entrySchema.shape;
const value = z.strictObject({ reply: reply.unwrap(), category, description });

const longestPattern = 300;
const questionsHeld = 1_000;
/** Fewer of its own words, and a pattern that lets words follow would fit what nobody meant. */
const leastOwnWords = 3;
/** The same, where `*` lets words stand in between. */
const leastOwnWordsAround = 2;
/** Questions in different words, before a share of them says anything. */
const fewestToJudge = 20;
const largestShare = 0.5;

/** An entry that answers what would have gone to whoever thinks: key is the pattern, as the operator would write it. */
export function phrasebookEntryOf(ports: PhrasebookEntryPorts): ChangeKindSpec {
  return {
    kind: phrasebookEntryKind,
    means:
      'a question that is answered for nothing, from the snapshot, after what you wrote and what came with Kora',
    value,
    examine: (change) => examine(ports, change),
    take: async (overlays) => ports.phrasebook.learn(overlays.flatMap(entryOf)),
  };
}

function entryOf({ key, value: given, proposalId, revision, trialUntil }: Overlay) {
  const parsed = value.safeParse(given);
  if (!parsed.success) return [];
  return [{ entry: { pattern: key, ...parsed.data }, proposalId, revision, onTrial: trialUntil !== null }];
}

async function examine(
  ports: PhrasebookEntryPorts,
  change: { readonly key: string; readonly value: unknown },
): Promise<ChangeSeen> {
  const title = `Answers ${JSON.stringify(change.key)} for nothing`;
  const parsed = value.safeParse(change.value);
  if (!parsed.success) return unreadable(title, z.prettifyError(parsed.error));
  const entry: Entry = { pattern: change.key, ...parsed.data };
  const [{ book }, asked] = await Promise.all([ports.phrasebook.inForce(), ports.questions(questionsHeld)]);
  const own = book.entries.find((each) => each.origin === 'learned' && each.entry.pattern === change.key);
  const met = reachOf(entry, { book, asked, paths: ports.paths });
  let placeholders = 0;
  const refusal =
    refusalOf(() => {
      const pattern = parsePattern(change.key);
      const parts = parseReply(parsed.data.reply, ports.paths, pattern.captures);
      placeholders = parts.filter((part) => typeof part !== 'string').length;
      return (
        tooBroad(change.key, pattern) ??
        (isHeld(book, change.key, pattern)
          ? 'an entry with this pattern is in the book already'
          : undefined) ??
        unknownField(parts, ports.fields()) ??
        volatileIn(parts)
      );
    }) ?? met.refusal;
  return {
    title,
    // What is said to somebody and read from nowhere is somebody's word for ever.
    risk: placeholders > 0 ? 'low' : 'high',
    lines: changed(own === undefined ? null : { ...own.entry }, { ...entry }),
    blastRadius: met.said,
    refusal: refusal ?? null,
  };
}

function tooBroad(key: string, pattern: Pattern): string | undefined {
  if (key.length > Math.min(longestPattern, phrasebookLimits.pattern))
    return `the pattern is longer than ${longestPattern} characters`;
  const ownWords = fewestOwnWords(pattern.root);
  if (!pattern.isWhole && ownWords < leastOwnWords)
    return `what follows the pattern may be anything: it ends with $, or has ${leastOwnWords} words of its own on every way`;
  if (key.includes('*') && ownWords < leastOwnWordsAround)
    return `with *, a pattern has ${leastOwnWordsAround} words of its own on every way`;
  return undefined;
}

/** Whether another entry is asked by the same pattern; one of an earlier revision is itself. */
function isHeld(book: Book, key: string, { canonical }: Pattern): boolean {
  return book.entries.some(({ entry, origin, problem }) => {
    if (origin === 'learned' && (problem !== null || entry.pattern === key)) return false;
    return canonicalOf(entry.pattern) === canonical;
  });
}

/** Undefined for what is no pattern in this build. */
function canonicalOf(pattern: string): string | undefined {
  try {
    return parsePattern(pattern).canonical;
  } catch {
    return undefined;
  }
}

function unknownField(parts: readonly ReplyPart[], known: ReadonlySet<string>): string | undefined {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    const [section, field = ''] = part.steps;
    if (`${section}.` !== fieldPrefix || field === 'as_of' || part.capture !== undefined) continue;
    if (!known.has(field)) return `{${part.path}} is no field that was learned, or it is none any more`;
  }
  return undefined;
}

/** What of that which was asked it would have answered, and why not at all. */
function reachOf(
  entry: Entry,
  {
    book,
    asked,
    paths,
  }: {
    readonly book: Book;
    readonly asked: readonly PastQuestion[];
    readonly paths: ReadonlySet<string>;
  },
): { readonly said: string; readonly refusal: string | undefined } {
  const alone = new Book({ overlay: [entry], base: [], paths });
  const fitting = asked.filter(({ text }) => alone.look(text, null, 0).outcome !== 'unmatched');
  const left = fitting.filter(({ text }) => {
    const now = book.look(text, null, 0);
    return now.outcome === 'unmatched' || now.entry.origin === 'learned';
  });
  const different = (questions: readonly PastQuestion[]): number =>
    new Set(questions.map(({ text }) => text)).size;
  const all = different(asked);
  const said = `${fitting.length} of the last ${asked.length} questions fit it, ${left.length} of them answered by nothing that stands before it`;
  if (all >= fewestToJudge && different(fitting) > all * largestShare)
    return {
      said,
      refusal: `it fits ${different(fitting)} of ${all} different questions: that is no one question`,
    };
  if (fitting.length > 0 && left.length === 0)
    return { said, refusal: 'what stands before it answers all that it fits: it would never be asked' };
  return { said, refusal: undefined };
}
