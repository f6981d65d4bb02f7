import { fault, Prices } from '@kora/runtime/testkit';
import type {
  CallAnswer,
  ModelCallEnd,
  ModelCallStart,
  ModelSpec,
  ReasonAnswer,
  Refusal,
} from '@kora/runtime/plugin';
import type { Calls } from './calls.ts';
import type { Run } from './run.ts';

/** The model calls of an engine, by run: priced by the tokens, let through or not at the door, paid once. */
export class ModelCalls {
  readonly #calls: Calls;
  readonly #runs: ReadonlyMap<string, Run>;
  readonly #prices = new Prices();

  constructor(calls: Calls, runs: ReadonlyMap<string, Run>) {
    this.#calls = calls;
    this.#runs = runs;
  }

  /** The models of the engine that thinks. */
  offer(models: readonly ModelSpec[]): void {
    this.#prices.offer(models);
  }

  begin(start: ModelCallStart): CallAnswer {
    const run = this.#runs.get(start.runId);
    if (run === undefined) return { allow: false, blockKind: 'unknown', cause: 'invalid_context' };
    const { costMicroUsd: cap } = run.limits;
    const { costMicroUsd: estimateMicroUsd } = this.#prices.estimate(start);
    const callId = idOf(start);
    const leave = this.#leave(cap !== null && run.spent >= cap, estimateMicroUsd, () =>
      this.#calls.admit({ door: 'model_call', callId, route: run.request.route, estimateMicroUsd }),
    );
    if (leave.allow)
      run.calls.set(callId, { model: start.model, reservedMicroUsd: estimateMicroUsd, settled: undefined });
    else run.refused = becauseOf(leave);
    return leave;
  }

  #leave(isCapped: boolean, estimateMicroUsd: number, ask: () => CallAnswer): CallAnswer {
    if (isCapped) return { allow: false, blockKind: 'budget', cause: 'budget_spent' };
    // What nobody can put a price to is not paid.
    if (!Number.isSafeInteger(estimateMicroUsd))
      return { allow: false, blockKind: 'budget', cause: 'budget_unknown' };
    return ask();
  }

  end(end: ModelCallEnd): { readonly costMicroUsd: number; readonly estimated: boolean } {
    const callId = idOf(end);
    const call = this.#runs.get(end.runId)?.calls.get(callId);
    if (call === undefined) throw gone(end.runId);
    const { usage } = end;
    const priced = usage === null ? undefined : this.#prices.costOf(call.model, usage);
    const isCounted = priced !== undefined && Number.isSafeInteger(priced.costMicroUsd);
    const figures = isCounted
      ? { usage, costMicroUsd: priced.costMicroUsd, estimated: priced.estimated }
      : { usage: null, costMicroUsd: call.reservedMicroUsd, estimated: true };
    // Told a second time, it is what it was.
    call.settled ??= figures;
    const { costMicroUsd, estimated } = call.settled;
    this.#calls.settle(callId, costMicroUsd);
    return { costMicroUsd, estimated };
  }
}

function idOf({ runId, callId }: { readonly runId: string; readonly callId: string }): string {
  return `${runId}:${callId}`;
}

/** What the door said, without what is not about its reason. */
export function becauseOf({ cause, scope }: Refusal): NonNullable<ReasonAnswer['refusal']> {
  return scope === undefined ? { cause } : { cause, scope };
}

/** Of a run that is over nothing is known any more. */
export function gone(runId: string): Error {
  return fault('KORA_NOT_FOUND', `no run ${runId} is under way with that call`);
}
