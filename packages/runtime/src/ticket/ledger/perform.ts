import { fault } from '../../fault/index.ts';
import type { OperationSpec } from '../contract.ts';
import type { Operation } from './contract.ts';
import { committedAnswer } from './ledger.ts';
import type { Ledger, Mover } from './ledger.ts';

type Run = (key: string, signal: AbortSignal) => Promise<unknown>;

/**
 * Does an operation as often as its side effects allow, and answers what the ledger keeps of it. Throws what `run` or
 * `inspect` throws, and KORA_OPERATION_UNKNOWN for one that may happen once, was begun, and cannot be looked at.
 */
export async function performOperation(
  ledger: Ledger,
  mover: Mover,
  spec: OperationSpec,
  run: Run,
): Promise<unknown> {
  const found = await ledger.begin(mover, spec);
  if (found.status === 'committed') return committedAnswer(found);
  if (found.status === 'dispatched' && isOnce(found, spec)) {
    if (spec.inspect === undefined) throw unknown(found);
    const seen = await spec.inspect(found.key);
    if (seen.happened) return ledger.commit(mover, found, seen.result);
  }
  mover.signal.throwIfAborted();
  return dispatch(ledger, mover, await ledger.dispatched(mover, found), run);
}

async function dispatch(ledger: Ledger, mover: Mover, operation: Operation, run: Run): Promise<unknown> {
  let answer: unknown;
  try {
    unlessAborted(mover.signal);
    answer = await run(operation.key, mover.signal);
  } catch (error) {
    // What went wrong outside is what the handler must hear of, whether or not it could be noted.
    await noteFailure(ledger, mover, operation, error).catch(() => undefined);
    throw error instanceof NotBegun ? error.reason : error;
  }
  return ledger.commit(mover, operation, answer);
}

/** Only what is known not to have happened is abandoned; everything else may have happened, and stays dispatched. */
function noteFailure(ledger: Ledger, mover: Mover, operation: Operation, error: unknown): Promise<void> {
  if (error instanceof NotBegun) return ledger.abandon(mover, operation, error.reason);
  // By its code alone: a plugin may bring an error class of its own.
  const refused = error instanceof Error && 'code' in error && error.code === 'KORA_OPERATION_REFUSED';
  return refused ? ledger.abandon(mover, operation, error) : ledger.failed(mover, operation, error);
}

/** The work was taken away between the ledger's word and the first byte sent. */
class NotBegun extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super('it was not begun');
    this.reason = reason;
  }
}

function unlessAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new NotBegun(signal.reason);
}

/** Once by either word: a new release of a handler does not make an old beginning repeatable. */
function isOnce(found: Operation, spec: OperationSpec): boolean {
  return found.sideEffects === 'once' || spec.sideEffects === 'once';
}

function unknown({ operationId, ticketId, tool, key, error }: Operation): Error {
  return fault(
    'KORA_OPERATION_UNKNOWN',
    `operation ${operationId} of ticket ${ticketId} was begun, and nobody knows whether it happened`,
    {
      fix: `look at ${tool} whether ${key} happened; then kora ticket retry or kora ticket cancel`,
      details: { ticketId, operationId, key, tool, ...(error === null ? {} : { error }) },
    },
  );
}
