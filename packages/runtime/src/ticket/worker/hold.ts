import type { Claim } from '../queue/claim.ts';
import type { Answer } from './answer.ts';

/** How a claim left this process: with a result, given back, or with the ticket in other hands. */
export type HoldEnd = 'resolved' | 'released' | 'lost';

/**
 * One claim in this process, from the answer that brought it until its end is in the store. Most work asks for no signal,
 * is never stopped, and is waited for by nobody: none of it costs anything until somebody wants it.
 */
export class Hold {
  readonly claim: Claim;
  /** The session whose lease it is under: what it says is said in that one's name. */
  readonly sessionId: string;
  /** Monotonic milliseconds: when it came, and when work on it began. */
  readonly since: number;
  beganAt = 0;
  place: 'waiting' | 'worked' | 'ending' = 'waiting';
  /** How long it may go on without progress, and when that is over. */
  deadlineMs = Number.POSITIVE_INFINITY;
  deadlineAt = Number.POSITIVE_INFINITY;
  end: HoldEnd | undefined;
  #abort: AbortController | undefined;
  #stopped: { readonly reason: Error; readonly answer: Answer } | undefined;
  #whenStopped: ((answer: Answer) => void) | undefined;
  #ended: PromiseWithResolvers<HoldEnd> | undefined;

  constructor(claim: Claim, sessionId: string, since: number) {
    this.claim = claim;
    this.sessionId = sessionId;
    this.since = since;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#stopped !== undefined) this.#abort.abort(this.#stopped.reason);
    return this.#abort.signal;
  }

  get stopped(): boolean {
    return this.#stopped !== undefined;
  }

  get ended(): Promise<HoldEnd> {
    this.#ended ??= Promise.withResolvers<HoldEnd>();
    if (this.end !== undefined) this.#ended.resolve(this.end);
    return this.#ended.promise;
  }

  /** Ends the work with this answer, whatever its handler does; the first stop counts. */
  stop(reason: Error, answer: Answer): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = { reason, answer };
    this.#abort?.abort(reason);
    this.#whenStopped?.(answer);
  }

  /** Calls back when it is stopped, or at once when it was. */
  whenStopped(tell: (answer: Answer) => void): void {
    this.#whenStopped = tell;
    if (this.#stopped !== undefined) tell(this.#stopped.answer);
  }

  /** Its end is in the store, or the store says that it is not ours to end. */
  leave(end: HoldEnd): void {
    this.end = end;
    this.#ended?.resolve(end);
  }
}

/** Every claim of this process. One that was lost may still be ending while its ticket is claimed again. */
export class Holds {
  readonly #all = new Set<Hold>();
  readonly #newest = new Map<number, Hold>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Hold> {
    return this.#all.values();
  }

  of(ticketId: number): Hold | undefined {
    return this.#newest.get(ticketId);
  }

  add(hold: Hold): void {
    this.#all.add(hold);
    this.#newest.set(hold.claim.ticketId, hold);
  }

  delete(hold: Hold): void {
    this.#all.delete(hold);
    if (this.#newest.get(hold.claim.ticketId) === hold) this.#newest.delete(hold.claim.ticketId);
  }
}
