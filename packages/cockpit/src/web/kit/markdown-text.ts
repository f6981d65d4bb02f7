/**
 * The part of Markdown that a model's answer is shown with: headings, lists, quotes, code, bold, italic. No HTML, no
 * pictures, no links that can be followed: of a link its words and the host it would lead to. Reads each character a
 * bounded number of times.
 */

export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly host: string };

export type Block =
  | { readonly kind: 'paragraph' | 'quote'; readonly text: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: number; readonly text: readonly Inline[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] }
  | { readonly kind: 'code'; readonly text: string };

/** The blocks of a text, in their order. What is no Markdown of this subset stays as it was written. */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.replaceAll('\r\n', '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = blockAt(lines, at);
    if (block !== null) blocks.push(block);
    at = next;
  }
  return blocks;
}

const bullet = /^ {0,8}(?:[-*+]|(\d{1,4})[.)]) +/;
const heading = /^(#{1,6}) +/;
const quote = /^> ?/;
const fence = /^ {0,3}```/;

function blockAt(lines: readonly string[], at: number): readonly [Block | null, number] {
  const line = lines[at] ?? '';
  if (line.trim() === '') return [null, at + 1];
  if (fence.test(line)) {
    const end = until(lines, at + 1, (each) => fence.test(each));
    return [{ kind: 'code', text: lines.slice(at + 1, end).join('\n') }, end + 1];
  }
  const level = heading.exec(line)?.[1]?.length;
  if (level !== undefined) {
    return [{ kind: 'heading', level, text: inlinesOf(line.replace(heading, '')) }, at + 1];
  }
  if (quote.test(line)) {
    const end = until(lines, at, (each) => !quote.test(each));
    const text = lines.slice(at, end).map((each) => each.replace(quote, ''));
    return [{ kind: 'quote', text: inlinesOf(text.join('\n')) }, end];
  }
  const item = bullet.exec(line);
  if (item !== null) {
    const end = until(lines, at, (each) => !bullet.test(each));
    const items = lines.slice(at, end).map((each) => inlinesOf(each.replace(bullet, '')));
    return [{ kind: 'list', ordered: item[1] !== undefined, items }, end];
  }
  const end = until(lines, at + 1, startsAnother);
  return [{ kind: 'paragraph', text: inlinesOf(lines.slice(at, end).join('\n')) }, end];
}

function startsAnother(line: string): boolean {
  return line.trim() === '' || [fence, heading, quote, bullet].some((start) => start.test(line));
}

/** The first line from `at` on that ends a block, or the end of the text. */
function until(lines: readonly string[], at: number, ends: (line: string) => boolean): number {
  const found = lines.slice(at).findIndex(ends);
  return found === -1 ? lines.length : at + found;
}

// Bounded, so that a text of nothing but brackets is read in one pass.
const marks =
  /`([^`\n]{1,400})`|\*\*([^*\n]{1,400})\*\*|\*([^*\s][^*\n]{0,400})\*|(!?)\[([^\]\n]{0,300})\]\(([^)\s]{1,500})[^)\n]{0,200}\)/g;

/** The runs of text within one block. */
export function inlinesOf(text: string): readonly Inline[] {
  const found: Inline[] = [];
  let at = 0;
  for (const match of text.matchAll(marks)) {
    if (match.index > at) found.push({ kind: 'text', text: text.slice(at, match.index) });
    found.push(inlineOf(match));
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: 'text', text: text.slice(at) });
  return found;
}

function inlineOf([whole, code, strong, emphasis, picture, words, target]: RegExpExecArray): Inline {
  if (code !== undefined) return { kind: 'code', text: code };
  if (strong !== undefined) return { kind: 'strong', text: strong };
  if (emphasis !== undefined) return { kind: 'emphasis', text: emphasis };
  const label = words === '' || words === undefined ? whole : words;
  return { kind: 'link', text: picture === '!' ? `picture: ${label}` : label, host: hostOf(target ?? '') };
}

/** Where a link would lead; what is no address of the web is shown whole. */
function hostOf(target: string): string {
  if (!URL.canParse(target)) return target;
  const { protocol, host } = new URL(target);
  return protocol === 'https:' || protocol === 'http:' ? host : target;
}
