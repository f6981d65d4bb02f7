import { fault } from '../../fault/index.ts';
import type { Leases } from './session.ts';

/**
 * Told with each beat: the fences that the session held when it was sent, by ticket, and that moment by the monotonic
 * clock. What was claimed since is not among them, and not missing.
 */
export type BeatListener = (leases: Leases, sentAt: number) => void;

/** A session that is kept alive. Everything claimed under it is lost with it. */
export interface LiveSession {
  readonly sessionId: string;
  /** Aborts with KORA_TICKET_STALE_FENCE when the session is lost, for good; not when it is ended. */
  readonly lost: AbortSignal;
  onBeat(listener: BeatListener): Disposable;
  /** Stops keeping it and ends it: what it still holds may be reaped at once. Never rejects. */
  end(): Promise<void>;
}

/** What keeps a session: tells it of each beat, and when it is lost. */
export interface KeptSession {
  told(leases: Leases, sentAt: number): void;
  lose(why: string): void;
}

export interface Keeping {
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

interface LiveSessionOptions {
  readonly sessionId: string;
  /** Ends its row. */
  readonly end: () => Promise<void>;
  readonly onLost: (sessionId: string) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** The main thread's side of a session. */
export class HeldSession implements LiveSession, KeptSession {
  readonly sessionId: string;
  readonly #options: LiveSessionOptions;
  readonly #lost = new AbortController();
  readonly #listeners = new Set<BeatListener>();
  #keeping: Keeping = { close: () => Promise.resolve() };
  #ended: Promise<void> | undefined;

  constructor(options: LiveSessionOptions) {
    this.sessionId = options.sessionId;
    this.#options = options;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  keptBy(keeping: Keeping): void {
    this.#keeping = keeping;
  }

  onBeat(listener: BeatListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  told(leases: Leases, sentAt: number): void {
    if (this.#isOver) return;
    for (const listener of this.#listeners) {
      try {
        listener(leases, sentAt);
      } catch (error) {
        this.#options.onError('session beat', error);
      }
    }
  }

  lose(why: string): void {
    if (this.#isOver) return;
    this.#options.onLost(this.sessionId);
    this.#lost.abort(fault('KORA_TICKET_STALE_FENCE', `the session was lost: ${why}`));
    this.#close().catch((error: unknown) => this.#options.onError('session', error));
  }

  end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  get #isOver(): boolean {
    return this.lost.aborted || this.#ended !== undefined;
  }

  async #end(): Promise<void> {
    try {
      await this.#close();
      await this.#options.end();
    } catch (error) {
      this.#options.onError('end session', error); // it lapses by itself
    }
  }

  #close(): Promise<void> {
    this.#listeners.clear();
    return this.#keeping.close();
  }
}
