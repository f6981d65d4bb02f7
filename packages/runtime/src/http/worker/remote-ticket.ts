import type { z } from 'zod';
import { KoraApiError } from '../api-error.ts';
import type { WorkerCalls } from './client.ts';
import { performRemotely } from './remote-operation.ts';
import type { RemoteOperation } from './remote-operation.ts';
import type { claimedTicketSchema, workerResolveSchema } from './contract.ts';

type Claimed = z.infer<typeof claimedTicketSchema>;

/** A ticket in the hands of a worker in another process. Its claim token stays with the loop. */
export interface RemoteTicket extends Omit<Claimed, 'claim'> {
  /** Aborts when the claim is lost, when the worker is told to stop, and never because of time alone. */
  readonly signal: AbortSignal;
  /** Says that the work goes on: its deadline is counted from now. Never waits and never fails. */
  progress(report?: { readonly percent?: number; readonly detail?: string }): void;
  /** Puts a line on the ticket's timeline. Throws KORA_TICKET_STALE_FENCE when the ticket is not ours any more. */
  note(text: string): Promise<void>;
  /**
   * Does something to the world outside at most as often as its side effects allow: what an earlier attempt committed is
   * answered from the ledger, what it began is done again under the same key, or inspected, or, for `once`, refused with
   * KORA_OPERATION_UNKNOWN. `run` is given the key to send along. Throws KORA_TICKET_STALE_FENCE.
   */
  operation<Result>(spec: RemoteOperation, run: (key: string) => Promise<Result>): Promise<Result>;
  /** Puts an event on the chain in the ticket's name. Throws KORA_TICKET_STALE_FENCE. */
  event(name: string, data?: Readonly<Record<string, unknown>>): Promise<void>;
}

/** What the work answers. */
export type RemoteResult = Omit<z.input<typeof workerResolveSchema>, 'claim'>;

/** Why the signal of a ticket aborted. */
export type Loss = 'lost' | 'stopping';

/** One ticket in hand, from its claim to its end. */
export class RemoteHand {
  readonly claim: string;
  readonly #calls: WorkerCalls;
  readonly #claimed: Claimed;
  readonly #abort = new AbortController();
  readonly #onError: (error: unknown) => void;
  #loss: Loss | undefined;

  constructor(calls: WorkerCalls, claimed: Claimed, onError: (error: unknown) => void) {
    this.claim = claimed.claim;
    this.#calls = calls;
    this.#claimed = claimed;
    this.#onError = onError;
  }

  /** Ends the work early; what is lost is nobody's to resolve. */
  drop(loss: Loss): void {
    if (this.#loss === 'lost') return;
    this.#loss = loss;
    this.#abort.abort(new KoraApiError(409, lossOf(loss)));
  }

  /** Works it to its end and says how it ended. Never throws. */
  async work(work: (ticket: RemoteTicket) => Promise<RemoteResult>, until: Until): Promise<void> {
    try {
      const result = await Promise.race([work(this.#ticket()), this.#overdue(until)]);
      if (!this.#isLost()) await this.#resolve(result, until);
    } catch (error) {
      if (this.#isLost()) return;
      await this.#failed(error, until).catch(this.#onError);
    }
  }

  async #failed(error: unknown, until: Until): Promise<void> {
    if (this.#loss === 'stopping') return this.#release(until);
    const summary = (error instanceof Error ? error.message : String(error)).slice(0, 2_000) || 'it threw';
    this.#onError(error);
    // Nobody knows whether it happened: another attempt would not either.
    const isUnknown = error instanceof KoraApiError && error.code === 'KORA_OPERATION_UNKNOWN';
    const resolution = isUnknown ? 'blocked_needs_operator' : 'failed_retryable';
    await this.#resolve({ resolution, summary }, until);
  }

  /** A result that the runtime does not take is a failure of its own: another attempt would answer the same. */
  async #resolve(result: RemoteResult, until: Until): Promise<void> {
    const { claim } = this;
    try {
      await this.#surely(() => this.#calls.resolve({ ...result, claim }), until);
    } catch (error) {
      if (!(error instanceof KoraApiError) || ![400, 413].includes(error.status)) throw error;
      const failure = { class: 'payload' } as const;
      const summary = `its result was refused: ${error.code}`;
      await this.#surely(
        () => this.#calls.resolve({ claim, resolution: 'failed_retryable', summary, failure }),
        until,
      );
    }
  }

  async #release(until: Until): Promise<void> {
    const { claim } = this;
    await this.#surely(() => this.#calls.release({ claim, reason: 'the worker stops' }), until);
  }

  /** Until the runtime has said yes or no: an answer that was lost is asked for again, and says `already`. */
  async #surely(say: () => Promise<unknown>, until: Until): Promise<void> {
    for (let tries = 0; ; tries += 1) {
      try {
        await say();
        return;
      } catch (error) {
        if (this.#tellIfLost(error) || this.#isLost()) return;
        if (!mayPass(error) || !(await until.wait(Math.min(5_000, 200 * 2 ** tries)))) throw error;
      }
    }
  }

  #ticket(): RemoteTicket {
    const { claim, ...shown } = this.#claimed;
    const calls = this.#calls;
    const stale = (error: unknown): never => {
      this.#tellIfLost(error);
      throw error;
    };
    return {
      ...shown,
      signal: this.#abort.signal,
      progress: (report = {}) => {
        calls.progress({ ...report, claim }).catch((error: unknown) => {
          if (!this.#tellIfLost(error)) this.#onError(error);
        });
      },
      note: async (text) => void (await calls.note({ claim, text }).catch(stale)),
      operation: async (spec, run) => {
        // What the ledger keeps of an operation is what `run` answered, as JSON.
        const answer = performRemotely({ calls, claim, signal: this.#abort.signal }, spec, run);
        return (await answer.catch(stale)) as never;
      },
      event: async (name, data = {}) =>
        void (await calls.event({ claim, name, data: { ...data } }).catch(stale)),
    };
  }

  /** A handler that does not heed its signal is left alone after a while. */
  async #overdue(until: Until): Promise<never> {
    await new Promise<void>((resolve) => {
      this.#abort.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await until.grace();
    throw new KoraApiError(409, lossOf('stopping'));
  }

  #tellIfLost(error: unknown): boolean {
    const isStale = error instanceof KoraApiError && error.code === 'KORA_TICKET_STALE_FENCE';
    if (isStale) this.drop('lost');
    return isStale;
  }

  #isLost(): boolean {
    return this.#loss === 'lost';
  }
}

/** How long the worker goes on saying what it has to say. */
export interface Until {
  /** Waits as long as a handler has to end once its signal aborted. */
  grace(): Promise<void>;
  /** Waits so many milliseconds; false when there is no use in another try. */
  wait(ms: number): Promise<boolean>;
}

/** Whether the same call may be answered otherwise later. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof KoraApiError) || error.status >= 500 || error.status === 429;
}

function lossOf(loss: Loss): { code: string; message: string } {
  return loss === 'lost'
    ? { code: 'KORA_TICKET_STALE_FENCE', message: 'the claim is not held any more' }
    : { code: 'KORA_TIMEOUT', message: 'the worker stops' };
}
