/** Where a mail program begins to repeat what was written before. */
const repeats = [
  /^-{2,}\s*(?:original message|ursprüngliche nachricht|message d'origine|mensaje original)\s*-{2,}/i,
  /^_{20,}\s*$/,
  /^on\b(?=.*\d).{5,200}\bwrote:\s*$/i,
  /^am\b(?=.*\d).{5,200}\bschrieb.{0,200}:\s*$/i,
  /^le\b(?=.*\d).{5,200}\ba écrit\s*:\s*$/i,
  /^el\b(?=.*\d).{5,200}\bescribió\s*:\s*$/i,
];

/** The headers that Outlook writes above what it repeats. */
const copiedHeaders = /^\*?(?:from|von|de)\s*:\*?\s.*\n\*?(?:sent|date|to|gesendet|datum|an|envoyé)\s*:/i;

const forwarded = [
  /^-{2,}\s*forwarded message\s*-{2,}/im,
  /^begin forwarded message:\s*$/im,
  /^-{2,}\s*weitergeleitete nachricht\s*-{2,}/im,
];

/** Whether the text holds what somebody else wrote and the sender passed on. */
export function isForwarded(subject: string, text: string): boolean {
  return (
    /^\s*(?:(?:re|aw)\s*:\s*)*(?:fwd?|wg)\s*:/i.test(subject) || forwarded.some((marker) => marker.test(text))
  );
}

/** What the sender wrote above what they passed on; nothing where the two cannot be told apart. */
export function aboveForwarded(text: string): string {
  const starts = forwarded.map((marker) => marker.exec(text)?.index ?? -1).filter((at) => at >= 0);
  const above = starts.length === 0 ? '' : text.slice(0, Math.min(...starts));
  return ownWords(above);
}

/**
 * What the sender wrote now: without quoted lines, what follows "… wrote:", and the signature. A code that stands in the
 * quoted mail is no answer.
 */
export function ownWords(text: string): string {
  const kept: string[] = [];
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  for (const [place, line] of lines.entries()) {
    const trimmed = line.trim();
    if (line === '-- ' || trimmed === '--') break;
    if (copiedHeaders.test(`${trimmed}\n${(lines[place + 1] ?? '').trim()}`)) break;
    // "On … wrote:" is broken over two lines where the name is long.
    const joined = `${trimmed} ${(lines[place + 1] ?? '').trim()}`;
    if (
      repeats.some(
        (marker) => marker.test(trimmed) || (/^(?:on|am|le|el)\b/i.test(trimmed) && marker.test(joined)),
      )
    )
      break;
    if (trimmed.startsWith('>')) continue;
    kept.push(line.trimEnd());
  }
  return kept
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
