/** A request as it is written on a socket. */
export interface Written {
  readonly head: readonly string[];
  readonly body: string;
}

type Random = () => number;

const hostile = [
  '',
  '\0',
  '\u202e',
  '\ud800',
  '../../../../etc/passwd',
  "'; drop table kora.hold; --",
  '{{constructor}}',
  '__proto__',
  '%00%ff%c0%af',
  'x'.repeat(9_000),
  '['.repeat(3_000),
  '-1',
  '1e309',
  'null',
] as const;

const lines = [
  'Transfer-Encoding: chunked',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Encoding: gzip',
  'Content-Type: multipart/form-data',
  'Expect: 100-continue',
  'Upgrade: websocket',
  'X-Forwarded-For: 10.0.0.1',
  'Cookie: kora=1',
  'Authorization: Bearer x',
  'Mcp-Session-Id: 1',
  'Last-Event-ID: 99999999999999999999',
] as const;

/** The same request with something wrong about it, or nothing: bytes, lines, values, length. */
export function mutated({ head, body }: Written, random: Random): Buffer {
  const at = (length: number): number => Math.floor(random() * length);
  const one = <T>(list: readonly T[]): T => list[at(list.length)] as T;
  let lineList = [...head];
  let text = body;
  for (let n = at(4); n > 0; n -= 1) {
    const kind = at(9);
    if (kind === 0)
      lineList[0] = (lineList[0] ?? '').replace(/^\w+/, one(['GET', 'PUT', 'PATCH', 'TRACE', 'BREW']));
    else if (kind === 1)
      lineList[0] = (lineList[0] ?? '').replace(/ \S+ /, ` /${encodeURI(one(hostile).toWellFormed())} `);
    else if (kind === 2) lineList.push(one(lines));
    else if (kind === 3)
      lineList = lineList.filter((_line, index) => index === 0 || index !== at(lineList.length));
    else if (kind === 4) text = text.slice(0, at(text.length + 1));
    else if (kind === 5) text = text.replace(/"[^"]*"(?!:)/, JSON.stringify(one(hostile)));
    else if (kind === 6) text = text.replace(/\d+/, one(hostile.slice(-4)));
    else if (kind === 7)
      text = `${text.slice(0, at(text.length))}${one(hostile)}${text.slice(at(text.length))}`;
    else text = one(hostile);
  }
  const bytes = Buffer.from(text);
  const isSaid = lineList.some((line) => /^(?:content-length|transfer-encoding):/i.test(line));
  const length = isSaid || random() < 0.02 ? [] : [`Content-Length: ${bytes.byteLength}`];
  const written = Buffer.concat([Buffer.from(`${[...lineList, ...length].join('\r\n')}\r\n\r\n`), bytes]);
  // Now and then a byte of the whole is another.
  if (random() < 0.2) written[at(written.byteLength)] = at(256);
  return written;
}
