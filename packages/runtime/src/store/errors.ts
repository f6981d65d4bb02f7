import { statfsSync } from 'node:fs';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import type { StoreServer } from './database.ts';
import { connectionsBesidePool } from './settings.ts';

/**
 * What became of the work when the store went away. `unknown`: the connection was lost while a commit, or a statement
 * that is its own transaction, was under way; whoever repeats it must be able to tell. `not_committed`: it left nothing.
 */
export type StoreOutcome = 'unknown' | 'not_committed';

/** Whose error it is. */
export interface StoreErrorContext {
  readonly server: StoreServer;
  readonly connections: number;
  readonly outcome: StoreOutcome;
}

/** SQLSTATE classes and codes that say "the server is away or ends this session", not "the statement is wrong". */
const awayStates = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
]);
/** What the driver says without a code: the connection ended under a statement, before it, or never came about. */
const awayWords =
  /Connection terminated|not queryable|timeout expired|Query read timeout|^server conn crashed|query_wait_timeout|pgbouncer cannot connect/;
const awayCodes = new Set([
  'ECONNREFUSED',
  'ENOENT',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const crowdedState = '53300';
const crowdedWords = /no more connections allowed/;
const fullStates = new Set(['53100']);
const fullWords = /No space left on device/;
const busyWords = /timeout exceeded when trying to connect/;
/** What Node says of a certificate it does not accept, and the driver of a server without TLS. */
const untrusted = /^(CERT_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH)/;
const unencrypted = /does not support SSL connections|error establishing an SSL connection/;
const refusedStates = new Set(['28000', '28P01', '3D000', '42501']);

/** Gives a driver's error the store's code; anything that is the statement's own fault passes unchanged. */
export function storeError(error: unknown, context: StoreErrorContext): unknown {
  if (error instanceof KoraError) return error;
  const { server, outcome } = context;
  const code = codeOf(error);
  const message = messageOf(error);
  const details = { outcome };
  if (fullStates.has(code) || fullWords.test(message)) return full(error, context);
  if (code === crowdedState || crowdedWords.test(message)) return crowded(error, context);
  if (busyWords.test(message)) {
    const text = `all ${context.connections} connections to ${server.description} have been busy for too long`;
    return fault('KORA_STORE_UNREACHABLE', text, { fix: 'raise store.connections', details, cause: error });
  }
  if (awayStates.has(code) || awayCodes.has(code) || awayWords.test(message)) {
    // A server that finds no room for its log ends, and cannot say why to whoever comes then.
    if (hasNoRoom(server.directory)) return full(error, context);
    return fault('KORA_STORE_UNREACHABLE', `${server.description} does not answer: ${message || code}`, {
      fix: 'kora doctor',
      details,
      cause: error,
    });
  }
  if (untrusted.test(code) || unencrypted.test(message)) {
    return fault('KORA_STORE_REFUSED', `no encrypted way to ${server.description}: ${message}`, {
      fix: 'check sslmode in KORA_DATABASE_URL, or store.tls: mode, caFile, serverName',
      cause: error,
    });
  }
  if (refusedStates.has(code)) {
    return fault('KORA_STORE_REFUSED', `${server.description} refused: ${message}`, {
      fix: 'check user, password, database and rights in KORA_DATABASE_URL',
      cause: error,
    });
  }
  return error;
}

/** Whether waiting may help. */
export function isStoreAway(error: unknown): boolean {
  return (
    error instanceof KoraError &&
    (error.code === 'KORA_STORE_UNREACHABLE' || error.code === 'KORA_STORE_FULL')
  );
}

/** The driver's own code: a SQLSTATE, or the socket's. Empty when there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Names the number, so that the operator can do the sum for all runtimes of the server. */
function crowded(cause: unknown, { server, connections, outcome }: StoreErrorContext): KoraError {
  const needed = connections + connectionsBesidePool;
  const text = `${server.description} has no connection left; this runtime takes up to ${needed}`;
  return fault(
    'KORA_STORE_UNREACHABLE',
    `${text} (store.connections ${connections} and ${connectionsBesidePool} more)`,
    {
      fix: 'lower store.connections, or raise max_connections of the server',
      details: { outcome, connections: needed },
      cause,
    },
  );
}

/** Less than one segment of PostgreSQL's log. */
const roomBytes = 16 * 1024 * 1024;

function hasNoRoom(directory: string | undefined): boolean {
  if (directory === undefined) return false;
  try {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize < roomBytes;
  } catch {
    return false; // not there, or not ours to look at: then nothing is known
  }
}

function full(cause: unknown, { server, outcome }: StoreErrorContext): KoraError {
  const { directory } = server;
  const where = directory === undefined ? 'its disk' : `the disk of ${directory}`;
  return fault('KORA_STORE_FULL', `${server.description} has no room left on ${where}: ${messageOf(cause)}`, {
    fix: `free some space on ${where}; Kora goes on by itself then`,
    details: { outcome, ...(directory === undefined ? {} : { directory }) },
    cause,
  });
}
