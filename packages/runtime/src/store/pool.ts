import pg from 'pg';
import { fault, messageOf } from '../fault/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Queryable, Session, StoreServer, Transaction } from './database.ts';
import { storeError } from './errors.ts';
import { Notifications } from './notifications.ts';

export interface PoolOptions {
  readonly connection: pg.ClientConfig;
  readonly server: StoreServer;
  readonly clock: Clock;
  /** Told of errors of idle connections, which have no caller. */
  readonly onIdleError: (error: unknown) => void;
  /** Default 10. */
  readonly connections?: number;
}

/** Opens the store over `pg`. Nothing is connected until the first statement. */
export function openPool(options: PoolOptions): Database {
  const { server } = options;
  const connection = settings(options.connection);
  // Kept open: a new connection costs milliseconds, and an incident's message would wait for it.
  const pool = new pg.Pool({ ...connection, max: options.connections ?? 10, idleTimeoutMillis: 0 });
  let closing: Promise<void> | undefined;
  const onError = (error: unknown): void => {
    // A server that is told to stop says so to connections that are closing already: no news.
    if (closing === undefined) options.onIdleError(error);
  };
  // An idle connection that the server ends emits here; without a handler the process would die of it.
  pool.on('error', onError);
  const notifications = new Notifications({ connection, clock: options.clock, onError });

  return {
    server,
    query: queryOn(pool, server),
    transaction: (work) => transact(pool, server, work),
    session: (work) => apart(connection, server, work),
    listen: (channel, wake) => notifications.listen(channel, wake),
    notify: (channel) => notifications.notify(channel),
    close,
    [Symbol.asyncDispose]: close,
  };

  function close(): Promise<void> {
    closing ??= notifications.close().then(() => pool.end());
    return closing;
  }
}

function settings(connection: pg.ClientConfig): pg.ClientConfig {
  return {
    application_name: 'kora',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 60_000,
    lock_timeout: 20_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
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

interface Runner {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; command: string }>;
}

function queryOn(runner: Runner, server: StoreServer): Queryable['query'] {
  return async <Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    try {
      const result = await runner.query(text, [...values]);
      return result.rows as Row[];
    } catch (error) {
      throw storeError(error, server.description);
    }
  };
}

async function transact<T>(
  pool: pg.Pool,
  server: StoreServer,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const after: (() => void)[] = [];
  const value = await commit(pool, server, (tx) =>
    work({ ...tx, afterCommit: (action) => after.push(action) }),
  );
  // Outside the transaction: it is durable, whatever a wake-up does.
  for (const action of after) action();
  return value;
}

async function commit<T>(
  pool: pg.Pool,
  server: StoreServer,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  const client = await connect(pool, server);
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('begin');
    const value = await work({ query: queryOn(client, server) });
    const { command } = await client.query('commit');
    // PostgreSQL answers a commit of an aborted transaction with ROLLBACK, not with an error.
    if (command !== 'COMMIT')
      throw fault('KORA_COMMIT_REFUSED', 'the transaction was rolled back by the database');
    return value;
  } catch (error) {
    broken = (await rollback(client)) ?? broken;
    throw storeError(error, server.description);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

const unlimited = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };

async function apart<T>(
  connection: pg.ClientConfig,
  server: StoreServer,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ ...connection, ...unlimited });
  // The statement that meets the loss rejects by itself; without a handler the process would die of the event.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work({ client, query: queryOn(client, server) });
  } catch (error) {
    throw storeError(error, server.description);
  } finally {
    await client.end();
  }
}

async function connect(pool: pg.Pool, server: StoreServer): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw storeError(error, server.description);
  }
}

/** Leaves the connection clean for the next borrower, or says that it is not. */
async function rollback(client: pg.PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new AggregateError([error], messageOf(error));
  }
}
