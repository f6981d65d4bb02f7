import { fault, messageOf } from '../../fault/index.ts';

/**
 * Values on their way to the database, the same whether they come from this process or as a message: an instant is its
 * ISO text, bytes are `bytea` text, an object is JSON, and what JSON has no word for is null. Throws
 * KORA_PLUGIN_STATEMENT_REFUSED for an object that has no end.
 */
export function plainValues(values: readonly unknown[] = []): unknown[] {
  try {
    return values.map((value) => plain(value, 0));
  } catch (cause) {
    throw fault('KORA_PLUGIN_STATEMENT_REFUSED', `a value cannot be sent: ${messageOf(cause)}`, { cause });
  }
}

/** Dimensions that an array of PostgreSQL may have. */
const deepest = 6;

function plain(value: unknown, depth: number): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) {
    if (depth >= deepest)
      throw fault('KORA_PLUGIN_STATEMENT_REFUSED', `lists of more than ${deepest} dimensions`);
    return value.map((one) => plain(one, depth + 1));
  }
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
