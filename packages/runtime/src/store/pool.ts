import pg from 'pg';
import { fault } from '../fault/index.ts';
import type { Clock } from '../clock/index.ts';
import { Connections } from './connections.ts';
import type {
  Database,
  Queryable,
  QueryOptions,
  Session,
  StoreServer,
  Transaction,
  TransactionOptions,
} from './database.ts';
import { storeError } from './errors.ts';
import type { StoreErrorContext, StoreOutcome } from './errors.ts';
import { Lane } from './lane.ts';
import { hold } from './lease.ts';
import type { Lease } from './lease.ts';
import { beginOf, isSilence, sessionOf, timed } from './limits.ts';
import { Notifications } from './notifications.ts';
import { PreparedNames } from './prepared.ts';
import { defaultConnections, defaultLockTimeoutMs, defaultStatementTimeoutMs } from './settings.ts';
import type { StoreSettings } from './settings.ts';
import type { StoreWay } from './way.ts';

export interface PoolOptions extends Omit<StoreSettings, 'tls'> {
  readonly connection: pg.ClientConfig;
  /** The same in plain data, where `connection` is not. */
  readonly way?: StoreWay;
  readonly server: StoreServer;
  readonly clock: Clock;
  /** Told of errors that have no caller: of idle connections, and of notifications. */
  readonly onIdleError: (error: unknown) => void;
}

/** What every borrower of a connection has to know. */
interface Bench {
  readonly server: StoreServer;
  readonly connections: Connections;
  readonly names: PreparedNames;
  readonly size: number;
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** Opens the store over `pg`. Nothing is connected until the first statement. */
export function openPool(options: PoolOptions): Database {
  const { server, clock } = options;
  const connection = connectionOf(options.connection);
  let closing: Promise<void> | undefined;
  const onError = (error: unknown): void => {
    // A server that is told to stop says so to connections that are closing already: no news.
    if (closing === undefined) options.onIdleError(error);
  };
  const size = options.connections ?? defaultConnections;
  const statementTimeoutMs = options.statementTimeoutMs ?? defaultStatementTimeoutMs;
  const lockTimeoutMs = options.lockTimeoutMs ?? defaultLockTimeoutMs;
  const names = new PreparedNames({ off: server.kind === 'pglite' });
  const connections = new Connections({
    connection,
    session: sessionOf(statementTimeoutMs, lockTimeoutMs),
    connections: size,
    clock,
    meet: (client) => names.meet(client),
    onIdleError: onError,
  });
  const bench: Bench = { server, connections, names, size, statementTimeoutMs, lockTimeoutMs };
  const query: Queryable['query'] = (text, values, named) => ask(bench, text, values, named);
  const notifications = new Notifications({
    connection,
    clock,
    onError,
    tell: (channel) => query('select pg_notify($1, $2)', [channel, '']),
  });

  return {
    server,
    query,
    lane: () =>
      new Lane({
        borrow: () => borrow(bench),
        ask: (lent, text, values, named) => askOn(bench, { ...lent, name: named?.name }, text, values),
      }),
    transaction: (work, transactionOptions) => transact(bench, work, transactionOptions),
    session: (work) => apart(bench, connection, work),
    way: () => options.way ?? wayOf(options.connection),
    listen: (channel, wake) => notifications.listen(channel, wake),
    notify: (channel, word) => notifications.notify(channel, word),
    close,
    [Symbol.asyncDispose]: close,
  };

  function close(): Promise<void> {
    closing ??= notifications.close().then(() => connections.end());
    return closing;
  }
}

function wayOf({ connectionString, host, port, user, database, password }: pg.ClientConfig): StoreWay {
  return {
    connectionString,
    host,
    port,
    user,
    database,
    password: typeof password === 'string' ? password : undefined,
  };
}

function connectionOf(connection: pg.ClientConfig): pg.ClientConfig {
  return {
    application_name: 'kora',
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    // A peer that vanished without a word is noticed in half a minute instead of the system's two hours.
    keepAliveInitialDelayMillis: 10_000,
    types: parsers,
    ...connection,
  };
}

/** Numbers stay numbers: sequences of ours pass 2^53 in no lifetime, and one that did must not be rounded in silence. */
const parsers = new pg.TypeOverrides();
parsers.setTypeParser(pg.types.builtins.INT8, safeInteger);

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw fault('KORA_NUMBER_UNSAFE', `${text} does not fit a number`);
  return value;
}

