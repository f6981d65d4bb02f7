import type { SideEffects } from '../contract.ts';
import type { OperationStatus } from '../ledger/contract.ts';
import type { Fate } from './mortal.ts';

/** An operation as the reference knows it: what the ledger should say, and what the world was asked. */
export interface ModelOperation {
  readonly id: string;
  readonly sideEffects: SideEffects;
  readonly inspects: boolean;
  status: OperationStatus | 'none';
  dispatches: number;
  calls: number;
}

export type ModelEnd = 'done' | 'unknown' | 'stale' | 'stopped';

type Step =
  | { readonly in: 'store'; readonly apply: () => ModelOperation }
  | { readonly in: 'world'; readonly apply: () => ModelOperation };

/** What an attempt does, step by step: the rules in the fewest words. */
function* attempt(
  operations: readonly ModelOperation[],
): Generator<Step, 'done' | 'unknown', ModelOperation> {
  for (const operation of operations) {
    const stored = (change: Partial<ModelOperation>): Step => ({
      in: 'store',
      apply: () => changed(operation, change),
    });
    const found = yield stored(operation.status === 'none' ? { status: 'allocated' } : {});
    if (found.status === 'committed') continue;
    if (found.status === 'dispatched' && operation.sideEffects === 'once') {
      if (!operation.inspects) return 'unknown';
      const seen = yield { in: 'world', apply: () => changed(operation, {}) };
      if (seen.calls > 0) {
        yield stored({ status: 'committed' });
        continue;
      }
    }
    yield stored({ status: 'dispatched', dispatches: found.dispatches + 1 });
    yield { in: 'world', apply: () => changed(operation, { calls: operation.calls + 1 }) };
    yield stored({ status: 'committed' });
  }
  return 'done';
}

function changed(operation: ModelOperation, change: Partial<ModelOperation>): ModelOperation {
  Object.assign(operation, change);
  return { ...operation };
}

/** The reference's own process: it stops where the real one does, and goes on as one whose ticket has another holder. */
export class ModelAttempt {
  readonly #steps: ReturnType<typeof attempt>;
  #pending: Step | undefined;
  #heard: ModelOperation | undefined;

  constructor(operations: readonly ModelOperation[]) {
    this.#steps = attempt(operations);
  }

  run(fate?: Fate): ModelEnd {
    let next = this.#steps.next();
    for (let step = 0; next.done !== true; step += 1) {
      const here = step === fate?.step;
      if (here && !fate.landed) {
        this.#pending = next.value;
        return 'stopped';
      }
      const heard = next.value.apply();
      if (here) {
        this.#heard = heard;
        return 'stopped';
      }
      next = this.#steps.next(heard);
    }
    return next.value;
  }

  /** After another holder came: what it says to the world is heard, what it writes is refused. */
  thaw(): ModelEnd {
    if (this.#pending?.in === 'store') return 'stale';
    const heard = this.#pending?.apply() ?? this.#heard;
    if (heard === undefined) return 'stopped';
    let next = this.#steps.next(heard);
    while (next.done !== true) {
      if (next.value.in === 'store') return 'stale';
      next = this.#steps.next(next.value.apply());
    }
    return next.value;
  }
}
