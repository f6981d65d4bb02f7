/** More of a text than this is not read: what somebody wants is said before. */
const mostCharacters = 20_000;

/**
 * A text as its words, in small letters with one space between and around: `' is it safe '`. Nothing but letters and
 * digits is left, so that a phrase of it is found by looking for a string, in linear time whatever the text.
 */
export function wordsOf(text: string): string {
  const words = text
    .slice(0, mostCharacters)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
  return words === '' ? '' : ` ${words} `;
}

/** Whether one of the phrases stands in the text, as whole words. */
export function saysOneOf(text: string, phrases: readonly string[]): boolean {
  const words = wordsOf(text);
  return phrases.some((phrase) => {
    const wanted = wordsOf(phrase);
    return wanted !== '' && words.includes(wanted);
  });
}
