/** Characters and words of a question that is looked up at all; what is longer is nobody's known question. */
const longestQuestion = 512;
const mostWords = 40;

const edges = /^[\p{P}\p{S}]+|[\p{P}\p{S}]+$/gu;
const apostrophes = /['’`´]/g;

/**
 * The words of a question: without case, accents' forms, apostrophes, and what stands around a word. `What's up, Kora?`
 * is `whats up kora`. Every expression here reads each character once.
 */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const piece of text.normalize('NFKC').toLowerCase().split(/\s+/u)) {
    const word = wordOf(piece);
    if (word !== '') words.push(word);
  }
  return words;
}

/** The words of a question; undefined for what is too long to be a known one. */
export function questionWords(text: string): readonly string[] | undefined {
  if (text.length > longestQuestion) return undefined;
  const words = wordsOf(text);
  return words.length > mostWords ? undefined : words;
}

/** One word as it is compared; empty where nothing is left of it. */
function wordOf(piece: string): string {
  return piece.replaceAll(apostrophes, '').replaceAll(edges, '');
}
