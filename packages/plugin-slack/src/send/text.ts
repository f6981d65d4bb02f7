/** What Slack reads as markup in a text: nothing of it makes a mention or a link that says one thing and is another. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Cuts at a line where there is one near the end, and says where the rest is. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const room = longest - 100;
  const line = text.lastIndexOf('\n', room);
  const kept = whole(text.slice(0, line > room / 2 ? line : room)).trimEnd();
  return `${kept}\n… ${text.length - kept.length} more characters: kora inbox`;
}

/** In pieces of at most so many characters, each cut at a line where it can be, and never inside a character's name. */
export function pieces(text: string, longest: number): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > longest) {
    const line = rest.lastIndexOf('\n', longest);
    const at = line > 0 ? line : insideOf(rest, longest);
    found.push(rest.slice(0, at));
    rest = rest.slice(line > 0 ? at + 1 : at);
  }
  if (rest.trim() !== '') found.push(rest);
  return found.filter((piece) => piece.trim() !== '');
}

/** Where a text may be cut at most, so that neither `&amp;` nor a character of two units is torn. */
function insideOf(text: string, longest: number): number {
  const entity = text.lastIndexOf('&', longest - 1);
  const at = entity > longest - 5 && entity > 0 && text.indexOf(';', entity) >= longest ? entity : longest;
  return whole(text.slice(0, at)).length;
}

/** Without half a character at its end. */
export function whole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

/** What a person wrote, out of what Slack makes of it: links and mentions as they read, and the three characters back. */
export function asWritten(text: string): string {
  return text
    .replaceAll(
      /<(?:mailto:)?([^<>|]+)(?:\|([^<>]*))?>/g,
      (_all, target: string, label: string | undefined) =>
        /^[@#!]/.test(target) ? (label ?? target) : target,
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
