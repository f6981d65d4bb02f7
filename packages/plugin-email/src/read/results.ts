/** One method of an Authentication-Results header (RFC 8601). */
export interface MethodResult {
  readonly method: string;
  readonly result: string;
  /** `header.d`, `smtp.mailfrom`, … in lower case. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface Results {
  readonly host: string;
  readonly methods: readonly MethodResult[];
}

/** Reads one header; undefined when it is none. */
export function resultsIn(value: string): Results | undefined {
  const [head = '', ...parts] = sections(withoutComments(value));
  const host = head.trim().split(/\s+/)[0]?.replaceAll('"', '').toLowerCase();
  if (host === undefined || host === '') return undefined;
  return { host, methods: parts.flatMap(methodIn) };
}

/** Whether a host is one of those that are trusted; `*.example.com` are all below example.com. */
export function isTrusted(host: string, trusted: readonly string[]): boolean {
  return trusted.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one));
}

function methodIn(part: string): MethodResult[] {
  const words = part.trim().match(/[^\s=]+\s*=\s*(?:"[^"]*"|\S+)/g) ?? [];
  const [first, ...rest] = words.map((word) => {
    const at = word.indexOf('=');
    return { key: word.slice(0, at).trim().toLowerCase(), value: unquoted(word.slice(at + 1).trim()) };
  });
  if (first === undefined) return [];
  const properties = Object.fromEntries(rest.map(({ key, value }) => [key, value.toLowerCase()]));
  // `dkim/1=pass` names the method's version.
  const method = first.key.split('/')[0] ?? first.key;
  return [{ method, result: first.value.toLowerCase(), properties }];
}

function unquoted(value: string): string {
  return value.startsWith('"') ? value.slice(1).replace(/"$/, '') : value;
}

/** Comments may stand within comments, and may hold what looks like a result. */
function withoutComments(value: string): string {
  let depth = 0;
  let quoted = false;
  let kept = '';
  for (let at = 0; at < value.length; at += 1) {
    const letter = value[at];
    if (letter === '\\') {
      if (depth === 0) kept += value.slice(at, at + 2);
      at += 1;
    } else if (depth === 0 && letter === '"') {
      quoted = !quoted;
      kept += letter;
    } else if (!quoted && letter === '(') depth += 1;
    else if (!quoted && letter === ')' && depth > 0) depth -= 1;
    else if (depth === 0) kept += letter;
  }
  return kept;
}

function sections(value: string): string[] {
  return value.match(/(?:"[^"]*"|[^;"])+/g) ?? [];
}
