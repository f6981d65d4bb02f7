/** The canonical text of a JSON value (RFC 8785): keys by UTF-16 code units, numbers as ECMAScript writes them. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[])
      text += (text === '' ? '' : ',') + canonicalJson(item ?? null);
    return `[${text}]`;
  }
  // Every event passes here: one text grows, and nothing is made on the way to it.
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields).sort()) {
    const item = fields[key];
    if (item === undefined) continue;
    text += (text === '' ? '' : ',') + quotedKey(key) + canonicalJson(item);
  }
  return `{${text}}`;
}

/** The names of fields come again and again; those of a stranger's map do not, and are not kept without end. */
const quotedKeys = new Map<string, string>();
const mostKept = 1_000;

function quotedKey(key: string): string {
  const known = quotedKeys.get(key);
  if (known !== undefined) return known;
  const quoted = `${JSON.stringify(key)}:`;
  if (quotedKeys.size < mostKept) quotedKeys.set(key, quoted);
  return quoted;
}
