/**
 * PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair: both become U+FFFD, as text decoders do. 64-bit
 * numbers become strings, dates their ISO text. Each text goes through `change` first.
 */
export function storable(value: unknown, change: (text: string) => string = same): unknown {
  if (typeof value === 'string') return storableText(change(value));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => storable(item, change));
  if (value instanceof Date) return value.toJSON();
  const kept: Record<string, unknown> = {};
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(fields)) {
    const item = storable(fields[key], change);
    const name = storableText(change(key));
    // Said with `=`, this one name would be the object's prototype and no field of it.
    if (name === '__proto__') Object.defineProperty(kept, name, { ...field, value: item });
    else kept[name] = item;
  }
  return kept;
}

const field = { enumerable: true, configurable: true, writable: true };

export function storableText(text: string): string {
  if (!text.includes('\u0000') && text.isWellFormed()) return text;
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

function same(text: string): string {
  return text;
}