/** One statement that is its own transaction. */
async function ask<Row extends object>(
  bench: Bench,
  text: string,
  values: readonly unknown[] = [],
  options?: QueryOptions,
): Promise<Row[]> {
  const client = await borrow(bench);
  const lease = hold(client);
  try {
    return await askOn<Row>(bench, { client, lease, name: options?.name }, text, values);
  } finally {
    lease.giveBack();
  }
}

interface Asking {
  readonly client: pg.PoolClient;
  readonly lease: Lease;
  readonly name: string | undefined;
}

async function askOn<Row extends object>(
  bench: Bench,
  { client, lease, name: asked }: Asking,
  text: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const name = bench.names.on(client, asked);
  try {
    return (await client.query<Row>(timed(text, values, bench.statementTimeoutMs, name))).rows;
  } catch (error) {
    if (name !== undefined && bench.names.failed(error, lease)) {
      return askOn(bench, { client, lease, name: undefined }, text, values);
    }
    if (isSilence(error)) lease.spoil(error);
    throw storeError(error, context(bench, 'unknown'));
  }
}

async function transact<T>(
  bench: Bench,
  work: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const after: (() => void)[] = [];
  const value = await commit(bench, options.statementTimeoutMs ?? bench.statementTimeoutMs, (tx) =>
    work({ ...tx, afterCommit: (action) => after.push(action) }),
  );
  // Outside the transaction: it is durable, whatever a wake-up does.
  for (const action of after) action();
  return value;
}

async function commit<T>(
  bench: Bench,
  statementTimeoutMs: number,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = await borrow(bench);
  const lease = hold(client);
  let outcome: StoreOutcome = 'not_committed';
  const query = async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    options?: QueryOptions,
  ): Promise<Row[]> => {
    const name = bench.names.on(client, options?.name);
    try {
      return (await client.query<Row>(timed(text, values, statementTimeoutMs, name))).rows;
    } catch (error) {
      // It cannot be repeated here, the transaction is lost; the next one is planned anew.
      if (name !== undefined) bench.names.failed(error, lease);
      if (isSilence(error)) lease.spoil(error);
      throw storeError(error, context(bench, 'not_committed'));
    }
  };
  try {
    await query(beginOf(statementTimeoutMs, bench.lockTimeoutMs));
    const value = await work({ query });
    outcome = 'unknown';
    const { command } = await client.query(timed('commit', [], statementTimeoutMs));
    // PostgreSQL answers a commit of an aborted transaction with ROLLBACK, not with an error.
    if (command !== 'COMMIT')
      throw fault('KORA_COMMIT_REFUSED', 'the transaction was rolled back by the database');
    return value;
  } catch (error) {
    if (isSilence(error)) lease.spoil(error);
    await lease.rollback();
    throw storeError(error, context(bench, outcome));
  } finally {
    lease.giveBack();
  }
}

/** Without limits of time: none is asked for, and nobody else waits for this connection. */
async function apart<T>(
  bench: Bench,
  connection: pg.ClientConfig,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  // The statement that meets the loss rejects by itself; without a handler the process would die of the event.
  client.on('error', () => undefined);
  const query = async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw storeError(error, context(bench, 'unknown'));
    }
  };
  try {
    await client.connect();
    return await work({ client, query });
  } catch (error) {
    throw storeError(error, context(bench, 'unknown'));
  } finally {
    await client.end();
  }
}

async function borrow(bench: Bench): Promise<pg.PoolClient> {
  try {
    return await bench.connections.borrow();
  } catch (error) {
    throw storeError(error, context(bench, 'not_committed'));
  }
}

function context({ server, size }: Bench, outcome: StoreOutcome): StoreErrorContext {
  return { server, connections: size, outcome };
}
