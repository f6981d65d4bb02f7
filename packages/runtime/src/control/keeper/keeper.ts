import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fault, messageOf } from '../../fault/index.ts';
import { homeFiles } from '../../home/index.ts';
import { readSeen, readSentinel } from '../sentinel.ts';
import type { Sentinel } from '../sentinel.ts';
import { keeperTimes } from './contract.ts';
import type { EmergencyRecord, EmergencyWhat, Keeper, KeeperOptions, Watched } from './contract.ts';
import { appendEmergency } from './emergency-line.ts';
import { readUnrecorded } from './emergency-log.ts';
import { slot } from './messages.ts';
import type { KeeperCharge, KeeperNews, KeeperOrder } from './messages.ts';

/** An error's text may be as long as a query. */
const longestDetail = 2_000;

/**
 * Starts the keeper: a thread of its own that reads the home's sentinel, watches the main thread, and ends the process
 * when a kill has been issued and nothing else does. Resolves once the thread looks; throws KORA_INTERNAL when it does not
 * start.
 */
export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const keeper = new ThreadKeeper(options);
  await keeper.looking;
  return keeper;
}

class ThreadKeeper implements Keeper {
  readonly #options: KeeperOptions;
  readonly #charge: KeeperCharge;
  readonly #memory: Int32Array;
  readonly #listeners = new Set<(sentinel: Sentinel | undefined) => void>();
  /** What a thread that takes over has to know of its forerunner. */
  readonly #standing = new Map<Watched | 'exit', KeeperOrder>();
  readonly #looking = Promise.withResolvers<void>();
  #hasLooked = false;
  readonly #beat: NodeJS.Timeout;
  #worker: Worker;
  #sentinel: Sentinel | undefined;
  #told: EmergencyRecord[];
  #looks = 0;
  #lookedAt = performance.now();
  #closed = false;

  constructor(options: KeeperOptions) {
    const times = { ...keeperTimes, ...options.times };
    const { home } = options;
    this.#options = options;
    this.#charge = {
      home,
      tokenFile: join(home, homeFiles.token),
      startedAt: options.startedAt ?? performance.timeOrigin,
      times,
      seenBefore: readSeen(home)?.digest,
      shared: new SharedArrayBuffer(slot.count * Int32Array.BYTES_PER_ELEMENT),
    };
    this.#memory = new Int32Array(this.#charge.shared);
    // Known from the first moment, before the thread has looked.
    this.#sentinel = readSentinel(home);
    Atomics.store(this.#memory, slot.level, this.#sentinel?.level ?? 0);
    this.#told = readUnrecorded(home);
    this.#beat = setInterval(() => this.#move(), times.lookMs).unref();
    this.#worker = this.#start();
  }

  get looking(): Promise<void> {
    return this.#looking.promise;
  }

  level(): number {
    return Atomics.load(this.#memory, slot.level);
  }

  kills(): boolean {
    return Atomics.load(this.#memory, slot.kills) === 1;
  }

  sentinel(): Sentinel | undefined {
    return this.#sentinel;
  }

  silentForMs(): number {
    this.#watchThread();
    return performance.now() - this.#lookedAt;
  }

  onSentinel(listener: (sentinel: Sentinel | undefined) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  watch({ sequence, level }: { readonly sequence: number; readonly level: number }): void {
    this.#order(sequence, { kind: 'watch', key: sequence, level });
  }

  effective(key: Watched): void {
    this.#standing.delete(key);
    this.#say({ kind: 'effective', key });
  }

  superseded(): void {
    for (const key of this.#standing.keys()) if (key !== 'exit') this.#standing.delete(key);
    this.#say({ kind: 'superseded' });
  }

  exitBy(ms: number, level: number): void {
    this.#order('exit', { kind: 'exit', ms, level });
  }

  tell({ what, detail }: { readonly what: EmergencyWhat; readonly detail: string }): void {
    this.#say({ kind: 'tell', what, detail: detail.slice(0, longestDetail) });
  }

  told(): readonly EmergencyRecord[] {
    return [...this.#told];
  }

  recorded(ids: readonly string[]): void {
    this.#told = this.#told.filter(({ id }) => !ids.includes(id));
    try {
      appendEmergency(this.#options.home, { recorded: ids });
    } catch (error) {
      this.#options.onError(error); // told again after a restart; the record's id makes that harmless
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await this.#worker.terminate();
  }

  #close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const worker = new Worker(new URL(`./keeper-thread.${extension}`, import.meta.url), {
      workerData: this.#charge,
      // It needs none of them, and secrets are dropped from one place only.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    worker.on('message', (news: KeeperNews) => this.#hear(news));
    worker.on('error', (error: unknown) => this.#options.onError(error));
    worker.on('exit', () => this.#lost());
    return worker;
  }

  /** A keeper that died is replaced: without one a hung process could not be stopped. */
  #lost(): void {
    if (this.#closed) return;
    if (!this.#hasLooked) {
      // Nothing may run that could not be stopped.
      this.#close();
      this.#looking.reject(fault('KORA_INTERNAL', 'the keeper thread does not start'));
      return;
    }
    this.#options.onError(fault('KORA_INTERNAL', 'the keeper thread ended; another one takes over'));
    setTimeout(() => {
      if (this.#closed) return;
      this.#worker = this.#start();
      this.#worker.unref();
      for (const order of this.#standing.values()) this.#say(order);
    }, this.#charge.times.lookMs).unref();
  }

  #hear(news: KeeperNews): void {
    if (news.kind === 'looking') {
      this.#worker.unref();
      this.#hasLooked = true;
      this.#looking.resolve();
    } else if (news.kind === 'told') this.#told.push(news.record);
    else if (news.kind === 'fault') this.#options.onError(fault('KORA_INTERNAL', `keeper: ${news.message}`));
    else {
      this.#sentinel = news.sentinel;
      for (const listener of this.#listeners) this.#call(listener);
    }
  }

  #call(listener: (sentinel: Sentinel | undefined) => void): void {
    try {
      listener(this.#sentinel);
    } catch (error) {
      this.#options.onError(fault('KORA_INTERNAL', `sentinel: ${messageOf(error)}`, { cause: error }));
    }
  }

  /** What the main thread sees, so that the keeper knows that it moves and how far it has come. */
  #move(): void {
    this.#watchThread();
    Atomics.store(this.#memory, slot.heard, this.level());
    Atomics.add(this.#memory, slot.beats, 1);
  }

  #watchThread(): void {
    const looks = Atomics.load(this.#memory, slot.looks);
    if (looks === this.#looks) return;
    this.#looks = looks;
    this.#lookedAt = performance.now();
  }

  #order(key: Watched | 'exit', order: KeeperOrder): void {
    this.#standing.set(key, order);
    this.#say(order);
  }

  #say(order: KeeperOrder): void {
    this.#worker.postMessage(order);
  }
}
