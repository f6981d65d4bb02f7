/**
 * Values on their way to the database, the same whether they come from this process or as a message: an instant is its
 * ISO text, bytes are `bytea` text; what JSON has no word for is nothing.
 */
export function plainValues(values: readonly unknown[] = []): unknown[] {
  return values.map(plain);
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') return null;
  return value;
}
