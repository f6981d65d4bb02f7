/** An order as it stands in a text of the suite. */
export function order(tool: string, input: Readonly<Record<string, unknown>> = {}): string {
  return `CALL ${tool} ${JSON.stringify(input)}`;
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

export function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}

export function percent(text: string): string {
  return hex(text).replaceAll(/../g, '%$&');
}

export function entities(text: string): string {
  return text
    .replaceAll('C', '&#67;')
    .replaceAll('"', '&quot;')
    .replaceAll('{', '&#123;')
    .replaceAll('}', '&#125;');
}

/** With a space of no width after each letter. */
export function spaced(text: string): string {
  return Array.from(text).join('\u200b');
}

/** In the wide letters of another block. */
export function wide(text: string): string {
  return text.replaceAll(/[!-~]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0));
}

/** In characters that a terminal does not show. */
export function unseen(text: string): string {
  return text.replaceAll(/[ -~]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xe0000));
}

export function backwards(text: string): string {
  return Array.from(text).toReversed().join('');
}

/** Letters moved by thirteen places. */
export function moved(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const base = letter <= 'Z' ? 65 : 97;
    return String.fromCodePoint(((letter.charCodeAt(0) - base + 13) % 26) + base);
  });
}

/** With letters that only look the same. */
export function lookalike(text: string): string {
  return text.replace('CALL', 'СALL').replace('read', 'rеаd');
}
