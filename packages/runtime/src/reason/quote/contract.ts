import { createHash } from 'node:crypto';

/** What moves a cursor, turns the reading direction, or is there and not to be seen; tabs and ends of lines are seen. */
const unseen =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;
const seenAfterAll: ReadonlySet<string> = new Set(['\t', '\n', '\r']);
/** What could be taken for the beginning or the end of a quotation, whatever stands between its bracket and its word. */
const fenceLike = /<(?=[\s/]*untrusted)/gi;
const notInALabel = /[^\p{L}\p{N} ._:@/-]/gu;
const longestLabel = 80;

/**
 * Text of strangers (mail, probe output, logs) as a model is shown it: as data between two lines that carry one mark. The
 * mark is made of the text, so no text can name its own, and what looks like such a line inside is broken all the same.
 * The same text is quoted alike each time: prompts can be cached, and runs thought through again.
 */
export function quoteUntrusted(source: string, text: string): string {
  const mark = createHash('sha256').update(`${source}\n${text}`).digest('hex').slice(0, 32);
  return [
    `<untrusted mark="${mark}" source="${labelOf(source)}">`,
    visible(text).replace(fenceLike, '&lt;'),
    `</untrusted mark="${mark}">`,
  ].join('\n');
}

/** Whether something that `quoteUntrusted` made is in it, also as a value in JSON. */
export function isQuoting(text: string): boolean {
  return text.includes('<untrusted mark=');
}

/** A text in which everything can be seen: what cannot is U+FFFD. */
export function visible(text: string): string {
  return text.replace(unseen, (character) => (seenAfterAll.has(character) ? character : '\ufffd'));
}

function labelOf(source: string): string {
  return visible(source).replace(notInALabel, '_').slice(0, longestLabel).toWellFormed();
}
