import { createHash } from 'node:crypto';

/**
 * Text of strangers, between marks that it cannot close: the mark holds a hash over the text, which nothing inside the
 * text can name. What looks like such a mark inside is written differently. The same text is always quoted alike, so that
 * a prompt can be made again.
 */
export function quote(source: string, text: string, evidenceId?: string): string {
  const mark = createHash('sha256').update(`${source}\n${text}`).digest('hex').slice(0, 16);
  const named = evidenceId === undefined ? '' : ` evidence="${attribute(evidenceId)}"`;
  return `<quoted ${mark} source="${attribute(source)}"${named}>\n${disarmed(text)}\n</quoted ${mark}>`;
}

/** Marks within a text are kept readable and are none any more. */
function disarmed(text: string): string {
  return text.replaceAll(/<(?=\/?quoted)/gi, '‹');
}

function attribute(text: string): string {
  return text
    .replaceAll(/[\r\n"<>]/g, ' ')
    .slice(0, 200)
    .trim();
}
