import { storable } from '../../chain/index.ts';

/** What of one request or response is kept. */
const mostBytes = 1_048_576;
const headCharacters = 262_144;

/**
 * A value as the store keeps it, as JSON: without what PostgreSQL cannot hold, with `clean` over every text, and no longer
 * than 1 MiB; of what is longer, its beginning and how long it was.
 */
export function storedJson(value: unknown, clean: (text: string) => string): string {
  const json = JSON.stringify(storable(value, clean) ?? null) ?? 'null';
  const bytes = Buffer.byteLength(json);
  if (bytes <= mostBytes) return json;
  return JSON.stringify({ cut: true, bytes, head: json.slice(0, headCharacters).toWellFormed() });
}
