import type { OperationSpec } from '../contract.ts';
import { fault } from '../../fault/index.ts';
import type { Operation } from '../ledger/contract.ts';
import type { Ledger, Mover } from '../ledger/ledger.ts';

/** One step of an operation whose deed is done in another process. */
export interface RemoteStep extends Omit<OperationSpec, 'inspect'> {
  readonly step: 'begin' | 'dispatched' | 'committed' | 'abandoned' | 'failed';
  /** How often it had been begun, as the answer before said. */
  readonly dispatches?: number;
  /** Of a committed one, what it answered. */
  readonly result?: unknown;
  /** Of one that came to no end, why. */
  readonly error?: string;
}

export type OperationView = Pick<
  Operation,
  'key' | 'status' | 'dispatches' | 'sideEffects' | 'error' | 'result'
>;

/**
 * Takes the step in the ledger, or finds that it was taken by this holder before and its answer lost. Throws what the
 * ledger throws: KORA_TICKET_STALE_FENCE, KORA_OPERATION_STATE, KORA_OPERATION_CHANGED, KORA_OPERATION_RESULT.
 */
export async function stepOperation(ledger: Ledger, mover: Mover, wish: RemoteStep): Promise<OperationView> {
  const { step, dispatches = 0, result, error = 'it came to no end', ...spec } = wish;
  const seen = await ledger.begin(mover, spec);
  if (step === 'begin' || wasTaken(seen, mover, step, dispatches)) return seen;
  const from = step === 'dispatched' ? seen.status !== 'committed' : seen.status === 'dispatched';
  if (!from || seen.dispatches !== dispatches) {
    throw fault(
      'KORA_OPERATION_STATE',
      `operation ${spec.id} is ${seen.status}, and was begun ${seen.dispatches} times`,
      {
        fix: 'begin it again and do as the answer says',
      },
    );
  }
  switch (step) {
    case 'dispatched':
      return ledger.dispatched(mover, seen);
    case 'committed':
      return { ...seen, status: 'committed', error: null, result: await ledger.commit(mover, seen, result) };
    case 'abandoned':
      await ledger.abandon(mover, seen, error);
      return { ...seen, status: 'abandoned', error };
    case 'failed':
      await ledger.failed(mover, seen, error);
      return { ...seen, error };
  }
}

function wasTaken(
  seen: Operation,
  { holder }: Mover,
  step: Exclude<RemoteStep['step'], 'begin'>,
  dispatches: number,
): boolean {
  const isOurs = seen.fence === holder.fence && seen.sessionId === holder.sessionId;
  if (step === 'failed') return false;
  if (step === 'dispatched')
    return isOurs && seen.status === 'dispatched' && seen.dispatches === dispatches + 1;
  return isOurs && seen.status === step && seen.dispatches === dispatches;
}
