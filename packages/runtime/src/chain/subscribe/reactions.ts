import { messageOf } from '../../fault/index.ts';
import { isStoreAway } from '../../store/index.ts';
import type { Transaction } from '../../store/index.ts';
import { eventParked } from '../events.ts';
import { draft, storableText } from '../vocabulary.ts';
import type { Reaction, Subscription } from './contract.ts';
import { lent } from './lent.ts';
import type { Entry } from './page.ts';
import type { RunnerPorts } from './ports.ts';
import type { Tenure } from './tenure.ts';
import type { Watch } from './watch.ts';

type Decided = { readonly reaction: Reaction | undefined } | { readonly error: unknown };

interface Write {
  readonly entry: Entry;
  readonly reaction: Reaction;
}

const passedEvents = 1_000;
const maxTries = 5;
const firstRetryMs = 1_000;

/** How long an event that failed for the nth time waits for its next try. */
export function retryAfterMs(attempts: number): number {
  return firstRetryMs * 2 ** (attempts - 1);
}

/**
 * Takes one consumer through events. What a reaction writes lands with the moved cursor. Events that leave nothing to
 * write are passed in memory; their cursor moves later, for many consumers at once.
 */
export class Reactions {
  readonly #subscription: Subscription;
  readonly #ports: RunnerPorts;
  readonly #tenure: Tenure;
  /** Up to here reactions have a transaction each, because together they failed. */
  #aloneUpTo = 0;

  constructor(subscription: Subscription, ports: RunnerPorts, tenure: Tenure) {
    this.#subscription = subscription;
    this.#ports = ports;
    this.#tenure = tenure;
  }

  /** Deals with events in order. False when it stopped before the end: the caller begins again where the consumer is. */
  async work(entries: readonly Entry[], watch: Watch, stop: AbortSignal): Promise<boolean> {
    let writes: Write[] = [];
    let last: Entry | undefined;
    for (const entry of entries) {
      // A stop begins no other reaction, and what was taken over is somebody else's to react to.
      if (stop.aborted || !this.#tenure.held) break;
      const decided = await this.#decide(watch, entry);
      if ('error' in decided) {
        if (last === undefined) await this.#failed(entry, decided.error, stop);
        // The time of those before it is over, too; they did nothing wrong, and come again with a transaction each.
        else if (watch.signal.aborted) this.#aloneUpTo = entry.seq;
        else if (await this.#commit(watch, writes, last, stop))
          await this.#failed(entry, decided.error, stop);
        return false;
      }
      if (decided.reaction !== undefined) writes.push({ entry, reaction: decided.reaction });
      if (writes.length === 0) this.#passed(entry);
      else last = entry;
      if (last === undefined || writes.length < this.#batchAt(entry)) continue;
      if (!(await this.#commit(watch, writes, last, stop))) return false;
      writes = [];
      last = undefined;
    }
    if (last !== undefined && !(await this.#commit(watch, writes, last, stop))) return false;
    return !stop.aborted && this.#tenure.held;
  }

  /** Has the cursor moved, now and then, by whoever moves those of all consumers. */
  sayPassed(at: number): void {
    if (at - this.#tenure.cursor >= passedEvents) this.#ports.onPassed();
  }

  async #decide(watch: Watch, entry: Entry): Promise<Decided> {
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
    this.#tenure.succeeded(seq);
    this.sayPassed(seq);
  }

  /** The writes and the cursor behind the last event, in one transaction. False when nothing landed. */
  async #commit(watch: Watch, writes: readonly Write[], last: Entry, stop: AbortSignal): Promise<boolean> {
    const [first, second] = writes;
    try {
      const landed = await this.#tenure.write((tx) => this.#landing(tx, watch, writes, last));
      return this.#tenure.moved(landed, last.seq);
    } catch (error) {
      if (first === undefined || isStoreAway(error)) throw error;
      if (second === undefined) await this.#failed(first.entry, error, stop);
      else this.#aloneUpTo = last.seq;
      return false;
    }
  }

  async #landing(tx: Transaction, watch: Watch, writes: readonly Write[], last: Entry): Promise<boolean> {
    if (!(await this.#move(tx, last.seq))) return false;
    const loan = lent(tx);
    try {
      for (const { reaction } of writes) await watch.over(() => reaction(loan.tx));
    } finally {
      loan.end();
    }
    return true;
  }

  #move(tx: Transaction, to: number): Promise<boolean> {
    const { consumer } = this.#subscription;
    return this.#ports.cursors.move(tx, { consumer, from: this.#tenure.cursor, to });
  }

  /** Counts a failure against the event, or parks it. A store that is away, or a stop in between, is no failure of it. */
  async #failed(entry: Entry, error: unknown, stop: AbortSignal): Promise<void> {
    if (isStoreAway(error)) throw error;
    if (stop.aborted) return;
    const { onError, cursors } = this.#ports;
    const { consumer } = this.#subscription;
    onError(consumer, error);
    const attempts = this.#tenure.attempts + 1;
    const why = storableText(messageOf(error));
    if (attempts >= maxTries) return this.#park(entry, why);
    // Behind the event before it, so that the count can only mean this one.
    const to = entry.seq - 1;
    const retryMs = retryAfterMs(attempts);
    const counted = await this.#tenure.alone(() => {
      const from = this.#tenure.cursor;
      return cursors.fail({ consumer, from, to, attempts, error: why, retryMs });
    });
    if (this.#tenure.moved(counted, to)) this.#tenure.failed(attempts, retryMs);
  }

  async #park({ seq }: Entry, error: string): Promise<void> {
    const { workspaceId, stage } = this.#ports;
    const { consumer } = this.#subscription;
    const landed = await this.#tenure.write(async (tx) => {
      if (!(await this.#move(tx, seq))) return false;
      await tx.query(
        `insert into kora.parked_event (workspace_id, consumer, seq, error, attempts) values ($1, $2, $3, $4, $5)
         on conflict do nothing`,
        [workspaceId, consumer, seq, error, maxTries],
      );
      await stage(tx, [draft(eventParked, { consumer, seq, error, attempts: maxTries })]);
      return true;
    });
    this.#tenure.moved(landed, seq);
  }
}
