import type { Transaction } from '../../store/index.ts';
import { leaseMs } from './cursors.ts';
import type { Move, TenureRow } from './cursors.ts';
import type { RunnerPorts } from './ports.ts';
import type { Seat } from './seat.ts';

type TenurePorts = Pick<RunnerPorts, 'clock' | 'database' | 'writers' | 'onLost'>;

/**
 * What this runtime knows of one consumer's row: whether it holds it, where the cursor stands, what failed. One statement
 * at a time moves the cursor, so that what is known here is what the store has, or the consumer is lost.
 */
export class Tenure {
  readonly #ports: TenurePorts;
  readonly #seat: Seat;
  #heldUntil = -Infinity;
  #cursor = 0;
  #attempts = 0;
  #retryAt = -Infinity;
  /** A transaction that moves or locks the cursor's row is under way. */
  #writing = false;
  #passing: Promise<void> | undefined;

  constructor(ports: TenurePorts, seat: Seat) {
    this.#ports = ports;
    this.#seat = seat;
  }

  /** Milliseconds for which it is surely ours; none when it is not. */
  get leftMs(): number {
    return Math.max(0, this.#heldUntil - this.#ports.clock.monotonic());
  }

  get held(): boolean {
    return this.leftMs > 0;
  }

  /** Where the cursor stands in the store. */
  get cursor(): number {
    return this.#cursor;
  }

  /** How often the event after the cursor has failed. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Milliseconds until it may be tried again. */
  get retryMs(): number {
    return this.#retryAt - this.#ports.clock.monotonic();
  }

  /** What the store said of the lease, asked at `askedAt` of the monotonic clock. True when the consumer became ours. */
  told(row: TenureRow, askedAt: number): boolean {
    const had = this.held;
    if (!row.taken) {
      // A row that a transaction of ours has locked is renewed by that transaction.
      if (had && !row.mine) this.lose();
      return false;
    }
    this.#heldUntil = askedAt + leaseMs;
    if (had) return false;
    this.#cursor = row.cursor;
    this.#attempts = row.attempts;
    this.#retryAt = this.#ports.clock.monotonic() + row.retryMs;
    this.#seat.stray(row.cursor);
    return true;
  }

  lose(): void {
    this.#heldUntil = -Infinity;
    this.#seat.stray();
  }

  loseAndSay(): void {
    this.lose();
    this.#ports.onLost();
  }

  /** The move that the store has yet to hear of; none while a transaction is about to say it. */
  unsaid(consumer: string, to: number): Move | undefined {
    if (this.#writing || !this.held || to <= this.#cursor) return undefined;
    return { consumer, from: this.#cursor, to };
  }

  /** Holds the next transaction back until the store has answered; false says that the cursor was not ours to move. */
  async said({ to }: Move, answer: Promise<boolean>): Promise<void> {
    const passing = answer.then(
      (moved) => {
        if (moved) this.#cursor = to;
        else this.loseAndSay();
      },
      () => this.loseAndSay(),
    );
    this.#passing = passing;
    await passing;
    if (this.#passing === passing) this.#passing = undefined;
  }

  /** One transaction on the cursor's row, never beside another statement that moves it, once a place for it is free. */
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { database, writers } = this.#ports;
    return this.alone(() => writers.with(() => database.transaction(work)));
  }

  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#writing = true;
    try {
      await this.#passing;
      return await work();
    } finally {
      this.#writing = false;
    }
  }

  /** The cursor stands there in the store, and nothing has failed since. False: it was not ours to move. */
  moved(landed: boolean, seq: number): boolean {
    if (!landed) {
      this.loseAndSay();
      return false;
    }
    this.#cursor = seq;
    this.succeeded(seq);
    return true;
  }

  /** An event left nothing to write. */
  succeeded(seq: number): void {
    this.#attempts = 0;
    this.#seat.passed(seq);
  }

  failed(attempts: number, retryMs: number): void {
    this.#attempts = attempts;
    this.#retryAt = this.#ports.clock.monotonic() + retryMs;
  }
}
