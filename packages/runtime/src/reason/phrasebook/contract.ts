import { z } from 'zod';

export const phrasebookLimits = {
  pattern: 512,
  reply: 4_096,
  category: 64,
  description: 256,
  entries: 200,
} as const;

const line = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !/\0|\p{Surrogate}/u.test(text), 'a character that no database keeps');

/** One known question and what is said to it. */
export const entrySchema = z.strictObject({
  /** Words, `(a|b)`, `[a]`, `<name>`, `*`, `$`; see the pattern's own description. */
  pattern: line(phrasebookLimits.pattern),
  /** With `{snapshot.section.field}`. Null: whoever thinks is to answer it, whatever the entries after this one say. */
  reply: line(phrasebookLimits.reply).nullable(),
  /** What it is about: `cost`, `tickets`. */
  category: line(phrasebookLimits.category),
  description: line(phrasebookLimits.description),
});
export type Entry = z.infer<typeof entrySchema>;

/**
 * `operator`: written here; `base`: came with Kora; `learned`: of a proposal that was applied. They are asked in this order,
 * so that what was learned answers nothing but what would have gone to whoever thinks.
 */
export const entryOrigins = ['operator', 'base', 'learned'] as const;
export type EntryOrigin = (typeof entryOrigins)[number];

/** Where an entry was learned. */
export interface LearnedFrom {
  readonly proposalId: number;
  /** Counts the changes of this entry, from 1. */
  readonly revision: number;
  /** A share of the questions that fit goes to whoever thinks, to compare. */
  readonly onTrial: boolean;
}

/** An entry that was learned; its pattern is what the change is known by. */
export interface LearnedEntry extends LearnedFrom {
  readonly entry: Entry;
}

/** What is wrong with an entry, for whoever wrote it. */
export interface EntryIssue {
  readonly entryIndex: number;
  readonly field: string;
  readonly error: string;
}

/** What came of looking a text up. */
export type Lookup =
  | { readonly outcome: 'answered'; readonly text: string; readonly entry: FoundEntry }
  /** No entry begins like it. */
  | { readonly outcome: 'unmatched' }
  /** An entry leaves it to whoever thinks. */
  | { readonly outcome: 'left'; readonly entry: FoundEntry }
  /** An entry fits, and what it would say is not known, or not fresh. */
  | { readonly outcome: 'unknown'; readonly entry: FoundEntry; readonly missing: string };

export interface FoundEntry {
  /** Its place in the book, from 0. */
  readonly index: number;
  readonly origin: EntryOrigin;
  readonly entry: Entry;
  /** Of what was learned alone. */
  readonly learned?: LearnedFrom;
}

/** How a version came about. */
export const versionKinds = ['base', 'edit', 'revert', 'proposal'] as const;
export type VersionKind = (typeof versionKinds)[number];

export interface PhrasebookVersion {
  readonly version: number;
  readonly kind: VersionKind;
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly revertedTo: number | null;
  readonly proposal: string | null;
  /** How many the operator wrote, and how many came with Kora. */
  readonly overlayEntries: number;
  readonly baseEntries: number;
}
