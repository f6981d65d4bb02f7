import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { CoordinatorView, RuntimeGlance } from './contract.ts';

const daemons = new AsyncLocalStorage<string>();

/** Runs what a daemon brings, so that whatever it begins, timers and sockets too, is known to be its own. */
export function withinDaemon<T>(name: string, work: () => T): T {
  return daemons.run(name, work);
}

/** The daemon whose doing the code that runs now is. */
export function daemonNow(): string | undefined {
  return daemons.getStore();
}

export interface RunPorts {
  readonly clock: Clock;
  readonly status: () => Promise<RuntimeGlance>;
  /** Told once, with what it died of, when it said so after its start. */
  readonly onDeath: (error: unknown) => void;
}

/** One daemon from one start to its end. What it says afterwards is heard by nobody. */
export class Run {
  readonly #ports: RunPorts;
  readonly #over = new AbortController();
  readonly #death = Promise.withResolvers<never>();
  #dead = false;
  #starting = true;
  #beatAt = 0;

  constructor(ports: RunPorts) {
    this.#ports = ports;
    this.#death.promise.catch(() => undefined); // a start that is over does not wait for it
  }

  /** Aborts when it is to end. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Rejects when the daemon says that it died before its start was over. */
  get death(): Promise<never> {
    return this.#death.promise;
  }

  view(start: {
    readonly signal: AbortSignal;
    readonly timeoutMs: number;
    readonly fence: number | null;
  }): CoordinatorView {
    const { clock, status } = this.#ports;
    return {
      ...start,
      deadline: new Date(clock.now() + start.timeoutMs).toISOString(),
      status,
      died: (error) => this.died(error),
      beat: () => {
        this.#beatAt = clock.monotonic();
      },
    };
  }

  /** Its start is over, and went well. */
  up(): void {
    this.#starting = false;
    this.#beatAt = this.#ports.clock.monotonic();
  }

  died(error: unknown): void {
    if (this.#dead || this.#over.signal.aborted) return;
    this.#dead = true;
    if (this.#starting) this.#death.reject(error);
    else this.#ports.onDeath(error);
  }

  end(): void {
    this.#over.abort();
  }

  /**
   * Declares it dead after `livenessMs` without a beat. When this process stood still meanwhile, nobody could beat, and it
   * is given its time again.
   */
  async watch(name: string, livenessMs: number): Promise<void> {
    const { clock } = this.#ports;
    for (;;) {
      const from = clock.monotonic();
      const left = this.#beatAt + livenessMs - from;
      if (left <= 0) {
        const words = `daemon ${name} gave no sign of life for ${livenessMs} ms`;
        return this.died(fault('KORA_DAEMON_SILENT', words));
      }
      if (!(await clock.sleep(left, this.signal)) || this.#dead) return;
      const now = clock.monotonic();
      if (now - from - left > livenessMs / 4) this.#beatAt = now;
    }
  }
}
