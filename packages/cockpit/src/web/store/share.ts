/**
 * The new value, with every part that equals the old one taken from the old one. A list that is read again mostly says
 * the same, and what kept its identity is not drawn again. Plain JSON only.
 */
export function share<T>(before: T, after: T): T {
  if (Object.is(before, after)) return before;
  if (Array.isArray(before) && Array.isArray(after)) return shareArray(before, after) as T;
  return isRecord(before) && isRecord(after) ? (shareRecord(before, after) as T) : after;
}

function shareArray(before: readonly unknown[], after: readonly unknown[]): readonly unknown[] {
  // A row that came or went moves the others: they are found again by what they are, not by where they are.
  const known = new Map(before.map((row) => [identityOf(row), row]));
  const shared = after.map((row, index) => share(known.get(identityOf(row)) ?? before[index], row));
  return shared.length === before.length && shared.every((row, index) => row === before[index])
    ? before
    : shared;
}

function shareRecord(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const keys = Object.keys(after);
  const shared = keys.map((key) => share(own(before, key), after[key]));
  const same =
    keys.length === Object.keys(before).length &&
    // A key that is new has no value here either: it must be there, too.
    keys.every((key, index) => shared[index] === before[key] && Object.hasOwn(before, key));
  return same ? before : Object.fromEntries(keys.map((key, index) => [key, shared[index]]));
}

/** A field of the record itself: `__proto__` in a stranger's payload is a name like any other. */
function own(record: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** What a row is called, in the fields that rows of this API have first: an id or a name. */
function identityOf(row: unknown): unknown {
  if (!isRecord(row)) return row;
  const [first] = Object.keys(row);
  return first === undefined ? undefined : own(row, first);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
