import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import type { Database, Transaction } from './database.ts';
import { codeOf, isStoreAway } from './errors.ts';

/** One numbered file of an owner's line. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Safe: older builds go on working on the changed schema. Breaking: they must refuse it. */
  readonly safety: 'safe' | 'breaking';
  readonly sql: string;
  readonly checksum: string;
}

export interface MigrateOptions {
  /** Whose line: `runtime`, or a plugin's id. */
  readonly owner: string;
  /** Version of the build, recorded so that an older one can name who changed the schema. */
  readonly build: string;
  readonly migrations: readonly Migration[];
}

export interface SchemaVersion {
  readonly applied: number;
  /** Migrations of a newer build that this one does not know; all safe, else opening was refused. */
  readonly newer: number;
}

interface AppliedRow {
  readonly number: number;
  readonly name: string;
  readonly safety: 'safe' | 'breaking';
  readonly checksum: string;
  readonly build: string;
}

const lockKey = 7_245_309_118; // any constant: one lock for all owners of this database

/** Reads a folder of `0001-name.sql` files whose first line says `-- safe: why` or `-- breaking: why`. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const migrations = await Promise.all(files.map((file) => readMigration(folder, file)));
  const twice = migrations.find(({ number }, at) => migrations[at - 1]?.number === number);
  if (twice === undefined) return migrations;
  throw fault('KORA_MIGRATION_FAILED', `${folder}: two migrations have the number ${twice.number}`);
}

/**
 * Brings an owner's schema up to this build, each file in a transaction of its own, under a lock so that runtimes that
 * start together take turns. Throws KORA_SCHEMA_NEWER when a newer build made a breaking change (naming it),
 * KORA_MIGRATION_CHANGED when an applied file differs, KORA_MIGRATION_FAILED with the file that failed.
 */
export async function migrate(database: Database, options: MigrateOptions): Promise<SchemaVersion> {
  // The usual start changes nothing, and a role of few rights may do that much.
  if (await isCurrent(database, options)) return checkSchema(database, options);
  await prepare(database).catch((error: unknown) => {
    throw withoutRights(error, options);
  });
  await checkSchema(database, options);
  let applied = 0;
  for (const migration of options.migrations) {
    // One transaction a file: a failure keeps what came before it, and the lock is never held idle.
    if (await database.transaction((tx) => apply(tx, migration, options), endless)) applied += 1;
  }
  await grantAccess(database);
  // Again: a newer build may have taken its turn in between.
  return { ...(await checkSchema(database, options)), applied };
}

/** Refuses a schema that a newer build changed in a breaking way; changes nothing. */
export async function checkSchema(database: Database, options: MigrateOptions): Promise<SchemaVersion> {
  const newer = await unknownTo(database, options);
  const breaking = newer.find(({ safety }) => safety === 'breaking');
  if (breaking !== undefined) {
    throw fault(
      'KORA_SCHEMA_NEWER',
      `the database was changed by Kora ${breaking.build} (${breaking.number} ${breaking.name}); this is ${options.build}`,
      {
        fix: `npm install @kora/cli@${breaking.build}`,
        details: { build: breaking.build, migration: breaking.name },
      },
    );
  }
  return { applied: 0, newer: newer.length };
}

/** How many migrations of this build the schema does not have yet; changes nothing. */
export async function missingMigrations(
  database: Database,
  { owner, migrations }: MigrateOptions,
): Promise<number> {
  if (!(await hasLedger(database))) return migrations.length;
  const rows = await database.query<{ number: number }>(
    'select number from kora.migration where owner = $1',
    [owner],
  );
  const applied = new Set(rows.map(({ number }) => number));
  return migrations.filter(({ number }) => !applied.has(number)).length;
}

/** A large table may take its time. */
const endless = { statementTimeoutMs: 0 };

async function isCurrent(database: Database, { owner, migrations }: MigrateOptions): Promise<boolean> {
  if (!(await hasLedger(database))) return false;
  const applied = await database.query<Pick<AppliedRow, 'number' | 'checksum'>>(
    'select number, checksum from kora.migration where owner = $1',
    [owner],
  );
  const checksums = new Map(applied.map(({ number, checksum }) => [number, checksum]));
  return migrations.every(({ number, checksum }) => checksums.get(number) === checksum);
}

