import { fault, KoraError, messageOf } from '../fault/index.ts';

/** SQLSTATE classes and codes that say "the server is away or ends this session", not "the statement is wrong". */
const awayStates = new Set([
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25P03',
  '53300',
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
]);
/** What the driver says without a code: the connection ended under a statement, before it, or never came about. */
const awayWords =
  /Connection terminated|not queryable|timeout expired|timeout exceeded when trying to connect/;
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
const refusedStates = new Set(['28000', '28P01', '3D000', '42501']);

/** Gives a driver's error the store's code; anything that is the statement's own fault passes unchanged. */
export function storeError(error: unknown, server: string): unknown {
  if (error instanceof KoraError) return error;
  const code = codeOf(error);
  const message = messageOf(error);
  if (awayStates.has(code) || awayCodes.has(code) || awayWords.test(message)) {
    return fault('KORA_STORE_UNREACHABLE', `${server} does not answer: ${message || code}`, {
      fix: 'kora doctor',
      cause: error,
    });
  }
  if (refusedStates.has(code)) {
    return fault('KORA_STORE_REFUSED', `${server} refused: ${message}`, {
      fix: 'check user, password and database in KORA_DATABASE_URL',
      cause: error,
    });
  }
  return error;
}

/** Whether waiting may help. */
export function isStoreAway(error: unknown): boolean {
  return error instanceof KoraError && error.code === 'KORA_STORE_UNREACHABLE';
}

/** The driver's own code: a SQLSTATE, or the socket's. Empty when there is none. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
