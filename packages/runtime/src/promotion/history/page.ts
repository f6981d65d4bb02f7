import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import type { HistoryPage } from '../contract.ts';
import type { HistoryWindow, PageQuery } from '../ports.ts';

/** Microseconds, as the store has them: a page begins behind the very row that the one before ended with. */
const moment = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);

const pageShape = z.object({
  after: z.string().max(1_000).optional(),
  limit: z.number().int().min(1).max(5_000).default(1_000),
});

/** A time as SQL gives it to a page. */
export function isoOf(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** Where a page begins and how long it may be. */
export interface PageStart<Key> {
  /** The first row is behind it. */
  readonly after: Key;
  readonly limit: number;
}

/**
 * Reads what is asked of a page of a window. `first` stands before every row of its time. A place before the window is its
 * beginning. Throws KORA_REQUEST_INVALID.
 */
export function pageStart<Rest extends readonly unknown[]>(
  window: HistoryWindow,
  page: PageQuery,
  { rest, first }: { readonly rest: z.ZodType<Rest>; readonly first: Rest },
): PageStart<readonly [at: string, ...Rest]> {
  const { after, limit } = readPage(page);
  const begin: readonly [string, ...Rest] = [
    `${new Date(window.since).toISOString().slice(0, -1)}000Z`,
    ...first,
  ];
  if (after === undefined) return { after: begin, limit };
  const [at, ...others] = readPlace(after, z.array(z.unknown()));
  const place = placeOf(moment, at);
  // Both are of one width, in UTC.
  if (place < begin[0]) return { after: begin, limit };
  return { after: [place, ...placeOf(rest, others)], limit };
}

/** The limit alone. Throws KORA_REQUEST_INVALID. */
export function readPage(page: PageQuery): { readonly after?: string | undefined; readonly limit: number } {
  const read = pageShape.safeParse(page);
  if (read.success) return read.data;
  throw fault('KORA_REQUEST_INVALID', `a page of history: ${z.prettifyError(read.error)}`);
}

/** What a cursor says. Throws KORA_REQUEST_INVALID for what no page gave. */
export function readPlace<Place>(cursor: string, shape: z.ZodType<Place>): Place {
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    said = undefined;
  }
  return placeOf(shape, said);
}

function placeOf<Place>(shape: z.ZodType<Place>, said: unknown): Place {
  const read = shape.safeParse(said);
  if (read.success) return read.data;
  throw fault(
    'KORA_REQUEST_INVALID',
    'a page of history begins at `next` of the page before, and nowhere else',
  );
}

export function cursorOf(place: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** A page of rows that are told apart by their place; a full one may have another behind it. */
export function pageOf<Row, Past>(
  rows: readonly Row[],
  limit: number,
  { past, place }: { readonly past: (row: Row) => Past; readonly place: (row: Row) => readonly unknown[] },
): HistoryPage<Past> {
  const last = rows.length < limit ? undefined : rows.at(-1);
  return { rows: rows.map(past), next: last === undefined ? null : cursorOf(place(last)) };
}
