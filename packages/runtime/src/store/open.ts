import pg from 'pg';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Scope } from '../scope/index.ts';
import type { Database, StoreServer } from './database.ts';
import { openPool } from './pool.ts';
import type { StoreSettings } from './settings.ts';
import { secured } from './tls.ts';

/** What the runtime needs of an embedded server; `@kora/postgres` has it, the CLI hands it in. */
export interface EmbeddedServer {
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly database: string;
    readonly password: string;
  };
  readonly version: string;
  readonly dataDirectory?: string;
  readonly reattached: boolean;
  /** What it is, when it is no embedded PostgreSQL. */
  readonly server?: StoreServer;
  stop(): Promise<void>;
}

export type OpenEmbedded = (options: {
  readonly home: string;
  readonly onProgress?: (line: string) => void;
  /** Carries everything from a data directory of an older major version into a new one. */
  readonly upgrade?: (upgrade: {
    readonly source: EmbeddedServer['connection'];
    readonly target: EmbeddedServer['connection'];
    readonly signal: AbortSignal | undefined;
  }) => Promise<void>;
  readonly signal?: AbortSignal;
}) => Promise<EmbeddedServer>;

export interface OpenStoreOptions {
  readonly home: string;
  /** A PostgreSQL URL; without it the embedded server is started. */
  readonly url: string | undefined;
  readonly settings?: StoreSettings;
  readonly openEmbedded: OpenEmbedded | undefined;
  readonly clock: Clock;
  /** Closes the pool, then the embedded server, in that order. */
  readonly scope: Scope;
  readonly onProgress: (line: string) => void;
  readonly onIdleError: (error: unknown) => void;
}

const oldestMajor = 15;

/**
 * Opens the store of a home: the given PostgreSQL, else the embedded one. Throws KORA_STORE_UNREACHABLE,
 * KORA_STORE_REFUSED (login, or older than 15) or KORA_STORE_EMBEDDED, each with the step that mends it.
 */
export async function openStore(options: OpenStoreOptions): Promise<Database> {
  const database = options.url === undefined ? await openEmbedded(options) : openUrl(options, options.url);
  options.scope.add('store connections', () => database.close());
  const [row] = await database.query<{ readonly version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  const major = Math.floor((row?.version ?? 0) / 10_000);
  if (major < oldestMajor) {
    throw fault(
      'KORA_STORE_REFUSED',
      `${database.server.description} is PostgreSQL ${major}; Kora needs ${oldestMajor}`,
      {
        fix: 'point KORA_DATABASE_URL at PostgreSQL 15 or newer',
      },
    );
  }
  return database;
}

function openUrl(options: OpenStoreOptions, url: string): Database {
  const connection = /^postgres(ql)?:\/\//.test(url) ? secured(url, options.settings?.tls) : undefined;
  if (connection === undefined || !isReadable(connection.connectionString)) {
    // The text itself stays out of it: whatever it is, it may hold a password.
    throw fault('KORA_CONFIG_INVALID', 'the database URL is not a PostgreSQL URL', {
      fix: 'set KORA_DATABASE_URL to postgres://user:password@host:port/database',
    });
  }
  return openPool({
    ...limitsOf(options),
    connection,
    way: { url, tls: options.settings?.tls },
    server: { kind: 'url', description: `PostgreSQL at ${withoutSecrets(url)}` },
    clock: options.clock,
    onIdleError: options.onIdleError,
  });
}

async function openEmbedded(options: OpenStoreOptions): Promise<Database> {
  if (options.openEmbedded === undefined) {
    throw fault(
      'KORA_STORE_EMBEDDED',
      'no database: KORA_DATABASE_URL is not set and @kora/postgres is not installed',
      {
        fix: 'pnpm add @kora/postgres, or set KORA_DATABASE_URL',
      },
    );
  }
  const { signal } = options.scope;
  const server = await options
    .openEmbedded({ home: options.home, onProgress: options.onProgress, signal })
    .catch((error: unknown) => {
      throw fault('KORA_STORE_EMBEDDED', messageOf(error), { fix: fixOf(error), cause: error });
    });
  options.scope.add(server.server?.description ?? 'embedded PostgreSQL', () => server.stop());
  const { connection } = server;
  return openPool({
    ...limitsOf(options),
    connection: { ...connection },
    server: server.server ?? {
      kind: 'embedded',
      description: `embedded PostgreSQL ${server.version}`,
      directory: server.dataDirectory,
    },
    clock: options.clock,
    onIdleError: options.onIdleError,
  });
}

function fixOf(error: unknown): string {
  if (error instanceof KoraError && error.fix !== undefined) return error.fix;
  const fix: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'fix') : undefined;
  return typeof fix === 'string' ? fix : 'kora doctor';
}

/** What the pool has to know of the settings; the URL beside them is a secret and stays where it is. */
function limitsOf({ settings = {} }: OpenStoreOptions): Omit<StoreSettings, 'tls'> {
  const { connections, statementTimeoutMs, lockTimeoutMs } = settings;
  return {
    ...(connections === undefined ? {} : { connections }),
    ...(statementTimeoutMs === undefined ? {} : { statementTimeoutMs }),
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
  };
}

/** The scheme was looked at before: without it the driver would take any text for the name of a database on this machine. */
function isReadable(url: string): boolean {
  try {
    return new pg.Client({ connectionString: url }).host !== '';
  } catch {
    return false; // the driver cannot read it; its message quotes the URL
  }
}

/** For the log and the page: host, or the socket's folder, and database; never user or password. */
function withoutSecrets(url: string): string {
  // As the driver reads it: a host that is a parameter is none where a browser would look.
  const { host, port, database = '' } = new pg.Client({ connectionString: url });
  if (host.startsWith('/')) return `socket ${host}, database ${database}`;
  return `${host.includes(':') ? `[${host}]` : host}${port === 5_432 ? '' : `:${port}`}/${database}`;
}
