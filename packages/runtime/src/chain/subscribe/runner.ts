import { backoffMs } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Transaction } from '../../store/index.ts';
import { eventParked } from '../events.ts';
import { draft, storableText } from '../vocabulary.ts';
import { Bell } from './bell.ts';
import type { Reaction, Subscription } from './contract.ts';
import type { Cursors, Move, Tenure } from './cursors.ts';
import { leaseMs } from './cursors.ts';
import type { FanOut } from './fan-out.ts';
import { lent } from './lent.ts';
import { readPage } from './page.ts';
import type { Entry } from './page.ts';
import type { ParkedStore } from './parked.ts';
import { replayParked } from './replay.ts';
import { Seat } from './seat.ts';
import { watched } from './watch.ts';
import type { Watch } from './watch.ts';

/** What a consumer runs on; the same for all of one runtime. */
export interface RunnerPorts extends ParkedStore {
  readonly clock: Clock;
  readonly cursors: Cursors;
  readonly fanOut: FanOut;
  readonly onError: (consumer: string, error: unknown) => void;
  /** A thousand events were passed without a write: their cursor should move. */
  readonly onPassed: () => void;
  /** It holds its consumer no longer and wants to. */
  readonly onLost: () => void;
}

interface Write {
  readonly entry: Entry;
  readonly reaction: Reaction;
}

const pageEvents = 1_000;
const takeEvents = 256;
const passedEvents = 1_000;
const maxTries = 5;
const firstRetryMs = 1_000;
const defaultDeadlineMs = 30_000;
const stopGraceMs = 5_000;
/** Nothing is missed without it: each wait is ended by a ring. */
const longWaitMs = 60_000;
const storeAway = { firstMs: 250, longestMs: 5_000 };

/** How long an event that failed for the nth time waits for its next try. */
export function retryAfterMs(attempts: number): number {
  return firstRetryMs * 2 ** (attempts - 1);
}

/**
 * One consumer on this runtime. It is in one of four modes: *waiting* for the lease on its consumer; *catching up* (reads
 * for itself, page by page); *following* (takes what the fan-out hands it); *backing off* (an event failed: tried again
 * after 1, 2, 4, 8 s, then parked, shown and passed over). A reaction's writes land with the moved cursor; events that
 * leave nothing to write are passed in memory, and their cursor moves later, for many consumers at once.
 */
export class Runner {
  readonly seat: Seat;
  readonly #subscription: Subscription;
  readonly #ports: RunnerPorts;
  readonly #bell: Bell;
  #cursor = 0;
  #heldUntil = -Infinity;
  #attempts = 0;
  #retryAt = -Infinity;
  #replays = false;
  /** A transaction that moves or locks the cursor's row is under way. */
  #writing = false;
  #passing: Promise<void> | undefined;
  /** Up to here reactions have a transaction each, because together they failed. */
  #aloneUpTo = 0;
  #stumbles = 0;

