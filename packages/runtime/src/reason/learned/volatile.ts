import type { ReplyPart } from '../phrasebook/reply.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** A number, a day or a month as a word: true when it was said, and of nothing later. */
const figures = words(
  `zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
  nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion dozen twice
  monday tuesday wednesday thursday friday saturday sunday yesterday tomorrow
  january february april june july august september october november december`,
);

/** How something stands, as a word. */
const conditions = words(
  `healthy unhealthy ok okay fine well degraded unreachable reachable paused stopped held running failing failed fails
  broken down idle busy ready active inactive open closed blocked late overdue offline online intact damaged
  no none nothing nobody everything everybody all`,
);

const placeholder = '\u0001';
/** Where one thing that is said ends and the next begins. */
const clauses = /[.!?;:,\n]+(?=\s|$)|\s(?:and|but|or|while)\s/u;
const withDigit = /\S*\p{N}\S*/u;
/** Letters alone, and yet no word: an id in hexadecimal. */
const hexWord = /^[a-f]{7,}$/;

/**
 * What of a reply will not be true the next time: a number, a date, an id, a duration that stands in it as text and not as
 * `{snapshot.field}`, or a clause that says how something stands and reads it from nowhere. In words; undefined where all
 * that changes is read when it is said.
 */
export function volatileIn(parts: readonly ReplyPart[]): string | undefined {
  for (const part of parts) {
    if (typeof part !== 'string') continue;
    const [digits] = withDigit.exec(part) ?? [];
    if (digits !== undefined) return `${JSON.stringify(digits)} stands in it as text, and will not stay true`;
    const figure = plainWords(part).find((word) => figures.has(word) || hexWord.test(word));
    if (figure !== undefined) return `${JSON.stringify(figure)} stands in it as text, and will not stay true`;
  }
  const whole = parts.map((part) => (typeof part === 'string' ? part : placeholder)).join('');
  for (const clause of whole.split(clauses)) {
    if (clause.includes(placeholder)) continue;
    const condition = plainWords(clause).find((word) => conditions.has(word));
    if (condition !== undefined)
      return `${JSON.stringify(clause.trim())} says how something stands and reads it from nowhere`;
  }
  return undefined;
}

function plainWords(text: string): string[] {
  return text.toLowerCase().split(/[^\p{L}]+/u);
}
