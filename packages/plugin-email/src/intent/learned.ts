import type { ChangeKindSpec, ChangeSeen, Overlay } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { IntentConfig } from '../config.ts';

const kind = 'email.intent_pattern';
const keyForm = /^[\p{Ll}\p{Lo}\p{N}_]{1,100}$/u;
/** A single short word is in subjects of every kind. */
const shortestPhrase = 6;

/** What a subject that holds the phrase wants to become. */
export const patternValue = z.strictObject({
  /** Words in a row, literally: nothing in them is a pattern. */
  subject: z
    .string()
    .max(120)
    .refine(
      (phrase) => wordsIn(phrase).join('').length >= shortestPhrase,
      'must have at least 6 letters in its words',
    ),
  confidence: z.enum(['medium', 'high']),
  action: z.enum(['ticket', 'log_only']),
  /** Of the ticket, beside `email`. */
  tags: z
    .array(z.string().regex(/^[a-z][a-z0-9_-]{0,30}$/))
    .max(10)
    .default([]),
});
export type PatternValue = z.infer<typeof patternValue>;

/** A phrase that was learned and is in force. */
export interface LearnedPattern extends PatternValue {
  readonly key: string;
  readonly revision: number;
}

/** The first of the phrases that the subject holds, in the order they are given. */
export function learnedIn(subject: string, patterns: readonly LearnedPattern[]): LearnedPattern | undefined {
  const said = padded(bareSubject(subject));
  return patterns.find((pattern) => said.includes(padded(pattern.subject)));
}

/** Without what programs put before it. */
export function bareSubject(subject: string): string {
  return subject.replace(/^(?:\s*(?:fwd?|wg|re|aw)\s*:)+/i, '').trim();
}

/** What was learned of subjects, read after the patterns that ship. */
export class LearnedPatterns {
  #inForce: readonly LearnedPattern[] = [];

  /** By key. */
  get inForce(): readonly LearnedPattern[] {
    return this.#inForce;
  }

  changes({ minConfidence }: Pick<IntentConfig, 'minConfidence'>): ChangeKindSpec {
    return {
      kind,
      means: 'What a mail becomes whose subject holds a phrase, where no pattern that ships fits.',
      value: patternValue,
      examine: ({ key, value }) => Promise.resolve(this.#look(key, patternValue.parse(value), minConfidence)),
      take: (overlays: readonly Overlay[]) => {
        this.#inForce = overlays
          .flatMap(({ key, value, revision }) => {
            const { data } = patternValue.safeParse(value);
            return data === undefined ? [] : [{ ...data, key, revision }];
          })
          .sort((a, b) => (a.key < b.key ? -1 : 1));
        return Promise.resolve();
      },
      places: () =>
        Promise.resolve(
          this.#inForce.map(({ key, revision, ...value }) => ({
            key,
            value,
            facts: { revision, minConfidence },
          })),
        ),
    };
  }

  #look(key: string, value: PatternValue, floor: IntentConfig['minConfidence']): ChangeSeen {
    const before = this.#inForce.find((each) => each.key === key);
    const { subject, confidence, action, tags } = value;
    const acts = action === 'ticket' && (confidence === 'high' || floor === 'medium');
    const becomes = action === 'log_only' ? 'stays a message' : 'becomes a ticket';
    const lines = [
      { path: 'subject', before: before?.subject ?? null, after: subject },
      { path: 'confidence', before: before?.confidence ?? null, after: confidence },
      { path: 'action', before: before?.action ?? null, after: action },
      { path: 'tags', before: before?.tags.join(' ') ?? null, after: tags.join(' ') },
    ];
    return {
      title: `a mail whose subject holds "${wordsIn(subject).join(' ')}" ${becomes}`,
      // A ticket is worked, and costs: what makes one by itself is let in by nobody but the operator.
      risk: acts ? 'high' : 'low',
      lines: lines.filter((line) => line.before !== line.after),
      blastRadius: 'mail of the operator and of whom they allow, within the cap of tickets in an hour',
      refusal: this.#refusal(key, value),
    };
  }

  #refusal(key: string, { subject }: PatternValue): string | null {
    if (!keyForm.test(key)) return 'the key is 1 to 100 small letters, digits and _';
    const same = this.#inForce.find((each) => each.key !== key && padded(each.subject) === padded(subject));
    return same === undefined ? null : `${same.key} reads the same phrase already`;
  }
}

/** Letters and digits, folded, and without apostrophes: what a subject is compared by. */
function wordsIn(text: string): readonly string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** With a space at both ends, so that a phrase begins and ends with whole words. */
function padded(text: string): string {
  return ` ${wordsIn(text).join(' ')} `;
}
