import { setImmediate as turnOfOthers } from 'node:timers/promises';
import type { HistoryPage, HistoryQuery } from '@kora/runtime/plugin';

/** Rows of a page: worked through in a few milliseconds, and a million rows are not many pages. */
const pageRows = 1_000;

/**
 * Every row of a look, oldest first, page by page; never more than one page in memory. Others have their turn after each.
 * A page may be empty and not the last. Throws the reason of the signal.
 */
export async function* pagesOf<Row, Query extends HistoryQuery>(
  read: (query: Query) => Promise<HistoryPage<Row>>,
  query: Query,
  signal: AbortSignal,
): AsyncGenerator<readonly Row[]> {
  let after: string | undefined;
  do {
    signal.throwIfAborted();
    const page: HistoryPage<Row> = await read({
      ...query,
      limit: query.limit ?? pageRows,
      ...(after === undefined ? {} : { after }),
    });
    yield page.rows;
    after = page.next ?? undefined;
    await turnOfOthers();
  } while (after !== undefined);
}

/** Shows every row of a look to `visit`; how many there were. */
export async function everyRow<Row, Query extends HistoryQuery>(
  read: (query: Query) => Promise<HistoryPage<Row>>,
  query: Query,
  { signal, visit }: { readonly signal: AbortSignal; readonly visit: (row: Row) => void },
): Promise<number> {
  let count = 0;
  for await (const rows of pagesOf(read, query, signal)) {
    for (const row of rows) visit(row);
    count += rows.length;
  }
  return count;
}
