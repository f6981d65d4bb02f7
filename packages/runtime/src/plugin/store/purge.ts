import { fault } from '../../fault/index.ts';
import { codeOf } from '../../store/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import { idInNames, isPluginId } from '../manifest.ts';
import { quoted } from './place-sql.ts';

export interface Purged {
  readonly plugin: string;
  readonly schema: string;
  /** How many tables went. */
  readonly tables: number;
  /** False where this login may not drop roles: `statement` is for whoever may. */
  readonly roleDropped: boolean;
  readonly statement: string | null;
}

/**
 * Removes everything a plugin keeps in this database: its schema with all tables, its line of migrations, its password and
 * its login. `database` is the way of whoever owns the schema. Throws KORA_PLUGIN_STORE_REFUSED where that is another, and
 * KORA_PLUGIN_UNKNOWN for what is no plugin's id: the house has lines of its own, and what is spelt otherwise is another's.
 */
export async function purgePlugin(database: Database, plugin: string): Promise<Purged> {
  if (!isPluginId(plugin))
    throw fault('KORA_PLUGIN_UNKNOWN', `no plugin can have the id ${plugin}`, { fix: 'kora plugin list' });
  const schema = `plugin_${idInNames(plugin)}`;
  const [name] = await database.query<{ role: string; there: boolean }>(
    `select kora.plugin_role_name($1)::text as role,
       exists (select from pg_roles where rolname = kora.plugin_role_name($1)) as there`,
    [plugin],
  );
  const role = name?.role ?? '';
  const hasRole = name?.there === true;
  if (hasRole) await endSessions(database, role);
  const tables = await database
    .transaction((tx) => removeTables(tx, { plugin, schema, role: hasRole ? role : undefined }), {
      statementTimeoutMs: 0,
    })
    .catch((error: unknown) => {
      throw notOwner(error, plugin);
    });
  const statement = hasRole ? `drop role ${quoted(role)}` : null;
  const roleDropped = statement === null || (await isDropped(database, statement));
  return { plugin, schema, tables, roleDropped, statement: roleDropped ? null : statement };
}

interface Parts {
  readonly plugin: string;
  readonly schema: string;
  readonly role: string | undefined;
}

async function removeTables(tx: Transaction, { plugin, schema, role }: Parts): Promise<number> {
  const [count] = await tx.query<{ tables: number }>(
    `select count(*)::int as tables from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname = $1 and relkind in ('r', 'p') and not relispartition`,
    [schema],
  );
  await tx.query(`drop schema if exists ${quoted(schema)} cascade`);
  // What it was given on schemas of the house keeps a role from being dropped.
  if (role !== undefined) {
    await tx.query(`revoke all on all functions in schema kora_plugin from ${quoted(role)}`);
    await tx.query(`revoke all on schema kora_plugin from ${quoted(role)}`);
  }
  await tx.query('delete from kora.plugin_line where owner = $1', [plugin]);
  await tx.query('delete from kora.migration where owner = $1', [plugin]);
  await tx.query('delete from kora.plugin_role where plugin = $1', [plugin]);
  return count?.tables ?? 0;
}

async function endSessions(database: Database, role: string): Promise<void> {
  await database
    .query(
      'select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and datname = current_database()',
      [role],
    )
    .catch(() => undefined); // those that this login may not end, the server ends with their schema gone
}

async function isDropped(database: Database, statement: string): Promise<boolean> {
  try {
    await database.query(statement);
    return true;
  } catch (error) {
    if (rightsOf(error) || codeOf(error) === '2BP01') return false;
    throw error;
  }
}

function notOwner(error: unknown, plugin: string): unknown {
  if (!rightsOf(error)) return error;
  return fault('KORA_PLUGIN_STORE_REFUSED', `this login may not remove the tables of plugin ${plugin}`, {
    fix: 'set KORA_DATABASE_MIGRATION_URL to the URL of the role that owns the schema',
    cause: error,
  });
}

function rightsOf(error: unknown): boolean {
  return codeOf(error) === '42501' || (error instanceof Error && codeOf(error.cause) === '42501');
}
