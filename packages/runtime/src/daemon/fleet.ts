import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import type { LeaseAnswer, LeaseStore } from './leases.ts';

export interface FleetPorts {
  readonly clock: Clock;
  readonly leases: LeaseStore;
  /** The lease became ours. */
  readonly onTaken: (daemon: string, answer: LeaseAnswer) => void;
  /** Another runtime has it; null when nobody could say. */
  readonly onElsewhere: (daemon: string, holder: string | null) => void;
  /** It is ours no longer, or will soon be: the daemon has to be down before `stopMs` are over. */
  readonly onLost: (daemon: string) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/** A daemon whose lease is wanted, or held. */
interface Tenure {
  readonly daemon: string;
  readonly leaseMs: number;
  /** What its stop may take. */
  readonly stopMs: number;
  /** 0 while it is not ours. */
  fence: number;
  /** Until then it is surely ours, by the monotonic clock. */
  until: number;
  lost: boolean;
  /** Aborts when it is given back. */
  readonly over: AbortController;
  watching: Promise<void>;
}

const beatMs = 3_000;
/** An answer that has not come by then is none. */
const answerMs = 3_000;
/** A store that is away for less than this, less a beat, takes the daemon from nobody. */
const patienceMs = 10_000;
/** What needs the daemon has so long to stop first. */
export const dependentsMs = 4_000;
const slackMs = 1_000;

/**
 * Keeps the leases of fleet daemons. All of them are asked for by one statement a beat. A holder that gets no answer says
 * that the lease is lost while there is still time to stop the daemon in order: before any other runtime can take it.
 */
export class Fleet {
  readonly #ports: FleetPorts;
  readonly #tenures = new Map<string, Tenure>();
  readonly #closed = new AbortController();
  #kick = new AbortController();
  /** The statement that is under way; never rejects. */
  #asking: Promise<void> = Promise.resolve();
  #loop: Promise<void> | undefined;

  constructor(ports: FleetPorts) {
    this.#ports = ports;
  }

  /** From now on the lease is asked for, at once and then with every beat. Asked again, nothing changes. */
  want(daemon: string, shutdownMs: number): void {
    if (this.#tenures.has(daemon) || this.#closed.signal.aborted) return;
    // Tasks come off the schedule first, and may take as long as the shutdown itself.
    const stopMs = dependentsMs + 2 * shutdownMs + slackMs;
    const leaseMs = patienceMs + stopMs;
    const none = { fence: 0, until: -Infinity, lost: false, watching: Promise.resolve() };
    this.#tenures.set(daemon, { daemon, leaseMs, stopMs, ...none, over: new AbortController() });
    this.#kick.abort();
    this.#loop ??= this.#keep();
  }

  /** Wants it no longer; the daemon is down. Never rejects: what could not be given back lapses. */
  async giveBack(daemon: string): Promise<void> {
    const { clock, leases, onError } = this.#ports;
    const tenure = this.#tenures.get(daemon);
    this.#tenures.delete(daemon);
    tenure?.over.abort();
    await tenure?.watching;
    // Behind the last statement that names it: one that came later would take it for nobody.
    await this.#asking;
    if (tenure === undefined || tenure.fence === 0) return;
    const given = withDeadline(clock, { ms: answerMs, what: `the lease of daemon ${daemon}` }, () =>
      leases.release(daemon, tenure.fence),
    );
    await given.catch((error: unknown) => onError(`lease of daemon ${daemon}`, error));
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#kick.abort();
    await this.#loop;
    await Promise.all([...this.#tenures.keys()].map((daemon) => this.giveBack(daemon)));
  }

  async #keep(): Promise<void> {
    const { signal } = this.#closed;
    while (!signal.aborted) {
      this.#kick = new AbortController();
      if (this.#tenures.size > 0) {
        this.#asking = this.#ask();
        await this.#asking;
      }
      if (!this.#kick.signal.aborted)
        await this.#ports.clock.sleep(beatMs, AbortSignal.any([signal, this.#kick.signal]));
    }
  }

  async #ask(): Promise<void> {
    const { clock, leases, onError, onElsewhere } = this.#ports;
    const asked = [...this.#tenures.values()];
    const sentAt = clock.monotonic();
    try {
      const deadline = { ms: answerMs, what: 'the leases of daemons' };
      const asks = asked.map(({ daemon, leaseMs, fence }) => ({ daemon, leaseMs, fence }));
      const answers = await withDeadline(clock, deadline, () => leases.hold(asks));
      for (const answer of answers) this.#heed(answer, asked, sentAt);
    } catch (error) {
      onError('leases of daemons', error);
      for (const tenure of asked)
        if (this.#stands(tenure) && tenure.fence === 0) onElsewhere(tenure.daemon, null);
    }
  }

  #heed(answer: LeaseAnswer, asked: readonly Tenure[], sentAt: number): void {
    const { clock, onTaken, onElsewhere } = this.#ports;
    const tenure = asked.find(({ daemon }) => daemon === answer.daemon);
    if (tenure === undefined) return;
    if (!answer.ours) {
      if (tenure.fence !== 0) this.#lose(tenure);
      else if (this.#stands(tenure)) onElsewhere(tenure.daemon, answer.holder);
      return;
    }
    tenure.until = sentAt + tenure.leaseMs;
    if (tenure.fence !== 0) return;
    tenure.fence = answer.fence;
    // Given up while the statement was under way: whoever gave it up waits for the fence to give back.
    if (!this.#stands(tenure)) return;
    if (clock.monotonic() >= tenure.until - tenure.stopMs) return this.#lose(tenure);
    onTaken(tenure.daemon, answer);
    tenure.watching = this.#watch(tenure);
  }

  /** Ends when the tenure does. Timers of a process that stood still come late, and the first thing it does is this. */
  async #watch(tenure: Tenure): Promise<void> {
    const { clock } = this.#ports;
    while (!tenure.lost) {
      const left = tenure.until - tenure.stopMs - clock.monotonic();
      if (left <= 0) return this.#lose(tenure);
      if (!(await clock.sleep(left, tenure.over.signal))) return;
    }
  }

  #lose(tenure: Tenure): void {
    if (tenure.lost || !this.#stands(tenure)) return;
    tenure.lost = true;
    this.#ports.onLost(tenure.daemon);
  }

  #stands(tenure: Tenure): boolean {
    return this.#tenures.get(tenure.daemon) === tenure;
  }
}
