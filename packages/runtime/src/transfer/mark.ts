import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';

/** Schemas that belong to a store: the runtime's, and those of plugins. */
export const ownSchemas = `(nspname = 'kora' or nspname ~ '^plugin_')`;

/** Stands in a store that is being moved in, and goes when it was proved: nobody may work on half a store. */
export const markTable = 'unfinished_transfer';

/** Whether this store was being moved here and never became complete. */
export async function isUnfinished(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ marked: boolean }>(`select to_regclass($1) is not null as marked`, [
    `kora.${markTable}`,
  ]);
  return row?.marked === true;
}

/**
 * Makes sure that a database can take a store: one that an earlier try left half is removed, a living one is refused
 * with KORA_STORE_NOT_EMPTY.
 */
export async function claimTarget(
  db: Queryable,
  options: { readonly description: string; readonly onProgress: (line: string) => void },
): Promise<void> {
  const used = await db.query<{ schema: string }>(
    `select nspname::text as schema from pg_namespace n where ${ownSchemas}
       and exists (select from pg_class where relnamespace = n.oid) order by 1`,
  );
  if (used.length === 0) return;
  if (!(await isUnfinished(db))) {
    throw fault('KORA_STORE_NOT_EMPTY', `${options.description} holds a store already`, {
      fix: 'create an empty database (createdb kora) and give its URL',
      details: { schemas: used.map(({ schema }) => schema) },
    });
  }
  options.onProgress('an earlier try left half a store: it is removed');
  // The mark goes last: whoever is cut off here finds it again.
  const schemas = used.map(({ schema }) => schema).sort((one) => (one === 'kora' ? 1 : -1));
  for (const schema of schemas) await db.query(`drop schema ${quoted(schema)} cascade`);
}

export async function mark(db: Queryable, from: string): Promise<void> {
  await db.query('create schema if not exists kora');
  await db.query(
    `create table kora.${markTable} (from_server text not null, began_at timestamptz default clock_timestamp())`,
  );
  await db.query(`insert into kora.${markTable} (from_server) values ($1)`, [from]);
}

export async function unmark(db: Queryable): Promise<void> {
  await db.query(`drop table kora.${markTable}`);
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
