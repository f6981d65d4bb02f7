import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import { Scope } from '../../scope/index.ts';
import type { Database, Transaction } from '../../store/index.ts';
import type { ChainEvent, EventDraft } from '../contract.ts';
import type { ChainOwner } from '../seal/stage.ts';
import { Bell } from './bell.ts';
import type { ConsumerState, ParkedEvent, Subscription } from './contract.ts';
import { checkSubscription, forgetConsumer, listConsumers, startCursor } from './consumers.ts';
import { Cursors } from './cursors.ts';
import { FanOut } from './fan-out.ts';
import { Leases } from './leases.ts';
import { readPage } from './page.ts';
import { listParked, requestReplay, skipParked } from './parked.ts';
import type { ParkedChoice } from './parked.ts';
import { Places } from './places.ts';
import type { RunnerPorts } from './ports.ts';
import { Runner } from './runner.ts';

export interface SubscriptionOptions {
  readonly database: Database;
  readonly owner: Pick<ChainOwner, 'workspaceId' | 'runtimeId' | 'sessionId'>;
  readonly clock: Clock;
  /** Stages an event inside a transaction. */
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Brings an event to the form that this runtime's vocabulary knows. */
  readonly current: (event: ChainEvent) => ChainEvent;
  readonly onError: (consumer: string, error: unknown) => void;
  /** How many reactions may write at once. */
  readonly writers: number;
}

const pageEvents = 500;
/** A wake-up that was lost costs this much. */
const lookMs = 1_000;
const passMs = 500;

/**
 * The durable readers of one workspace's chain, as one runtime runs them. One loop reads what is new and hands it to all
 * consumers near the head; one keeps the leases, by which a consumer runs on one runtime at a time; one moves the cursors
 * past what left nothing to write. Each is a statement for all consumers together, so that another one costs little.
 */
export class Subscriptions {
  readonly #options: SubscriptionOptions;
  readonly #cursors: Cursors;
  readonly #leases: Leases;
  readonly #fanOut = new FanOut();
  readonly #writers: Places;
  readonly #runners = new Map<string, Runner>();
  readonly #sealed: Bell;
  readonly #beat: Bell;
  readonly #passed: Bell;
  #passing: Promise<void> = Promise.resolve();

