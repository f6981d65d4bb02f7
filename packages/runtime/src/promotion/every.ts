import type { HistoryLook, HistoryPage, HistoryQuery } from './contract.ts';

/** Every row of a look, page by page, in the order of history: one page is held at a time. */
export async function* every<Row>(
  read: (query: HistoryQuery) => Promise<HistoryPage<Row>>,
  query: { readonly look: HistoryLook; readonly limit?: number | undefined },
  signal?: AbortSignal,
): AsyncGenerator<Row, void, undefined> {
  let after: string | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const { rows, next } = await read({ ...query, after });
    yield* rows;
    if (next === null) return;
    after = next;
  }
}
