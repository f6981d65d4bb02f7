/** Milliseconds a killed process has for an orderly end. */
const exitDeadlineMs = 10_000;

/** A stop of level 4 or 5 that is for this very process. */
export interface KillOrder {
  readonly level: number;
  readonly reason: string;
}

export interface KillPorts {
  /** Arms the hard end, which needs nothing of this thread any more. */
  readonly exitBy: (deadlineMs: number, level: number) => void;
  /** The state says stopped, and every door closes. */
  readonly stopped: (order: KillOrder) => Promise<void>;
  /** Held work is told to stop, and its claims go back. */
  readonly abort: (reason: string) => Promise<number>;
  /** What opens a door to this process or to a service is forgotten. */
  readonly dropCredentials: () => Promise<void>;
  /** The orderly end, with the exit code of a process that was stopped. */
  readonly end: (reason: string) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/**
 * Ends this process because it was ordered to, once. The hard end is armed before anything is tried, so that nothing
 * which hangs can keep it alive.
 */
export class Kill {
  readonly #ports: KillPorts;
  #level = 0;
  #ended: Promise<void> | undefined;

  constructor(ports: KillPorts) {
    this.#ports = ports;
  }

  /** The level that is being carried out, 0 while none is. */
  get level(): number {
    return this.#level;
  }

  /** Resolves when the orderly end is through. A level 5 that follows a level 4 still drops the credentials. */
  carryOut(order: KillOrder): Promise<void> {
    if (order.level > this.#level) {
      this.#level = order.level;
      this.#ports.exitBy(exitDeadlineMs, order.level);
      if (order.level >= 5) void this.#try('credentials', () => this.#ports.dropCredentials());
    }
    this.#ended ??= this.#end(order);
    return this.#ended;
  }

  async #end(order: KillOrder): Promise<void> {
    const reason = `STOP-KORA L${order.level}: ${order.reason}`;
    const letGo = Promise.all([
      this.#try('stopped', () => this.#ports.stopped(order)),
      this.#try('abort', () => this.#ports.abort(reason)),
    ]);
    // The end waits for held work by itself, and the hard end for nobody.
    void letGo;
    await this.#try('end', () => this.#ports.end(reason));
  }

  async #try(what: string, deed: () => Promise<unknown>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      this.#ports.onError(`kill: ${what}`, error);
    }
  }
}
