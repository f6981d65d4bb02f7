import type { Clock } from '../../clock/index.ts';
import type { Database } from '../../store/index.ts';
import { StageFloor } from './floor.ts';

export interface SealerOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly clock: Clock;
  /** Called after each commit that sealed something, with the new head. */
  readonly onSealed: (seq: number) => void;
  /** Called when the stage is clear, whoever cleared it. */
  readonly onCleared: () => void;
  /** Called once when nothing has cleared the stage for five seconds, with what stood in the way, if that is known. */
  readonly onStale: (cause: unknown) => void;
  readonly onError: (error: unknown) => void;
}

/** What came of one look at the stage. */
type Look = 'cleared' | 'more' | 'taken';

const batchRows = 2_000;
/** Looks without a kick, for what other runtimes staged and did not live to seal. */
const idleLookMs = 500;
/** Another sealer is at work; what is known to be staged here may have come too late for it. */
const takenLookMs = 3;
const errorWaitMs = 1_000;
const staleMs = 5_000;
const behindMs = 1_000;
const gettingOnMs = 2_000;
const doubtEveryMs = 500;

/**
 * Moves staged events onto the chain. It has two modes. *Waiting*: nothing is staged that it knows of; a kick or half a
 * second ends the wait. *Sealing*: one statement for each 2,000 rows, until the stage is clear. The statement holds the
 * workspace's head for as long as it runs. Any runtime may seal: the lock is the role, and who does not get it looks
 * again later instead of waiting in a queue.
 */
export class Sealer {
  readonly #options: SealerOptions;
  readonly #floor: StageFloor;
  #kicked = false;
  #wake: (() => void) | undefined;
  /** Monotonic milliseconds: whatever was staged before was on the chain by then. */
  #clearedAt: number;
  /** When something was last seen to be sealed, by this one or by somebody else. */
  #gotOnAt = Number.NEGATIVE_INFINITY;
  #doubtedAt = Number.NEGATIVE_INFINITY;
  #cause: unknown;
  #told = false;

  constructor(options: SealerOptions) {
    this.#options = options;
    this.#floor = new StageFloor(options.database, options.clock);
    this.#clearedAt = options.clock.monotonic();
  }

  /** Says that something was staged and committed. */
  kick(): void {
    this.#kicked = true;
    this.#wake?.();
  }

  /** Milliseconds since the stage was last clear, when that is longer than it should be; else undefined. */
  get staleForMs(): number | undefined {
    const since = this.#lagMs;
    return since > staleMs ? since : undefined;
  }

  /**
   * Whether events are made faster than they are sealed: whoever makes more of them should wait. False when sealing does
   * not get on at all, since then nothing is won by waiting.
   */
  get isBehind(): boolean {
    return this.#lagMs > behindMs && this.#options.clock.monotonic() - this.#gotOnAt < gettingOnMs;
  }

  get #lagMs(): number {
    return this.#options.clock.monotonic() - this.#clearedAt;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const kicked = this.#kicked;
      this.#kicked = false;
      const wait = await this.#drain(kicked);
      if (!this.#kicked || wait === errorWaitMs) await this.#sleep(wait, signal);
    }
    // What was staged during shutdown is sealed now rather than by the next start.
    await this.#drain(false);
  }

  async #drain(kicked: boolean): Promise<number> {
    try {
      let look = await this.seal();
      while (look === 'more') look = await this.seal();
      if (look === 'cleared') return idleLookMs;
      if (this.#lagMs > behindMs) await this.#doubt();
      if (!kicked) return idleLookMs;
      // A kick is for what somebody here staged: it is kept until the stage was seen clear.
      this.#kicked = true;
      await this.#options.clock.sleep(takenLookMs);
      return idleLookMs;
    } catch (error) {
      this.#cause = error;
      this.#options.onError(error);
      return errorWaitMs;
    } finally {
      this.#watch();
    }
  }

  /** Seals up to one batch. */
  async seal(): Promise<Look> {
    const { database, workspaceId, onSealed } = this.#options;
    const [sealed] = await database.query<{
      readonly taken: number | null;
      readonly head: number | null;
      readonly lowest: number | null;
      readonly waited: number | null;
    }>('select taken, head, lowest, waited_ms as waited from kora.seal_stage($1, $2, $3)', [
      workspaceId,
      batchRows,
      await this.#floor.at(),
    ]);
    if (sealed === undefined || sealed.taken === null) return 'taken';
    this.#floor.met(sealed.lowest);
    this.#waited(sealed.waited);
    if (sealed.head !== null && sealed.taken > 0) onSealed(sealed.head);
    if (sealed.taken >= batchRows) {
      this.#watch();
      return 'more';
    }
    this.#cleared();
    this.#options.onCleared();
    return 'cleared';
  }

  /** Somebody else is always at it when this one looks: is that somebody getting on? */
  async #doubt(): Promise<void> {
    const { database, workspaceId, clock } = this.#options;
    if (clock.monotonic() - this.#doubtedAt < doubtEveryMs) return;
    this.#doubtedAt = clock.monotonic();
    const [first] = await database.query<{ readonly waited: number }>(
      `select (extract(epoch from clock_timestamp() - staged_at) * 1000)::float8 as waited from kora.stage
       where workspace_id = $1 and number >= $2 order by number limit 1`,
      [workspaceId, this.#floor.number],
    );
    if (first === undefined) this.#cleared();
    else this.#waited(first.waited);
  }

  /** What is first on the stage stands there for so long: all that is older was sealed. */
  #waited(ms: number | null): void {
    if (ms === null) return;
    const now = this.#options.clock.monotonic();
    const clearedAt = now - Math.max(0, ms);
    if (clearedAt <= this.#clearedAt) return;
    this.#clearedAt = clearedAt;
    this.#gotOnAt = now;
  }

  #cleared(): void {
    this.#clearedAt = this.#options.clock.monotonic();
    this.#told = false;
    this.#cause = undefined;
  }

  #watch(): void {
    if (this.#told || this.staleForMs === undefined) return;
    this.#told = true;
    this.#options.onStale(this.#cause);
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    // A reason of our own: the one that is made otherwise is an error with its stack, at each seal.
    // After an error no kick shortens the wait: what cannot be sealed now is not sealed faster by trying more often.
    if (ms === idleLookMs) this.#wake = () => woken.abort(true);
    if (ms === idleLookMs && this.#kicked) woken.abort(true);
    await this.#options.clock.sleep(ms, AbortSignal.any([signal, woken.signal]));
    this.#wake = undefined;
  }
}
