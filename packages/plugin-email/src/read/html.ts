/** What a browser does not show, with all that is in it. */
const hidden = new Set(['head', 'blockquote']);
/** Of these too, and nothing in them is a tag. */
const raw = new Set(['style', 'script', 'title']);
/** Their end is the end of a line. */
const blocks = new Set(['br', '/p', '/div', '/li', '/tr', '/h1', '/h2', '/h3', '/h4', '/h5', '/h6']);
/** Characters that are read; what stands behind is not. */
const longest = 1_000_000;

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  nbsp: ' ',
  '#39': "'",
};

/**
 * The text of a page. No browser: what is not shown and what is quoted goes, blocks end a line, entities that mails have
 * are written out. It is read once from its beginning to its end, however it is written.
 */
export function textOfHtml(given: string): string {
  const html = given.slice(0, longest);
  return textIn(html)
    .replaceAll(/&(amp|lt|gt|quot|nbsp|#39);/gi, (all, name: string) => entities[name.toLowerCase()] ?? all)
    .split('\n')
    .map((line) => line.replaceAll(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

function textIn(html: string): string {
  const parts: string[] = [];
  const lower = html.toLowerCase();
  /** Elements that are hidden and open, as a stack. */
  let within: string[] = [];
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (within.length === 0) parts.push(html.slice(at, open < 0 ? html.length : open));
    if (open < 0) break;
    const [, name = ''] = /^<([/!?]?[a-z0-9-]{0,20})/.exec(lower.slice(open, open + 24)) ?? [];
    if (name === '' || /^\d/.test(name)) {
      // As in "a < b".
      if (within.length === 0) parts.push('<');
      at = open + 1;
      continue;
    }
    const end = endOf(html, open);
    if (end < 0) break;
    if (raw.has(name)) {
      at = lower.indexOf(`</${name}`, end);
      if (at < 0) break;
      continue;
    }
    if (hidden.has(name)) within = [...within.slice(0, 50), name];
    else if (name.startsWith('/') && hidden.has(name.slice(1))) within = closed(within, name.slice(1));
    else if (within.length === 0 && blocks.has(name)) parts.push('\n');
    at = end;
  }
  return parts.join('');
}

/** Where a tag, or a comment, is over; below zero where it never is: then the rest is none of our words. */
function endOf(html: string, open: number): number {
  const [mark, from] = html.startsWith('<!--', open) ? ['-->', open + 4] : ['>', open + 1];
  const end = html.indexOf(mark, from);
  return end < 0 ? -1 : end + mark.length;
}

function closed(within: string[], name: string): string[] {
  const place = within.lastIndexOf(name);
  return place < 0 ? within : within.slice(0, place);
}
