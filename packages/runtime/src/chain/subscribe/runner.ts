import { backoffMs } from '../../clock/index.ts';
import { Bell } from './bell.ts';
import type { Subscription } from './contract.ts';
import type { Move, TenureRow } from './cursors.ts';
import { readPage } from './page.ts';
import type { Entry } from './page.ts';
import type { RunnerPorts } from './ports.ts';
import { Reactions } from './reactions.ts';
import { replayParked } from './replay.ts';
import { Seat } from './seat.ts';
import { Tenure } from './tenure.ts';
import { watched } from './watch.ts';
import type { Watch } from './watch.ts';

const pageEvents = 1_000;
const takeEvents = 256;
const defaultDeadlineMs = 30_000;
const stopGraceMs = 5_000;
/** Nothing is missed without it: each wait is ended by a ring. */
const longWaitMs = 60_000;
const storeAway = { firstMs: 250, longestMs: 5_000 };

/**
 * One consumer on this runtime. It is in one of four modes: *waiting* for the lease on its consumer; *catching up* (reads
 * for itself, page by page); *following* (takes what the fan-out hands it); *backing off* (an event failed: tried again
 * after 1, 2, 4, 8 s, then parked, shown and passed over). Replays that people asked for come between two events.
 */
export class Runner {
  readonly seat: Seat;
  readonly subscription: Subscription;
  readonly #ports: RunnerPorts;
  readonly #bell: Bell;
  readonly #tenure: Tenure;
  readonly #reactions: Reactions;
  #fresh = true;
  #replays = false;
  #stumbles = 0;

  constructor(subscription: Subscription, ports: RunnerPorts) {
    this.subscription = subscription;
    this.#ports = ports;
    this.#bell = new Bell(ports.clock);
    this.seat = new Seat(subscription.types, () => this.#bell.ring());
    this.#tenure = new Tenure(ports, this.seat);
    this.#reactions = new Reactions(subscription, ports, this.#tenure);
  }

  /** Whether this session has yet to hold it, or to hear that another runtime does. */
  get fresh(): boolean {
    return this.#fresh;
  }

  get consumer(): string {
    return this.subscription.consumer;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, onLost, onError } = this.#ports;
    while (!signal.aborted) {
      try {
        await this.#turn(signal);
        this.#stumbles = 0;
      } catch (error) {
        // A store that is away says nothing about the event, and what a lost commit did is read again with the lease.
        onError(this.consumer, error);
        this.#tenure.lose();
        await clock.sleep(backoffMs(clock, this.#stumbles, storeAway), signal);
        this.#stumbles += 1;
        onLost();
      }
    }
  }

  /** What the store said of its lease. */
  told(row: TenureRow, askedAt: number): void {
    // A transaction that the dead session left behind locks the row for a moment longer.
    if (row.taken || !row.kin) this.#fresh = false;
    const began = this.#tenure.told(row, askedAt);
    const replays = row.taken && row.replays;
    if (replays) this.#replays = true;
    if (began || replays) this.#bell.ring();
  }

  /** What is dealt with and not yet in the store. */
  unsaid(): Move | undefined {
    return this.#tenure.unsaid(this.consumer, this.#ports.fanOut.position(this.seat));
  }

  /** Whether the store took it. */
  said(move: Move, answer: Promise<boolean>): Promise<void> {
    return this.#tenure.said(move, answer);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    if (!this.#tenure.held) return this.#bell.wait(longWaitMs, signal);
    if (this.#replays) await this.#replay(signal);
    const { retryMs } = this.#tenure;
    if (retryMs > 0) return this.#bell.wait(retryMs, signal);
    if (!this.seat.following && !this.#ports.fanOut.follow(this.seat)) return this.#catchUp(signal);
    const entries = this.seat.peek(takeEvents);
    if (entries.length === 0) return this.#rest(signal);
    await this.#work(entries, signal);
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const { types } = this.subscription;
    const page = await readPage(this.#ports, { after: this.seat.at, types, limit: pageEvents });
    if (!(await this.#work(page.entries, signal))) return;
    this.seat.passed(page.upTo);
    this.#reactions.sayPassed(page.upTo);
    // At the head, and the fan-out has yet to read for it: its next read wakes this one.
    if (page.upTo >= page.head) await this.#rest(signal);
  }

  /** Until something comes, or the lease ends unnoticed. */
  #rest(signal: AbortSignal): Promise<void> {
    return this.#bell.wait(Math.max(1, Math.min(longWaitMs, this.#tenure.leftMs)), signal);
  }

  #work(entries: readonly Entry[], signal: AbortSignal): Promise<boolean> {
    if (entries.length === 0) return Promise.resolve(true);
    return this.#watched(signal, (watch) => this.#reactions.work(entries, watch, signal));
  }

  async #replay(signal: AbortSignal): Promise<void> {
    this.#replays = false;
    const ours = await replayParked({
      ports: this.#ports,
      subscription: this.subscription,
      tenure: this.#tenure,
      signal,
      watched: (work) => this.#watched(signal, work),
    });
    if (!ours) this.#tenure.loseAndSay();
  }

  #watched<T>(stop: AbortSignal, work: (watch: Watch) => Promise<T>): Promise<T> {
    const ms = this.subscription.deadlineMs ?? defaultDeadlineMs;
    const what = `the reaction of ${this.consumer}`;
    return watched({ clock: this.#ports.clock, ms, what, stop, graceMs: stopGraceMs }, work);
  }
}
