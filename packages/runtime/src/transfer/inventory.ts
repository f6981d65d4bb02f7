import { readEpoch } from '../state/index.ts';
import type { Queryable } from '../store/index.ts';
import type { ChainEnd, LedgerRow, SequenceState, StoreContents, TableShape } from './contract.ts';
import { markTable, ownSchemas } from './mark.ts';

interface TableRow extends TableShape {
  readonly oid: number;
  readonly bytes: number;
}

/** Reads what this store consists of; on the connection whose snapshot the rows are read in. */
export async function readContents(db: Queryable): Promise<StoreContents> {
  const [server] = await db.query<{ version: string }>(`select current_setting('server_version') as version`);
  const tables = await readTables(db);
  return {
    server: server?.version.split(' ')[0] ?? '',
    ledger: await readLedger(db),
    tables: inOrder(tables, await readReferences(db)).map(({ schema, name, columns }) => ({
      schema,
      name,
      columns,
    })),
    partitions: await readPartitions(db, 'kora.event'),
    ticketPartitions: await readPartitions(db, 'kora.ticket'),
    ends: await readEnds(db),
    epoch: await readEpoch(db),
    bytes: tables.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function readLedger(db: Queryable): Promise<LedgerRow[]> {
  return db.query<LedgerRow>(
    `select owner, number, name, safety, checksum, build, sql from kora.migration
     order by owner <> 'runtime', owner, number`,
  );
}

/** A partitioned table is one table: its rows find their partitions again by themselves. */
function readTables(db: Queryable): Promise<TableRow[]> {
  return db.query<TableRow>(
    `select c.oid::int8 as oid, nspname as schema, relname as name,
       (select coalesce(sum(pg_table_size(p.relid)), 0)::int8 from pg_partition_tree(c.oid) p where p.isleaf) as bytes,
       array(select attname::text from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped
             and attgenerated = '' order by attnum) as columns
     from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and ${ownSchemas}
       and (nspname, relname) <> ('kora', $1) order by nspname, relname`,
    [markTable],
  );
}

function readReferences(db: Queryable): Promise<{ from: number; to: number }[]> {
  return db.query(
    `select distinct conrelid::int8 as from, confrelid::int8 as to from pg_constraint
     where contype = 'f' and conrelid <> confrelid`,
  );
}

/** What is referred to comes first; tables that refer to each other in a circle come as they are named. */
function inOrder(
  tables: readonly TableRow[],
  references: readonly { from: number; to: number }[],
): TableRow[] {
  const ordered: TableRow[] = [];
  const seen = new Set<number>();
  const take = (table: TableRow): void => {
    if (seen.has(table.oid)) return;
    seen.add(table.oid);
    for (const { from, to } of references) {
      const target = from === table.oid ? tables.find(({ oid }) => oid === to) : undefined;
      if (target !== undefined) take(target);
    }
    ordered.push(table);
  };
  for (const table of tables) take(table);
  return ordered;
}

async function readPartitions(db: Queryable, of: 'kora.event' | 'kora.ticket'): Promise<number[]> {
  const rows = await db.query<{ low: number }>(
    `select substring(pg_get_expr(c.relpartbound, c.oid) from $$FROM \\('(\\d+)'\\)$$)::int8 as low
     from pg_inherits join pg_class c on c.oid = inhrelid
     where inhparent = to_regclass($1) and pg_get_expr(c.relpartbound, c.oid) ~ 'FROM' order by 1`,
    [of],
  );
  return rows.map(({ low }) => low);
}

function readEnds(db: Queryable): Promise<ChainEnd[]> {
  return db.query<ChainEnd>(
    `select workspace_id as "workspaceId", name as workspace, seq, encode(hash, 'hex') as hash
     from kora.chain_head join kora.workspace using (workspace_id) order by workspace_id`,
  );
}

/** Every sequence of the store, also those behind identity columns. */
export function readSequences(db: Queryable): Promise<SequenceState[]> {
  return db.query<SequenceState>(
    `select schemaname as schema, sequencename as name, coalesce(last_value, start_value)::text as last,
       last_value is not null as "isCalled"
     from pg_sequences join pg_namespace on nspname = schemaname where ${ownSchemas} order by 1, 2`,
  );
}
