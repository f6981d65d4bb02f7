import { Worker } from 'node:worker_threads';
import { backoffMs } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { StoreWay } from '../../store/index.ts';
import { readSentAt, sharedNow, slot, writeSentAt } from './keeper-messages.ts';
import type { KeeperCharge, KeeperNews } from './keeper-messages.ts';
import type { KeptSession, Keeping } from './live-session.ts';
import { leasesOf } from './session.ts';
import type { SessionStatement } from './session.ts';
import type { SessionTimes } from './times.ts';

export interface KeeperOptions {
  readonly session: KeptSession;
  readonly way: StoreWay;
  readonly beat: SessionStatement;
  readonly end: SessionStatement;
  /** Just before the session was begun, by `sharedNow`. */
  readonly begunAt: number;
  readonly times: SessionTimes;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

/** A connection whose peer is silent keeps its thread from ending by itself. */
const closeMs = 1_000;

/** Starts the thread that keeps a session; nobody waits for it: the first beat is not due for a while. */
export function startKeeper(options: KeeperOptions): Keeping {
  return new Keeper(options);
}

class Keeper implements Keeping {
  readonly #options: KeeperOptions;
  readonly #memory: BigInt64Array<SharedArrayBuffer>;
  readonly #charge: KeeperCharge;
  readonly #moving: NodeJS.Timeout;
  /** What the session's clock shows when the shared one shows nothing. */
  readonly #zero: number;
  #worker: Worker;
  #ended: Promise<void>;
  #replacing: NodeJS.Timeout | undefined;
  #deaths = 0;
  #untold: Extract<KeeperNews, { kind: 'beat' }> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    const { way, beat, end, times, clock, begunAt } = options;
    this.#options = options;
    this.#memory = new BigInt64Array(new SharedArrayBuffer(slot.count * BigInt64Array.BYTES_PER_ELEMENT));
    writeSentAt(this.#memory, begunAt);
    this.#zero = clock.monotonic() - sharedNow();
    this.#charge = { way, beat, end, times, shared: this.#memory.buffer };
    this.#moving = setInterval(() => this.#move(), times.moveMs).unref();
    [this.#worker, this.#ended] = this.#start();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#moving);
    clearTimeout(this.#replacing);
    // A process that is about to end waits for this.
    this.#worker.ref();
    this.#worker.postMessage('close');
    const late = setTimeout(() => void this.#worker.terminate(), closeMs);
    await this.#ended;
    clearTimeout(late);
  }

  #start(): [Worker, Promise<void>] {
    const file = import.meta.url.endsWith('.ts') ? 'keeper-thread.ts' : 'session-keeper-thread.js';
    const worker = new Worker(new URL(`./${file}`, import.meta.url), {
      name: 'kora-session',
      workerData: this.#charge,
      env: driversOwn(process.env),
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 8 },
    });
    worker.unref();
    worker.on('message', (news: KeeperNews) => this.#hear(news));
    worker.on('error', (error: unknown) => this.#options.onError('session keeper', error));
    const ended = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        resolve();
        this.#replace();
      });
    });
    return [worker, ended];
  }

  /** What the main thread does to show that it moves; and a look whether the store may take the session for dead soon. */
  #move(): void {
    Atomics.add(this.#memory, slot.moves, 1n);
    const { ttlMs, marginMs } = this.#options.times;
    if (sharedNow() - readSentAt(this.#memory) >= ttlMs - marginMs)
      this.#options.session.lose('no beat was answered within its lease');
  }

  #hear(news: KeeperNews): void {
    // What it says on its way out is no news.
    if (this.#closed !== undefined) return;
    const { session, onError } = this.#options;
    if (news.kind === 'beat') {
      this.#deaths = 0;
      if (this.#untold === undefined) setImmediate(() => this.#tell());
      this.#untold = news;
    } else if (news.kind === 'lost') session.lose(news.why);
    else onError('session beat', fault('KORA_STORE_UNREACHABLE', `no beat of the session: ${news.message}`));
  }

  /** Of the beats that a busy main thread finds waiting only the last counts: two of them are meant to lie apart. */
  #tell(): void {
    const beat = this.#untold;
    this.#untold = undefined;
    if (beat !== undefined) this.#options.session.told(leasesOf(beat.row), this.#zero + beat.sentAt);
  }

  /** A thread that died is replaced while the lease lasts; when none comes to beat, its end is the session's. */
  #replace(): void {
    if (this.#closed !== undefined) return;
    const { clock, times, onError } = this.#options;
    onError(
      'session keeper',
      fault('KORA_INTERNAL', 'the thread that keeps the session ended; another takes over'),
    );
    const pause = backoffMs(clock, this.#deaths, { firstMs: times.retryMs, longestMs: times.beatMs });
    this.#deaths += 1;
    this.#replacing = setTimeout(() => {
      [this.#worker, this.#ended] = this.#start();
    }, pause).unref();
  }
}

/** Of the environment what the driver reads where the configuration is silent, and nothing else. */
function driversOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => /^(?:PG[A-Z]+|HOME|USER|USERNAME|APPDATA)$/.test(name)),
  );
}
