import type { Clock } from '../../clock/index.ts';
import { fault, KoraError } from '../../fault/index.ts';
import { codeOf, isStoreAway } from '../../store/index.ts';
import type { AppendedRow } from '../seal/appender.ts';
import { SpoolFile } from './file.ts';
import type { SpoolLine } from './file.ts';
import { returnLines } from './return.ts';
import type { ReturnOptions } from './return.ts';

export interface SpoolOptions extends ReturnOptions {
  readonly clock: Clock;
  /** `<home>/spool/<workspace>.ndjson`. */
  readonly path: string;
  /** Bytes the file may have; default 8 MiB, which is some twenty thousand events. */
  readonly maxBytes?: number;
  /** The newest sequence that this runtime has seen. */
  readonly head: () => number;
  /** Events of the file are staged. */
  readonly onReturned: () => void;
  readonly onError: (error: unknown) => void;
}

/** Where an event is when its caller is told: in the store, or in the home until the store is back. */
export type Appended = 'stored' | 'spooled';

const defaultMaxBytes = 8 * 1_024 * 1_024;
const lookMs = 1_000;

/**
 * Keeps loud events while the store is away. *Empty*: events go straight to the store. *Waiting*: there are events in
 * the file; whoever appends another has them returned first, so that of one caller's events the earlier comes first, and
 * once a second they are tried anyway. One thing at a time touches the file.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #file: SpoolFile;
  #turn: Promise<unknown> = Promise.resolve();
  #returning: Promise<void> | undefined;
  #lost = 0;
  #wake: (() => void) | undefined;

  private constructor(options: SpoolOptions, file: SpoolFile) {
    this.#options = options;
    this.#file = file;
  }

  /** Finds what an earlier process of this home left. Throws KORA_HOME_UNREADABLE on a file that is not ours. */
  static async open(options: SpoolOptions): Promise<Spool> {
    return new Spool(options, await SpoolFile.open(options.path, options.maxBytes ?? defaultMaxBytes));
  }

  /** Events in the file. */
  get waiting(): number {
    return this.#file.lines.length;
  }

  /** Loud events that did not fit; told on the chain when the store is back, and forgotten when the process ends before. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * Writes events by `write`, after those that wait. With the store away, loud ones go into the file and others throw
   * what the store said. Throws KORA_SPOOL_FULL, naming how many were lost, when the file takes no more.
   */
  async append(
    rows: readonly AppendedRow[],
    loud: boolean,
    write: () => Promise<unknown>,
  ): Promise<Appended> {
    let tried = false;
    // Before the try: whatever becomes of it, the events come after this.
    const since = this.#options.head();
    try {
      if (this.waiting > 0) await this.return();
      tried = true;
      await write();
      return 'stored';
    } catch (error) {
      // One that was not tried yet waits behind what could not come back, whatever kept that.
      if (!loud || (tried && !isStoreAway(error))) throw error;
      await this.#keep(rows, { since, tried: tried && isUnknown(error) });
      return 'spooled';
    }
  }

  /** Brings what waits into the store; callers at once share one try. Throws what the store says. */
  return(): Promise<void> {
    this.#returning ??= this.#inTurn(() => this.#bring()).finally(() => {
      this.#returning = undefined;
    });
    return this.#returning;
  }

  /** Tries once a second while something waits, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      if (this.waiting === 0) await stopped(AbortSignal.any([signal, woken.signal]));
      if (!(await this.#options.clock.sleep(lookMs, signal))) break;
      await this.return().catch((error: unknown) => {
        if (!isStoreAway(error)) this.#options.onError(error);
      });
    }
    await this.#inTurn(() => this.#file.close());
  }

  async #bring(): Promise<void> {
    const lines = [...this.#file.lines];
    if (lines.length === 0) return;
    try {
      await returnLines(this.#options, lines, this.#lost);
    } catch (error) {
      if (!refusesData(error)) throw error;
      // Nothing else may wait for ever behind what the database will never take.
      const aside = await this.#file.setAside(this.#options.clock.now());
      this.#options.onError(
        fault('KORA_EVENT_INVALID', `${lines.length} events that waited were refused; they are in ${aside}`, {
          details: { file: aside },
          cause: error,
        }),
      );
      return;
    }
    this.#lost = 0;
    await this.#file.clear();
    this.#options.onReturned();
  }

  #keep(rows: readonly AppendedRow[], found: Pick<SpoolLine, 'since' | 'tried'>): Promise<void> {
    const { clock, owner } = this.#options;
    const shared = { session: owner.sessionId, at: new Date(clock.now()).toISOString(), ...found };
    return this.#inTurn(async () => {
      try {
        await this.#file.add(rows.map((row) => ({ ...row, ...shared })));
      } catch (error) {
        this.#lost += rows.length;
        if (!(error instanceof KoraError)) throw error;
        throw fault('KORA_SPOOL_FULL', `${error.message}; ${this.#lost} events are lost so far`, {
          ...(error.fix === undefined ? {} : { fix: error.fix }),
          details: { ...error.details, lost: this.#lost },
          cause: error,
        });
      } finally {
        this.#wake?.();
      }
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function isUnknown(error: unknown): boolean {
  return error instanceof KoraError && error.details['outcome'] !== 'not_committed';
}

/** SQLSTATE classes 22 and 23: what is written, not the store. */
function refusesData(error: unknown): boolean {
  return /^2[23]/.test(codeOf(error));
}

function stopped(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
