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

/** Characters of one header that are read: of a longer one only whose it is. */
const longestResults = 8_192;
/** `\"` within quotes ends none: who chooses a sender's name chooses what stands there. */
const quotedText = String.raw`"(?:[^"\\]|\\.)*"`;
const quoted = new RegExp(quotedText, 'g');
const section = new RegExp(String.raw`(?:${quotedText}|[^;"])+`, 'g');
const assignment = new RegExp(
  String.raw`(?<![^\s])[^\s=]{1,100}\s{0,20}=\s{0,20}(?:${quotedText}|[^\s"])+`,
  'g',
);

/** Reads one header; undefined when it is none. */
export function resultsIn(value: string): Results | undefined {
  const read = withoutComments(value.slice(0, longestResults));
  const [head = '', ...parts] = read.match(section) ?? [];
  const host = head.trim().split(/\s+/)[0]?.replaceAll('"', '').toLowerCase();
  if (host === undefined || host === '') return undefined;
  // Where it was cut, and where a quote stays open, nobody can tell what is the host's word and what the sender's.
  const isWhole = value.length <= longestResults && !read.replaceAll(quoted, '').includes('"');
  return { host, methods: isWhole ? parts.flatMap(methodIn) : [] };
}

/** Whether a host is one of those that are trusted; `*.example.com` are all below example.com. */
export function isTrusted(host: string, trusted: readonly string[]): boolean {
  return trusted.some((one) => (one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one));
}

function methodIn(part: string): MethodResult[] {
  const words = part.trim().match(assignment) ?? [];
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
