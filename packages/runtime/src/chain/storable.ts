/**
 * PostgreSQL's text and jsonb hold neither NUL nor half a surrogate pair: both become U+FFFD, as text decoders do. 64-bit
 * numbers become strings, dates their ISO text. Each text goes through `change` first.
 */
export function storable(value: unknown, change: (text: string) => string = same): unknown {
  if (typeof value === 'string') return storableText(change(value));
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map((item) => storable(item, change));
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [storableText(change(key)), storable(item, change)]),
  );
}

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\u0000', '\uFFFD');
}

function same(text: string): string {
  return text;
}