  constructor(options: SubscriptionOptions) {
    const { clock, database, owner } = options;
    this.#options = options;
    this.#cursors = new Cursors(database, owner);
    this.#leases = new Leases({
      clock,
      cursors: this.#cursors,
      begin: (subscription) => startCursor(database, owner.workspaceId, subscription),
    });
    this.#writers = new Places(options.writers);
    this.#sealed = new Bell(clock);
    this.#beat = new Bell(clock);
    this.#passed = new Bell(clock);
  }

  /** Starts the loops that every consumer shares. */
  async open(scope: Scope): Promise<void> {
    const { database, onError } = this.#options;
    const listening = await database.listen(this.#channel, () => this.#beat.ring());
    const failed = (error: unknown): void => onError('reader', error);
    scope.run(
      'subscription reader',
      (signal) => this.#loop(() => this.#read(), this.#sealed, signal),
      failed,
    );
    scope.run(
      'subscription leases',
      (signal) => this.#loop(() => this.#leases.hold(), this.#beat, signal),
      failed,
    );
    scope.run(
      'subscription cursors',
      (signal) => this.#loop(() => this.#pass(), this.#passed, signal),
      failed,
    );
    scope.add('consumer notifications', () => listening[Symbol.dispose]());
  }

  /** Something was sealed. */
  wake(): void {
    if (this.#runners.size > 0) this.#sealed.ring();
  }

  /**
   * Starts a consumer in its own scope; it reacts once this runtime holds it. Throws KORA_CONSUMER_TAKEN when the name runs
   * here already, KORA_SUBSCRIPTION_INVALID.
   */
  async start(subscription: Subscription): Promise<Scope> {
    const { consumer } = subscription;
    const { database, owner, onError } = this.#options;
    checkSubscription(subscription);
    if (this.#runners.has(consumer))
      throw fault('KORA_CONSUMER_TAKEN', `subscription ${consumer} exists already`);
    const runner = new Runner(subscription, this.#ports());
    this.#runners.set(consumer, runner);
    try {
      await startCursor(database, owner.workspaceId, subscription);
    } catch (error) {
      this.#runners.delete(consumer);
      throw error;
    }
    this.#fanOut.join(runner.seat);
    this.#leases.want(runner);
    this.#beat.ring();
    this.#sealed.ring();
    const scope = new Scope(`subscription ${consumer}`);
    scope.add('lease', () => this.#release(runner));
    scope.run(
      'react',
      (signal) => runner.run(signal),
      (error) => onError(consumer, error),
    );
    return scope;
  }

  /** Every consumer the workspace has known, running or not; exact for those that run here. */
  async list(): Promise<ConsumerState[]> {
    const { database, owner } = this.#options;
    await this.#pass();
    return listConsumers(database, owner);
  }

  /** The events that wait for people, with their errors: of one consumer, or of all. */
  parked(consumer?: string): Promise<ParkedEvent[]> {
    return listParked(this.#store(), { consumer });
  }

  /**
   * Asks for a parked event, or all of a consumer, to be tried again by the runtime that runs it, now or when one does;
   * answers how many. What came of it is an event, and no longer being parked. Throws KORA_PARKED_UNKNOWN.
   */
  async replay(choice: ParkedChoice): Promise<number> {
    const requested = await requestReplay(this.#store(), choice);
    this.#beat.ring();
    this.#options.database.notify(this.#channel);
    return requested;
  }

  /** Gives a parked event up, saying why. Throws KORA_PARKED_UNKNOWN. */
  skip(choice: Parameters<typeof skipParked>[1]): Promise<void> {
    return skipParked(this.#store(), choice);
  }

  /**
   * Removes a consumer that runs nowhere, with what it parked: should it come back, it begins as if it were new. Throws
   * KORA_CONSUMER_UNKNOWN, KORA_CONSUMER_RUNNING.
   */
  forget(consumer: string, options: { readonly actorId?: string } = {}): Promise<void> {
    return forgetConsumer(this.#store(), consumer, options);
  }

  get #channel(): string {
    return `kora_consumers_${this.#options.owner.workspaceId}`;
  }

  #store(): Pick<SubscriptionOptions, 'database' | 'stage' | 'current'> & { readonly workspaceId: number } {
    const { database, owner, stage, current } = this.#options;
    return { database, stage, current, workspaceId: owner.workspaceId };
  }

  #ports(): RunnerPorts {
    return {
      ...this.#store(),
      clock: this.#options.clock,
      onError: this.#options.onError,
      cursors: this.#cursors,
      fanOut: this.#fanOut,
      writers: this.#writers,
      onPassed: () => this.#passed.ring(),
      onLost: () => this.#beat.ring(),
    };
  }

  /** Runs `turn` at each ring of its bell, and now and then without; `turn` answers how long it may wait for the next. */
  async #loop(turn: () => Promise<number>, bell: Bell, signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    while (!signal.aborted) {
      const waitMs = await turn().catch((error: unknown) => {
        onError('reader', error);
        return lookMs;
      });
      // Runtimes that were started together do not all ask in the same instant.
      if (waitMs > 0) await bell.wait(waitMs * (0.75 + clock.random() / 2), signal);
    }
  }

  /** One read for everybody. */
  async #read(): Promise<number> {
    if (this.#fanOut.size === 0) return lookMs;
    const { high } = this.#fanOut;
    if (high === undefined) {
      const { head } = await readPage(this.#store(), { after: Number.MAX_SAFE_INTEGER, types: [], limit: 1 });
      this.#fanOut.begin(head);
      return 0;
    }
    const types = this.#fanOut.wanted();
    const page = await readPage(this.#store(), { after: high, types, limit: pageEvents });
    this.#fanOut.arrived(page);
    return page.upTo < page.head ? 0 : lookMs;
  }

  /** Moves the cursors of all consumers that passed something; one statement at a time. */
  async #pass(): Promise<number> {
    this.#passing = this.#passing.then(() => this.#passNow());
    await this.#passing;
    return passMs;
  }

  async #passNow(): Promise<void> {
    const moves = [...this.#runners.values()].flatMap((runner) => {
      const move = runner.unsaid();
      return move === undefined ? [] : [{ runner, move }];
    });
    if (moves.length === 0) return;
    const moved = this.#cursors.pass(moves.map(({ move }) => move));
    const told = moves.map(({ runner, move }) =>
      runner.said(
        move,
        moved.then((consumers) => consumers.has(move.consumer)),
      ),
    );
    await Promise.all(told);
    await moved.catch((error: unknown) => this.#options.onError('cursors', error));
  }

  /** Says how far it is, and that another runtime may go on from there at once. */
  async #release(runner: Runner): Promise<void> {
    const { database, onError } = this.#options;
    const { consumer } = runner;
    try {
      await this.#leases.giveBack(consumer, async () => void (await this.#pass()));
      database.notify(this.#channel);
    } catch (error) {
      // The lease ends by itself.
      onError(consumer, error);
    } finally {
      this.#fanOut.leave(runner.seat);
      this.#runners.delete(consumer);
    }
  }
}
