import { pipeline } from 'node:stream/promises';
import { fault } from '../fault/index.ts';
import { migrate } from '../store/index.ts';
import type { Database, Session } from '../store/index.ts';
import type { LedgerRow, SequenceState, StoreSource, TableCount, TableShape } from './contract.ts';
import { copyIn, qualified, textSettings } from './copy.ts';
import { claimTarget, mark, quoted } from './mark.ts';
import { nameOf, Progress } from './meter.ts';
import { readLogins } from './plugins.ts';
import type { CarriedPlace, PluginCarrier, PluginLogin } from './plugins.ts';

export interface LoadOptions {
  readonly source: StoreSource;
  readonly target: Database;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** How tables of plugins are made there; without it a store that has some is refused. */
  readonly plugins?: PluginCarrier | undefined;
}

const transferLock = 7_245_309_119; // any constant: one move into a database at a time

/**
 * Makes the source's schema in an empty database, by the migrations that made it there, and carries every row over: the
 * runtime's in one transaction, then each plugin's in one, under its own login. The target stays marked as unfinished:
 * whoever proves it takes the mark away.
 */
export async function loadStore(options: LoadOptions): Promise<TableCount[]> {
  const { source, target, onProgress } = options;
  const { ledger, tables, bytes } = source.contents;
  return target.session(async (session) => {
    await takeTurn(session, target.server.description);
    await claimTarget(session, { description: target.server.description, onProgress });
    await mark(session, source.description);
    const logins = await readLogins(source);
    await rebuildSchema(target, ledger);
    const places = await openPlaces(options, logins);
    try {
      onProgress(`schema: ${ledger.length} migrations applied`);
      const progress = new Progress(onProgress, tables.length, bytes);
      const counts = await loadSchemas(session, options, progress, (schema) => !places.has(schema));
      for (const [schema, place] of places) {
        counts.push(
          ...(await place.session((own) => loadSchemas(own, options, progress, (one) => one === schema))),
        );
      }
      return counts;
    } finally {
      for (const place of places.values()) await place[Symbol.asyncDispose]();
    }
  });
}

/** One transaction on one connection: the rows of some schemas, and where their sequences stand. */
async function loadSchemas(
  session: Session,
  { source, signal }: LoadOptions,
  progress: Progress,
  mine: (schema: string) => boolean,
): Promise<TableCount[]> {
  const { tables, partitions, ticketPartitions } = source.contents;
  await session.query('begin');
  for (const setting of textSettings) await session.query(setting);
  if (mine('kora')) {
    for (const low of partitions) await session.query('select kora.ensure_event_partition($1)', [low]);
    for (const low of ticketPartitions) await session.query('select kora.ensure_ticket_partition($1)', [low]);
  }
  const own = tables.filter(({ schema }) => mine(schema));
  const counts = await loadTables(session, own, { source, signal, progress });
  await setSequences(
    session,
    (await source.sequences()).filter(({ schema }) => mine(schema)),
  );
  await session.query('commit');
  return counts;
}

async function takeTurn(session: Session, description: string): Promise<void> {
  const [row] = await session.query<{ free: boolean }>('select pg_try_advisory_lock($1) as free', [
    transferLock,
  ]);
  if (row?.free === true) return;
  throw fault('KORA_STORE_NOT_EMPTY', `another command is moving a store to ${description}`, {
    fix: 'wait for it',
  });
}

/** From the ledger, not from this build's files: a backup may be older. */
async function rebuildSchema(target: Database, ledger: readonly LedgerRow[]): Promise<void> {
  const migrations = ledger.filter((row) => row.owner === 'runtime');
  await migrate(target, { owner: 'runtime', build: migrations.at(-1)?.build ?? '', migrations });
}

/** Each plugin's place with its line applied, by schema; also of a plugin that is not installed there. */
async function openPlaces(
  { source, target, plugins }: LoadOptions,
  logins: readonly PluginLogin[],
): Promise<Map<string, CarriedPlace>> {
  const { ledger } = source.contents;
  const places = new Map<string, CarriedPlace>();
  try {
    for (const plugin of new Set(ledger.map(({ owner }) => owner).filter((owner) => owner !== 'runtime'))) {
      if (plugins === undefined) {
        throw fault('KORA_PLUGIN_STORE_REFUSED', `plugin ${plugin} keeps tables, and nothing carries them`);
      }
      const login = logins.find((one) => one.plugin === plugin);
      const place = await plugins.open(target, login ?? { plugin, password: undefined, trusted: false });
      places.set(place.schema, place);
      await place.migrate(ledger.filter(({ owner }) => owner === plugin));
    }
    return places;
  } catch (error) {
    for (const place of places.values()) await place[Symbol.asyncDispose]();
    throw error;
  }
}

interface Loading extends Pick<LoadOptions, 'source' | 'signal'> {
  readonly progress: Progress;
}

async function loadTables(
  session: Session,
  tables: readonly TableShape[],
  { source, signal, progress }: Loading,
): Promise<TableCount[]> {
  const asleep = await disableTriggers(session, tables);
  const counts: TableCount[] = [];
  for (const table of tables) {
    signal?.throwIfAborted();
    await emptyOfSeeds(session, table);
    const meter = progress.meter(table);
    const rows = await source.rows(table);
    await pipeline([rows, meter, copyIn(session, table)], signal === undefined ? {} : { signal });
    progress.ended(table, meter);
    await compareCount(session, table, meter.rows);
    counts.push({ table: nameOf(table), rows: meter.rows, bytes: meter.bytes });
  }
  for (const trigger of asleep)
    await session.query(`alter table only ${trigger.on} enable trigger ${trigger.name}`);
  return counts;
}

/** What fires on an insert has fired where the row was made. Guards against changes stay awake. */
async function disableTriggers(
  session: Session,
  tables: readonly TableShape[],
): Promise<{ on: string; name: string }[]> {
  const rows = await session.query<{ on: string; name: string }>(
    `select tgrelid::regclass::text as on, quote_ident(tgname) as name from pg_trigger
     join pg_class c on c.oid = tgrelid join pg_namespace n on n.oid = relnamespace
     where not tgisinternal and tgenabled = 'O' and tgtype & 4 <> 0 and nspname = any($1)`,
    [[...new Set(tables.map(({ schema }) => schema))]],
  );
  for (const { on, name } of rows) await session.query(`alter table only ${on} disable trigger ${name}`);
  return rows;
}

/** Migrations put first rows into some tables; those of the source take their place. */
async function emptyOfSeeds(session: Session, table: TableShape): Promise<void> {
  const [row] = await session.query<{ seeded: boolean }>(
    `select exists (select from ${qualified(table)}) as seeded`,
  );
  if (row?.seeded === true) await session.query(`delete from ${qualified(table)}`);
}

async function compareCount(session: Session, table: TableShape, sent: number): Promise<void> {
  const [row] = await session.query<{ rows: number }>(`select count(*) as rows from ${qualified(table)}`);
  if (row?.rows === sent) return;
  throw fault('KORA_TRANSFER_DIFFERS', `${nameOf(table)}: ${sent} rows were sent and ${row?.rows} arrived`, {
    fix: 'repeat the command; it begins anew',
  });
}

async function setSequences(session: Session, sequences: readonly SequenceState[]): Promise<void> {
  for (const { schema, name, last, isCalled } of sequences) {
    const sequence = `${quoted(schema)}.${quoted(name)}`;
    await session.query('select setval($1::text::regclass, $2::text::int8, $3)', [sequence, last, isCalled]);
  }
}
