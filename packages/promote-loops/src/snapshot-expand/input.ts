/** An input longer than this is no question that comes back. */
const longest = 1_000;

/**
 * The same question to a tool, however it was written: keys in order, spaces around texts gone, what is null or empty
 * left out. Null for what is too long to be a question that comes back.
 */
export function normalInput(input: unknown): string | null {
  const text = JSON.stringify(normal(input) ?? {});
  return text.length > longest ? null : text;
}

function normal(value: unknown): unknown {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (value === null || typeof value !== 'object') return value ?? undefined;
  if (Array.isArray(value)) return value.map((each) => normal(each) ?? null);
  const entries = Object.entries(value)
    .map(([key, each]) => [key, normal(each)] as const)
    .filter(([, each]) => each !== undefined)
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries);
}
