import type { ReasonError } from '@kora/runtime/plugin';
import { retryAfterMs } from './limits.ts';

/** Why a provider gave no answer, or none that is whole. */
export interface Failure {
  readonly error: ReasonError;
  /** Another attempt may fare better. */
  readonly transient: boolean;
  /** The provider said so itself, before it wrote anything: nothing was thought and nothing is charged. */
  readonly refused: boolean;
  readonly retryAfterMs?: number;
  /** For the record: the status and the provider's words, bounded. Never what was sent. */
  readonly said: string;
}

/** What an error of the SDK or of the network has that tells what happened; each may be missing. */
interface Told {
  readonly statusCode?: unknown;
  readonly responseHeaders?: unknown;
  readonly responseBody?: unknown;
  readonly message?: unknown;
  readonly type?: unknown;
  readonly error?: unknown;
}

const mostSaid = 500;
/** Nobody was there: nothing was sent. */
const neverReached: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);
/** Errors in the midst of a stream have a name instead of a status. */
const statusOfType: Readonly<Record<string, number>> = {
  authentication_error: 401,
  permission_error: 403,
  rate_limit_error: 429,
  api_error: 500,
  overloaded_error: 529,
  server_error: 500,
  invalid_request_error: 400,
};

export function failureOf(thrown: unknown, now: number): Failure {
  if (thrown instanceof Error && thrown.name === 'AI_ToolChoiceViolationError') return barred;
  const told: Told = typeof thrown === 'object' && thrown !== null ? thrown : { message: thrown };
  const status = statusOf(told);
  const said = saidBy(told, status);
  if (status === undefined) return unheard(thrown, said);
  const after = retryAfterMs(headersOf(told), now);
  return {
    error: errorOf(status),
    transient: status === 408 || status === 409 || status === 429 || status >= 500,
    refused: typeof told.statusCode === 'number',
    ...(after === undefined ? {} : { retryAfterMs: after }),
    said,
  };
}

const barred: Failure = {
  error: 'tool_iterations_exceeded',
  transient: false,
  refused: false,
  said: 'it asked for tools where none could be called any more',
};

/** No status that says no: the connection broke, or what came was no answer. */
function unheard(thrown: unknown, said: string): Failure {
  const code = codeOf(thrown);
  const isBroken = code !== undefined;
  return {
    error: isBroken ? 'transport' : 'server_error',
    // What could not be read was written, and will be charged: it is not bought again.
    transient: isBroken,
    refused: isBroken && neverReached.has(code),
    said,
  };
}

function errorOf(status: number): ReasonError {
  if (status === 401 || status === 403) return 'auth';
  if (status === 429) return 'rate_limited';
  return 'server_error';
}

function statusOf(told: Told): number | undefined {
  // With a good status it is not the provider's no, but an answer that broke off or could not be read.
  if (typeof told.statusCode === 'number') return told.statusCode >= 400 ? told.statusCode : undefined;
  const inner: Told = typeof told.error === 'object' && told.error !== null ? told.error : told;
  return typeof inner.type === 'string' ? statusOfType[inner.type] : undefined;
}

function headersOf({ responseHeaders }: Told): Record<string, string> | undefined {
  return typeof responseHeaders === 'object' && responseHeaders !== null
    ? (responseHeaders as Record<string, string>)
    : undefined;
}

/** The code of the network, however deep it is wrapped; undici calls a connection that was cut `terminated`. */
function codeOf(thrown: unknown): string | undefined {
  let error = thrown;
  for (let depth = 0; depth < 5 && error instanceof Error; depth += 1) {
    if ('code' in error && typeof error.code === 'string') return error.code;
    if (error.message === 'terminated' && error.cause === undefined) return 'terminated';
    error = error.cause;
  }
  return undefined;
}

function saidBy(told: Told, status: number | undefined): string {
  const inner: Told = typeof told.error === 'object' && told.error !== null ? told.error : told;
  const words = [inner.message, told.message].find((each) => typeof each === 'string' && each !== '');
  const text = typeof words === 'string' ? words : 'no words';
  return `${status === undefined ? '' : `${status}: `}${text}`.slice(0, mostSaid);
}
