/** One header as it stands in the mail, unfolded; the name in lower case. */
export interface Header {
  readonly name: string;
  readonly value: string;
}

/** The headers of a mail, in order, repeated ones included. Bytes above ASCII are read as latin1, and so never look like it. */
export function headersOf(raw: Uint8Array): Header[] {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1');
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const headers: { name: string; value: string }[] = [];
  for (const line of text.slice(0, end).split(/\r?\n/)) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.value += ` ${line.trim()}`;
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    headers.push({ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() });
  }
  return headers;
}

export function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter((header) => header.name === name).map(({ value }) => value);
}

export function valueOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find((header) => header.name === name)?.value;
}

/** What RFC 5322 allows once: a second one is shown by one program and proved by another. */
const single = ['from', 'subject', 'message-id', 'to', 'cc', 'date', 'sender', 'content-type'];

/** The first header that stands there twice and must not. */
export function repeatedHeader(headers: readonly Header[]): string | undefined {
  return single.find((name) => valuesOf(headers, name).length > 1);
}
