import type { HistoryLook, LoopHistory, PastEvent } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { Counted } from '../cluster/cluster.ts';
import { normalised } from '../cluster/features.ts';
import { Fold } from '../cluster/fold.ts';
import { everyRow } from '../reading/pages.ts';

export const intentKind = 'email.intent_pattern';
const read = 'email.intent_read';
const judged = 'email.intent_judged';

/** A subject, how many mails of it were left alone, and how many of these the operator then saved by hand. */
export interface Subject extends Counted {
  /** Of `count`, those saved. */
  saved: number;
  count: number;
  /** Events that say so, the newest. */
  readonly seen: number[];
}

const mostSubjects = 50_000;
/** People judge by hand: of more than these the same mail might count twice. */
const mostJudged = 100_000;
const mostSeen = 10;

const readPayload = z.object({
  action: z.string(),
  pattern: z.string(),
  message_id: z.string(),
  subject: z.string().nullish(),
});
const judgedPayload = z.object({
  verdict: z.enum(['missed', 'confirmed', 'unwanted']),
  pattern: z.string().nullish(),
  message_id: z.string(),
  subject: z.string().nullish(),
});

/** A mail that was read for what it wants, or what the operator made of one. */
export type MailSeen =
  | { readonly is: 'read'; readonly seq: number; readonly mail: z.infer<typeof readPayload> }
  | { readonly is: 'judged'; readonly seq: number; readonly mail: z.infer<typeof judgedPayload> };

/** Every mail of a look, oldest first; what an older build wrote in another shape is passed over. */
export function everyMail(
  history: LoopHistory,
  look: HistoryLook,
  { signal, visit }: { readonly signal: AbortSignal; readonly visit: (seen: MailSeen) => void },
): Promise<number> {
  const query = { look, types: [read, judged], splitBy: 'message_id' };
  return everyRow((page: typeof query) => history.events(page), query, {
    signal,
    visit: (event) => {
      const seen = seenIn(event);
      if (seen !== undefined) visit(seen);
    },
  });
}

function seenIn({ type, seq, payload }: PastEvent): MailSeen | undefined {
  if (type === read) {
    const parsed = readPayload.safeParse(payload);
    return parsed.success ? { is: 'read', seq, mail: parsed.data } : undefined;
  }
  const parsed = judgedPayload.safeParse(payload);
  return parsed.success ? { is: 'judged', seq, mail: parsed.data } : undefined;
}

/**
 * The subject without what programs put before it, in small letters and single blanks: what a phrase is looked for in. Of a
 * word with a digit nothing but that is left: no phrase has one, and of a thousand invoices one subject remains.
 */
export function bareSubject(subject: string): string {
  const bare = normalised(subject.replace(/^(?:\s*(?:fwd?|wg|re|aw)\s*:)+/i, ''));
  return bare.replaceAll(/\S*\p{N}\S*/gu, '0');
}

/** Whether a bare subject has the phrase, in whole words. */
export function holds(subject: string, phrase: string): boolean {
  return ` ${subject} `.includes(` ${phrase} `);
}

/** Mails that were left alone, by subject; fifty thousand subjects at most. */
export class LeftAlone {
  readonly #fold = new Fold<Subject>(mostSubjects);
  readonly #judged = new Set<string>();

  add({ is, seq, mail }: MailSeen): void {
    if (mail.subject === undefined || mail.subject === null) return;
    const text = bareSubject(mail.subject);
    if (text === '') return;
    const subject = (): Subject => this.#fold.of(text, () => ({ text, count: 0, saved: 0, seen: [] }));
    if (is === 'read') {
      if (mail.action === 'logged_only') subject().count += 1;
      return;
    }
    if (mail.verdict !== 'missed' || this.#judged.has(mail.message_id)) return;
    if (this.#judged.size < mostJudged) this.#judged.add(mail.message_id);
    const one = subject();
    one.seen[one.saved % mostSeen] = seq;
    one.saved += 1;
    // A mail that was read before the window began was left alone all the same.
    one.count = Math.max(one.count, one.saved);
  }

  all(): readonly Subject[] {
    return [...this.#fold.values()];
  }
}

/** Of the mails whose subject holds the phrase: how many there were, and how many of them were saved by hand. */
export function savedOf(
  subjects: readonly Subject[],
  phrase: string,
): { readonly hits: number; readonly of: number } {
  let hits = 0;
  let of = 0;
  for (const { text, count, saved } of subjects) {
    if (!holds(text, phrase)) continue;
    hits += saved;
    of += count;
  }
  return { hits, of };
}
