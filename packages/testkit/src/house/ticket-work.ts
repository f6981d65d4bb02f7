import { canonicalJson, fault } from '@kora/runtime/testkit';
import type { NewTicket, OperationSpec, TicketWork } from '@kora/runtime/plugin';

interface Entry {
  readonly request: string;
  status: 'begun' | 'committed';
  result: unknown;
}

/** The operations of one ticket, over all its attempts. */
export class TicketLedger {
  readonly #ticketId: number;
  readonly #entries = new Map<string, Entry>();

  constructor(ticketId: number) {
    this.#ticketId = ticketId;
  }

  /** Throws KORA_OPERATION_CHANGED, KORA_OPERATION_UNKNOWN, and what `run` and `inspect` throw. */
  async perform(
    spec: OperationSpec,
    run: (key: string, signal: AbortSignal) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const { id, tool } = spec;
    const request = canonicalJson({ tool, request: spec.request ?? null });
    const found = this.#entries.get(id);
    if (found !== undefined && found.request !== request)
      throw fault('KORA_OPERATION_CHANGED', `operation ${id} was begun with another request`);
    if (found?.status === 'committed') return structuredClone(found.result);
    const key = `ticket:${this.#ticketId}:${id}`;
    if (found !== undefined && spec.sideEffects === 'once') {
      const seen = await spec.inspect?.(key);
      if (seen === undefined)
        throw fault(
          'KORA_OPERATION_UNKNOWN',
          `operation ${id} was begun, and nobody knows whether it happened`,
        );
      if (seen.happened) return this.#commit(id, request, seen.result);
    }
    signal.throwIfAborted();
    this.#entries.set(id, { request, status: 'begun', result: undefined });
    try {
      return this.#commit(id, request, await run(key, signal));
    } catch (error) {
      // The one answer that says it did not happen; after anything else it may have.
      if (error instanceof Error && 'code' in error && error.code === 'KORA_OPERATION_REFUSED')
        this.#entries.delete(id);
      throw error;
    }
  }

  #commit(id: string, request: string, result: unknown): unknown {
    const kept: unknown = result === undefined ? undefined : JSON.parse(JSON.stringify(result));
    this.#entries.set(id, { request, status: 'committed', result: kept });
    return structuredClone(kept);
  }
}

interface Claimed extends NewTicket {
  readonly ticketId: number;
  readonly attempts: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A ticket in a handler's hands. */
export function workOf(row: Claimed, ledger: TicketLedger, notes: string[], signal: AbortSignal): TicketWork {
  return {
    ticketId: row.ticketId,
    kind: row.kind,
    title: row.title,
    objective: row.objective ?? '',
    payload: structuredClone(row.payload),
    attempt: row.attempts,
    fence: row.attempts,
    correlationId: row.correlationId ?? null,
    signal,
    progress: () => undefined,
    note: (text) => {
      notes.push(text);
      return Promise.resolve();
    },
    operation: async <Result>(
      spec: OperationSpec,
      run: (key: string, signal: AbortSignal) => Promise<Result>,
    ) =>
      // What the ledger keeps is what this very operation answered.
      (await ledger.perform(spec, run, signal)) as Result,
  };
}
