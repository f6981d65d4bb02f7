import type { Queryable } from '../../store/index.ts';
import type { ChainEvent } from '../contract.ts';
import { eventColumns, toSoundEvent } from '../read.ts';
import type { EventRow } from '../read.ts';

/** An event as a reader holds it: parsed once, when the first consumer wants it, and shared by all who do. */
export interface Entry {
  readonly seq: number;
  readonly type: string;
  /** Characters of its body, for the bound on memory. */
  readonly size: number;
  event(): ChainEvent;
}

/** What one statement read: everything wanted between `after` and `upTo` is in it. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly upTo: number;
  /** Where the chain ended in the same instant. */
  readonly head: number;
}

/** Where pages are read from. */
export interface Source {
  readonly database: Queryable;
  readonly workspaceId: number;
  /** Brings an event to the form that this runtime's vocabulary knows. */
  readonly current: (event: ChainEvent) => ChainEvent;
}

export interface PageQuery {
  readonly after: number;
  /** Types or prefixes; none is everything. */
  readonly types: readonly string[];
  readonly limit: number;
}

/** How many events a statement looks at for those that are wanted, so that rare types far behind cost no minute. */
const span = 20_000;
/** Above it every event is read and the reader picks: comparing each row with each word would cost the server more. */
const wordsInSql = 16;

/** Reads what follows a sequence, and where the chain ends, in one statement. */
export async function readPage(source: Source, query: PageQuery): Promise<Page> {
  const { after, limit } = query;
  const words = query.types.length > wordsInSql ? [] : query.types;
  const rows = await source.database.query<EventRow & { readonly head: number; readonly seq: number | null }>(
    `select h.seq as head, page.* from kora.chain_head h left join lateral (
       select ${eventColumns}, encode(e.hash, 'hex') as hash, b.body
       from kora.event e left join kora.event_body b using (workspace_id, seq)
       where workspace_id = $1 and seq > $2 and seq <= least(h.seq, $2::bigint + ${span})
         ${words.length === 0 ? '' : 'and (e.type = any($4) or e.type ^@ any($5))'}
       order by seq limit $3) page on true
     where h.workspace_id = $1 order by page.seq`,
    [
      source.workspaceId,
      after,
      limit,
      ...(words.length === 0 ? [] : [words, words.map((word) => `${word}.`)]),
    ],
  );
  const head = rows[0]?.head ?? 0;
  const entries = rows
    .filter((row): row is typeof row & { seq: number } => row.seq !== null)
    .map((row) => toEntry(row, source));
  const last = entries.at(-1);
  const all = Math.max(after, Math.min(head, after + span));
  return { entries, head, upTo: entries.length < limit || last === undefined ? all : last.seq };
}

function toEntry(row: EventRow, { current }: Source): Entry {
  let event: ChainEvent | undefined;
  return {
    seq: row.seq,
    type: row.type,
    size: row.body?.length ?? 0,
    event: () => (event ??= frozen(current(toSoundEvent(row)))),
  };
}

/** Shared by consumers that know nothing of each other: what one of them writes into it must not reach the next. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
