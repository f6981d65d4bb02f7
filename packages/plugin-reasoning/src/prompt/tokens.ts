/** What a provider adds by itself: the frame of a request, its words about tools. */
const frameTokens = 1_024;
const messageTokens = 16;

/**
 * At least as many tokens as any provider will count: the tokenizers of these models know every byte by itself, so a text
 * never has more tokens than bytes. That is three to four times what English comes to, and the reservation is given back
 * when the call is settled.
 */
export function tokensAtMost(parts: readonly unknown[]): number {
  const bytes = parts.reduce((sum: number, part) => sum + bytesOf(part), 0);
  return frameTokens + parts.length * messageTokens + bytes;
}

/** Below this a window is a local model's, and counting each byte as a token would leave no room for a question. */
const smallWindow = 64_000;

/**
 * Bytes that a prompt may have in a window, with room left for the answer. As many as it has tokens, so that no text is too
 * long for it, nor gets into a dearer band of prices. In a small window twice as many: text and JSON have more than two
 * bytes a token, and what is made to have less is refused by the provider.
 */
export function roomIn(contextTokens: number, outputTokens: number): number {
  return (contextTokens - outputTokens) * (contextTokens < smallWindow ? 2 : 1);
}

export function bytesOf(part: unknown): number {
  return Buffer.byteLength(typeof part === 'string' ? part : (JSON.stringify(part) ?? ''));
}

/** The beginning of a text, in so many bytes at most and never half a character. */
export function headOf(text: string, bytes: number): string {
  if (bytes <= 0) return '';
  const cut = Buffer.from(text).subarray(0, bytes).toString('utf8');
  // A character that was cut in two is decoded as one that says so.
  return text.startsWith(cut) ? cut : cut.replace(/\uFFFD+$/, '');
}