function withoutRights(error: unknown, { owner }: MigrateOptions): unknown {
  if (!(error instanceof KoraError) || codeOf(error.cause) !== '42501') return error;
  return fault(
    'KORA_STORE_REFUSED',
    `migrations of ${owner} are missing, and this role may not change the schema`,
    {
      fix: 'set KORA_DATABASE_MIGRATION_URL to the URL of the role that owns the schema',
      cause: error,
    },
  );
}

/** New tables come with the rights of the roles that an operator has made; see sql/roles.sql. */
async function grantAccess(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await takeTurn(tx);
    const [known] = await tx.query<{ there: boolean }>(
      `select to_regprocedure('kora.grant_access()') is not null as there`,
    );
    if (known?.there === true) await tx.query('select kora.grant_access()');
  });
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const sql = await readFile(join(folder, file), 'utf8');
  const number = Number.parseInt(file, 10);
  const safety = /^-- (safe|breaking): \S/.exec(sql)?.[1];
  if (!Number.isInteger(number) || (safety !== 'safe' && safety !== 'breaking')) {
    throw fault(
      'KORA_MIGRATION_FAILED',
      `${file}: the first line must say "-- safe: why" or "-- breaking: why"`,
    );
  }
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { number, name: file.replace(/^\d+-|\.sql$/g, ''), safety, sql, checksum };
}

/**
 * The ledger of migrations cannot be a migration; concurrent first starts meet here, hence the lock. It keeps each
 * file's text: a store that moves is rebuilt from it, also for a plugin that is not installed there.
 */
async function prepare(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await takeTurn(tx);
    await tx.query('create schema if not exists kora');
    await tx.query(`create table if not exists kora.migration (
      owner text not null, number int not null, name text not null, safety text not null, checksum text not null,
      build text not null, applied_at timestamptz not null default clock_timestamp(), sql text not null,
      primary key (owner, number))`);
  });
}

/** Waits for another migrating runtime as long as for any lock. */
async function takeTurn(tx: Transaction): Promise<void> {
  try {
    await tx.query('select pg_advisory_xact_lock($1)', [lockKey]);
  } catch (cause) {
    if (codeOf(cause) !== '55P03') throw cause;
    throw fault('KORA_STORE_UNREACHABLE', 'another runtime is still changing the schema of this database', {
      fix: 'wait for it, or find it with: kora doctor',
      cause,
    });
  }
}

async function apply(tx: Transaction, migration: Migration, options: MigrateOptions): Promise<boolean> {
  const { owner, build } = options;
  await takeTurn(tx);
  const [known] = await tx.query<AppliedRow>(
    'select * from kora.migration where owner = $1 and number = $2',
    [owner, migration.number],
  );
  if (known !== undefined) {
    if (known.checksum === migration.checksum) return false;
    throw fault(
      'KORA_MIGRATION_CHANGED',
      `migration ${migration.number} ${migration.name} of ${owner} was applied by ${known.build} with other content`,
      { fix: `npm install @kora/cli@${known.build}` },
    );
  }
  try {
    await tx.query(migration.sql);
  } catch (cause) {
    // A lost connection says nothing about the file: waiting may help.
    if (isStoreAway(cause)) throw cause;
    throw fault(
      'KORA_MIGRATION_FAILED',
      `migration ${migration.number} ${migration.name} of ${owner}: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  await tx.query(
    `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [owner, migration.number, migration.name, migration.safety, migration.checksum, build, migration.sql],
  );
  return true;
}

async function hasLedger(database: Database): Promise<boolean> {
  const [exists] = await database.query<{ readonly there: boolean }>(
    `select to_regclass('kora.migration') is not null as there`,
  );
  return exists?.there === true;
}

async function unknownTo(database: Database, options: MigrateOptions): Promise<AppliedRow[]> {
  if (!(await hasLedger(database))) return [];
  const known = options.migrations.map(({ number }) => number);
  return database.query<AppliedRow>(
    'select * from kora.migration where owner = $1 and number <> all($2::int[]) order by number',
    [options.owner, known],
  );
}
