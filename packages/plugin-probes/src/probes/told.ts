import type { ProbeSnapshot } from '@kora/runtime/plugin';

const longestText = 500;
const mostEntries = 60;
const deepest = 5;
const longestError = 1_000;
/** A shorter one would stand in half the words there are. */
const shortestSecret = 4;
const redacted = '[redacted]';

/**
 * What of a look leaves the plugin: without the secrets that it used, wherever they stand, and no larger than a page.
 * What was cut says so.
 */
export function told(snapshot: ProbeSnapshot, secrets: readonly string[]): ProbeSnapshot {
  const hidden = secrets.filter((secret) => secret.length >= shortestSecret);
  const clean = (text: string, longest: number): string => {
    const without = hidden.reduce((rest, secret) => rest.replaceAll(secret, redacted), text);
    return without.length > longest ? `${without.slice(0, longest)}…` : without;
  };
  const bound = (value: unknown, depth: number): unknown => {
    if (typeof value === 'string') return clean(value, longestText);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= deepest) return '…';
    if (Array.isArray(value)) return value.slice(0, mostEntries).map((each) => bound(each, depth + 1));
    return entriesOf(value, depth + 1);
  };
  const entriesOf = (value: object, depth: number): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(value)
        .slice(0, mostEntries)
        .map(([key, each]) => [clean(key, longestText), bound(each, depth)]),
    );
  return {
    ...snapshot,
    details: entriesOf(snapshot.details, 0),
    ...(snapshot.error === undefined ? {} : { error: clean(snapshot.error, longestError) }),
  };
}
