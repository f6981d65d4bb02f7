import { KoraApiError } from '../api-error.ts';
import type { WorkerCalls } from './client.ts';

/** One effect on the world outside, as the ledger keeps it. */
export interface RemoteOperation {
  /** Unique in the ticket and the same over all attempts. */
  readonly id: string;
  readonly tool: string;
  readonly sideEffects: 'none' | 'idempotent' | 'once';
  /** What tells one request from another. */
  readonly request?: unknown;
  /** Looks whether an operation that was begun and never ended did happen. */
  readonly inspect?: (
    key: string,
  ) => Promise<{ readonly happened: true; readonly result: unknown } | { readonly happened: false }>;
}

export interface RemoteHolder {
  readonly calls: WorkerCalls;
  readonly claim: string;
  readonly signal: AbortSignal;
}

/** The ledger is the runtime's, the deed is done here: as often as its side effects allow. */
export async function performRemotely(
  { calls, claim, signal }: RemoteHolder,
  { inspect, ...spec }: RemoteOperation,
  run: (key: string) => Promise<unknown>,
): Promise<unknown> {
  const found = await calls.operation({ ...spec, claim, step: 'begin' });
  const commit = async (dispatches: number, result: unknown): Promise<unknown> =>
    (await calls.operation({ ...spec, claim, step: 'committed', dispatches, result: result ?? null })).result;
  if (found.status === 'committed') return committedResult(found.error, found.result, spec.id);
  if (found.status === 'dispatched' && (found.sideEffects === 'once' || spec.sideEffects === 'once')) {
    if (inspect === undefined) throw unknown(spec, found.key);
    const seen = await inspect(found.key);
    if (seen.happened) return commit(found.dispatches, seen.result);
  }
  signal.throwIfAborted();
  const begun = await calls.operation({ ...spec, claim, step: 'dispatched', dispatches: found.dispatches });
  let answer: unknown;
  try {
    answer = await run(begun.key);
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).slice(0, 2_000) || 'it threw';
    // What went wrong outside is what the handler must hear of, whether or not it could be noted.
    await calls
      .operation({ ...spec, claim, step: 'failed', dispatches: begun.dispatches, error: why })
      .catch(() => undefined);
    throw error;
  }
  return commit(begun.dispatches, answer);
}

function committedResult(error: string | null, result: unknown, id: string): unknown {
  if (error === null) return result;
  const message = `operation ${id} happened, and its answer could not be kept: ${error}`;
  throw new KoraApiError(409, { code: 'KORA_OPERATION_RESULT', message });
}

function unknown({ id, tool }: RemoteOperation, key: string): Error {
  return new KoraApiError(409, {
    code: 'KORA_OPERATION_UNKNOWN',
    message: `operation ${id} was begun, and nobody knows whether it happened`,
    hint: `look at ${tool} whether ${key} happened; then kora ticket retry or kora ticket cancel`,
  });
}