  constructor(subscription: Subscription, ports: RunnerPorts) {
    this.#subscription = subscription;
    this.#ports = ports;
    this.#bell = new Bell(ports.clock);
    this.seat = new Seat(subscription.types, () => this.#bell.ring());
  }

  get consumer(): string {
    return this.#subscription.consumer;
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
        this.#lose();
        await clock.sleep(backoffMs(clock, this.#stumbles, storeAway), signal);
        this.#stumbles += 1;
        onLost();
      }
    }
  }

  /** What the store said of the lease, asked at `askedAt` of the monotonic clock. */
  told(tenure: Tenure, askedAt: number): void {
    const had = this.#holds();
    if (!tenure.taken) {
      // A row that a transaction of ours has locked is renewed by that transaction.
      if (had && !tenure.mine) this.#lose();
      return;
    }
    this.#heldUntil = askedAt + leaseMs;
    if (tenure.replays) this.#replays = true;
    if (!had) {
      this.#cursor = tenure.cursor;
      this.#attempts = tenure.attempts;
      this.#retryAt = this.#ports.clock.monotonic() + tenure.retryMs;
      this.seat.stray(tenure.cursor);
    }
    if (!had || tenure.replays) this.#bell.ring();
  }

  /** What is dealt with and not yet in the store; nothing while a transaction of its own is about to say it. */
  unsaid(): Move | undefined {
    const to = this.#ports.fanOut.position(this.seat);
    if (this.#writing || !this.#holds() || to <= this.#cursor) return undefined;
    return { consumer: this.consumer, from: this.#cursor, to };
  }

  /** Holds the next transaction back until the store has answered; false says that the cursor was not ours to move. */
  async said({ to }: Move, answer: Promise<boolean>): Promise<void> {
    const passing = answer.then(
      (moved) => {
        if (moved) this.#cursor = to;
        else this.#loseAndSay();
      },
      () => this.#loseAndSay(),
    );
    this.#passing = passing;
    await passing;
    if (this.#passing === passing) this.#passing = undefined;
  }

  #holds(): boolean {
    return this.#ports.clock.monotonic() < this.#heldUntil;
  }

  #lose(): void {
    this.#heldUntil = -Infinity;
    this.seat.stray();
  }

  #loseAndSay(): void {
    this.#lose();
    this.#ports.onLost();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { fanOut, clock } = this.#ports;
    if (!this.#holds()) return this.#bell.wait(longWaitMs, signal);
    if (this.#replays) await this.#replayAll(signal);
    const backOffMs = this.#retryAt - clock.monotonic();
    if (backOffMs > 0) return this.#bell.wait(backOffMs, signal);
    if (!this.seat.following && !fanOut.follow(this.seat)) return this.#catchUp(signal);
    const entries = this.seat.peek(takeEvents);
    if (entries.length === 0) return this.#bell.wait(this.#waitMs(), signal);
    await this.#work(entries, signal);
  }

  /** A lease that ends unnoticed is asked for again. */
  #waitMs(): number {
    return Math.min(longWaitMs, Math.max(1, this.#heldUntil - this.#ports.clock.monotonic()));
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    const { types } = this.#subscription;
    const page = await readPage(this.#ports, { after: this.seat.at, types, limit: pageEvents });
    if (!(await this.#work(page.entries, signal))) return;
    this.seat.passed(page.upTo);
    this.#sayPassed();
    // At the head, and the fan-out has yet to read for it: its next read wakes this one.
    if (page.upTo >= page.head) await this.#bell.wait(this.#waitMs(), signal);
  }

  /** Deals with events in order. False when it stopped before the last. */
  #work(entries: readonly Entry[], signal: AbortSignal): Promise<boolean> {
    if (entries.length === 0) return Promise.resolve(true);
    return this.#watched(signal, (watch) => this.#workUnder(watch, entries, signal));
  }

  async #workUnder(watch: Watch, entries: readonly Entry[], signal: AbortSignal): Promise<boolean> {
    let writes: Write[] = [];
    let last: Entry | undefined;
    for (const entry of entries) {
      // A stop begins no other reaction, and what was taken over is somebody else's to react to.
      if (signal.aborted || !this.#holds()) break;
      const decided = await this.#decide(watch, entry);
      if ('error' in decided) {
        if (last === undefined) await this.#failed(entry, decided.error, signal);
        // The time of those before it is over, too; they did nothing wrong, and come again with a transaction each.
        else if (watch.signal.aborted) this.#aloneUpTo = entry.seq;
        else if (await this.#commit(watch, writes, last, signal))
          await this.#failed(entry, decided.error, signal);
        return false;
      }
      if (decided.reaction !== undefined) writes.push({ entry, reaction: decided.reaction });
      if (writes.length === 0) this.#passed(entry);
      else last = entry;
      if (last === undefined || writes.length < this.#batchAt(entry)) continue;
      if (!(await this.#commit(watch, writes, last, signal))) return false;
      writes = [];
      last = undefined;
    }
    if (last !== undefined && !(await this.#commit(watch, writes, last, signal))) return false;
    return !signal.aborted && this.#holds();
  }

  async #decide(
    watch: Watch,
    entry: Entry,
  ): Promise<{ readonly reaction: Reaction | undefined } | { readonly error: unknown }> {
    try {
      const event = entry.event();
      return { reaction: await watch.over(() => this.#subscription.react(event, watch.signal)) };
    } catch (error) {
      return { error };
    }
  }

  #batchAt({ seq }: Entry): number {
    return seq <= this.#aloneUpTo ? 1 : (this.#subscription.batch ?? 1);
  }

  #passed({ seq }: Entry): void {
    this.#attempts = 0;
    this.seat.passed(seq);
    this.#sayPassed();
  }

  #sayPassed(): void {
    if (this.seat.at - this.#cursor >= passedEvents) this.#ports.onPassed();
  }

  /** The writes and the cursor behind the last event, in one transaction. False when nothing landed. */
  async #commit(watch: Watch, writes: readonly Write[], last: Entry, signal: AbortSignal): Promise<boolean> {
    try {
      const move = { consumer: this.consumer, to: last.seq };
      const moved = await this.#write((tx) => this.#landing(tx, watch, writes, move));
      if (moved) this.#moved(last.seq);
      else this.#loseAndSay();
      return moved;
    } catch (error) {
      const [first, second] = writes;
      if (first === undefined || isStoreAway(error)) throw error;
      if (second === undefined) await this.#failed(first.entry, error, signal);
      else this.#aloneUpTo = last.seq;
      return false;
    }
  }

  async #landing(
    tx: Transaction,
    watch: Watch,
    writes: readonly Write[],
    move: Omit<Move, 'from'>,
  ): Promise<boolean> {
    if (!(await this.#ports.cursors.move(tx, { ...move, from: this.#cursor }))) return false;
    const loan = lent(tx);
    try {
      for (const { reaction } of writes) await watch.over(() => reaction(loan.tx));
    } finally {
      loan.end();
    }
    return true;
  }

  /** One transaction on the cursor's row, never beside another statement that moves it. */
  async #write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#writing = true;
    try {
      await this.#passing;
      return await this.#ports.database.transaction(work);
    } finally {
      this.#writing = false;
    }
  }

  #moved(seq: number): void {
    this.#cursor = seq;
    this.#attempts = 0;
    this.seat.passed(seq);
  }

  /** Counts a failure against the event, or parks it. What a stop interrupted, and a store that is away, is no failure of it. */
  async #failed(entry: Entry, error: unknown, signal: AbortSignal): Promise<void> {
    if (isStoreAway(error)) throw error;
    if (signal.aborted) return;
    const { onError, cursors, clock } = this.#ports;
    onError(this.consumer, error);
    const attempts = this.#attempts + 1;
    const why = storableText(messageOf(error));
    if (attempts >= maxTries) return this.#park(entry, why);
    await this.#passing;
    // Behind the event before it, so that the count can only mean this one.
    const to = entry.seq - 1;
    const retryMs = retryAfterMs(attempts);
    const failure = { consumer: this.consumer, from: this.#cursor, to, attempts, error: why, retryMs };
    this.#writing = true;
    const counted = await cursors.fail(failure).finally(() => {
      this.#writing = false;
    });
    if (!counted) return this.#loseAndSay();
    this.#moved(to);
    this.#attempts = attempts;
    this.#retryAt = clock.monotonic() + retryMs;
  }

  async #park({ seq }: Entry, error: string): Promise<void> {
    const { cursors, workspaceId, stage } = this.#ports;
    const { consumer } = this;
    const moved = await this.#write(async (tx) => {
      if (!(await cursors.move(tx, { consumer, from: this.#cursor, to: seq }))) return false;
      await tx.query(
        `insert into kora.parked_event (workspace_id, consumer, seq, error, attempts) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [workspaceId, consumer, seq, error, maxTries],
      );
      await stage(tx, [draft(eventParked, { consumer, seq, error, attempts: maxTries })]);
      return true;
    });
    if (moved) this.#moved(seq);
    else this.#loseAndSay();
  }

  async #replayAll(signal: AbortSignal): Promise<void> {
    this.#replays = false;
    const { onError } = this.#ports;
    const job = {
      ports: this.#ports,
      subscription: this.#subscription,
      signal,
      write: <T>(work: (tx: Transaction) => Promise<T>) => this.#write(work),
      holds: () => this.#holds(),
      watched: <T>(work: (watch: Watch) => Promise<T>) => this.#watched(signal, work),
      failed: (error: unknown) => onError(this.consumer, error),
    };
    if (!(await replayParked(job))) this.#loseAndSay();
  }

  #watched<T>(stop: AbortSignal, work: (watch: Watch) => Promise<T>): Promise<T> {
    const ms = this.#subscription.deadlineMs ?? defaultDeadlineMs;
    const what = `the reaction of ${this.consumer}`;
    return watched({ clock: this.#ports.clock, ms, what, stop, graceMs: stopGraceMs }, work);
  }
}
