import { createWorkerClient } from '../client.ts';
import type { KoraClientOptions } from '../client.ts';
import type { WorkerCalls } from './client.ts';
import { mayPass, RemoteHand } from './remote-ticket.ts';
import type { RemoteResult, RemoteTicket, Until } from './remote-ticket.ts';

export interface KoraWorkerOptions extends Omit<KoraClientOptions, 'token'> {
  /** What `kora worker add` printed. */
  readonly token: string;
  /** Some of the kinds that the token is for; default all of them. */
  readonly kinds?: readonly string[];
  /** Tickets in hand at once, default 1. */
  readonly concurrency?: number;
  /** Milliseconds without progress that one ticket may take, default 600 000. */
  readonly deadlineMs?: number;
  /** A throw is a failure that is tried again later; three of them end the ticket. */
  readonly work: (ticket: RemoteTicket) => Promise<RemoteResult>;
  /** Stops the worker: nothing new is claimed, what is in hand is aborted and given back. */
  readonly signal?: AbortSignal;
  /** Told of what went wrong and will be tried again: where it lands is for the process to say, as `console.error`. */
  readonly onError: (error: unknown) => void;
}

export interface KoraWorker {
  /**
   * Claims and works until the signal aborts. Rejects when the runtime refuses the worker for good: the token is not valid
   * (KORA_AUTH_MISSING), or not for these kinds (KORA_WORKER_KIND).
   */
  run(): Promise<void>;
}

/** Milliseconds. */
const idleMs = 1_000;
const longestBackoffMs = 15_000;
const stopMs = 5_000;
/** Of the session's lease: how often it is renewed, and how much before its end it is given up here. */
const refreshShare = 1 / 3;
const giveUpBeforeMs = 2_000;

/**
 * Works tickets from a process of its own. Whoever keeps its claims is the runtime: what this loop knows of time only saves
 * work that would be refused.
 */
export function createKoraWorker(options: KoraWorkerOptions): KoraWorker {
  return { run: () => new WorkerLoop(options).run() };
}

class WorkerLoop {
  readonly #options: KoraWorkerOptions;
  readonly #calls: WorkerCalls;
  readonly #hands = new Map<RemoteHand, Promise<void>>();
  readonly #stop: AbortSignal;
  readonly #done = new AbortController();
  #session: string | undefined;
  #ttlMs = 60_000;
  /** When the runtime was last heard to know this session, by this process's monotonic clock. */
  #keptAt = 0;
  #wake: () => void = () => undefined;

  constructor(options: KoraWorkerOptions) {
    this.#options = options;
    this.#calls = createWorkerClient(options);
    this.#stop = options.signal ?? new AbortController().signal;
  }

  async run(): Promise<void> {
    const keeping = this.#keep();
    try {
      await this.#claimLoop();
    } finally {
      await this.#drain();
      this.#done.abort();
      await keeping;
    }
  }

  async #claimLoop(): Promise<void> {
    let failures = 0;
    while (!this.#stop.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      try {
        const got = await this.#claim();
        failures = 0;
        if (got === 0) await pause(idleMs * (0.75 + Math.random() / 2), this.#stop, woken.signal);
      } catch (error) {
        if (!mayPass(error)) throw error;
        this.#failed(error);
        failures += 1;
        await pause(Math.min(longestBackoffMs, 250 * 2 ** failures), this.#stop);
      }
    }
  }

  async #claim(): Promise<number> {
    const { concurrency = 1, kinds, deadlineMs } = this.#options;
    const limit = Math.min(100, concurrency - this.#hands.size);
    if (limit <= 0) return 0;
    const sentAt = performance.now();
    const answer = await this.#calls.claim({
      limit,
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ...(kinds === undefined ? {} : { kinds: [...kinds] }),
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    });
    // Another session than the one we named: that one is lost, and everything in it.
    if (this.#session !== undefined && answer.session !== this.#session) this.#loseAll();
    this.#session = answer.session ?? undefined;
    this.#ttlMs = answer.sessionTtlMs;
    // A door that is closed says nothing of the session.
    if (answer.cause === null) this.#keptAt = sentAt;
    for (const ticket of answer.tickets) this.#take(new RemoteHand(this.#calls, ticket, this.#failed));
    return answer.tickets.length;
  }

  #take(hand: RemoteHand): void {
    const ends = hand.work(this.#options.work, this.#until).finally(() => {
      this.#hands.delete(hand);
      this.#wake();
    });
    this.#hands.set(hand, ends);
  }

  /** Renews the session while something is held in it, and says of what is not held any more that it is lost. */
  async #keep(): Promise<void> {
    while (await pause(this.#ttlMs * refreshShare, this.#done.signal)) {
      const hands = [...this.#hands.keys()];
      if (hands.length === 0) continue;
      const sentAt = performance.now();
      try {
        const { held } = await this.#calls.refresh(hands.map(({ claim }) => claim));
        this.#keptAt = sentAt;
        hands.forEach((hand, at) => held[at] === true || hand.drop('lost'));
      } catch (error) {
        this.#failed(error);
        if (!mayPass(error) || performance.now() - this.#keptAt > this.#ttlMs - giveUpBeforeMs)
          this.#loseAll();
      }
    }
  }

  async #drain(): Promise<void> {
    for (const hand of this.#hands.keys()) hand.drop('stopping');
    await Promise.all(this.#hands.values());
  }

  #loseAll(): void {
    for (const hand of this.#hands.keys()) hand.drop('lost');
    this.#session = undefined;
  }

  readonly #until: Until = {
    grace: async () => void (await pause(stopMs, this.#done.signal)),
    wait: async (ms) => {
      await pause(ms, this.#done.signal);
      return performance.now() - this.#keptAt < this.#ttlMs;
    },
  };

  readonly #failed = (error: unknown): void => {
    this.#options.onError(error);
  };
}

/** Resolves true after `ms`, false as soon as one of the signals aborts. */
function pause(ms: number, ...signals: readonly AbortSignal[]): Promise<boolean> {
  return new Promise((resolve) => {
    if (signals.some(({ aborted }) => aborted)) return resolve(false);
    const end = (elapsed: boolean): void => {
      clearTimeout(timer);
      for (const signal of signals) signal.removeEventListener('abort', cut);
      resolve(elapsed);
    };
    const cut = (): void => end(false);
    const timer = setTimeout(() => end(true), ms);
    for (const signal of signals) signal.addEventListener('abort', cut, { once: true });
  });
}
