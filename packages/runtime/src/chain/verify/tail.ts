import { backoffMs } from '../../clock/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, Queryable } from '../../store/index.ts';
import type { ChainPoint, CheckpointClaim, Verification } from './contract.ts';
import { pauseAfter, tailPace } from './pace.ts';
import type { TailPace } from './pace.ts';
import { verifyChain, verifyOn } from './verify.ts';

export interface TailVerifierOptions {
  readonly database: Database;
  readonly workspaceId: number;
  /** Whose cursor it is: the runtime's id. */
  readonly verifier: string;
  readonly clock: Clock;
  /** What was signed behind so many events; each pass is held against it. */
  readonly checkpoints?: (after: number) => AsyncIterable<CheckpointClaim>;
  /** Told of every pass that finds damage. False when people said of this very finding that it is as it should be. */
  readonly onDamage: (found: Verification) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
  readonly pace?: TailPace;
}

/** How the background verification stands, for status and findings. */
export interface TailStatus {
  readonly verifiedThrough: number;
  readonly damage: Verification | null;
}

const idleMs = 30_000;
const damagedMs = 60_000;
const backoff = { firstMs: 1_000, longestMs: 60_000 };
/** More than this since the last look is hashed in a thread. */
const tailEvents = 20_000;

/**
 * Proves what is sealed soon after it is sealed, from a cursor in the store, and that what it proved before still stands.
 * It keeps one connection. It is in one of four modes: *looking*; *waiting*, for a seal or half a minute; *catching up*:
 * it is so far behind that it looks at everything at once, by several streams, and without a pause; *alarmed*: it tells
 * what it found, and looks again once a minute.
 */
export class TailVerifier {
  readonly #options: TailVerifierOptions;
  #wake: () => void = () => undefined;
  /** Something was sealed since the last look began. */
  #isNews = false;
  #verifiedThrough = 0;
  #damage: Verification | null = null;
  #behind = 0;
  #lookedAt: number | null = null;

  constructor(options: TailVerifierOptions) {
    this.#options = options;
  }

  /** Something was sealed. */
  sealed(): void {
    this.#isNews = true;
    this.#wake();
  }

  status(): TailStatus {
    return { verifiedThrough: this.#verifiedThrough, damage: this.#damage };
  }

  /** When the last look ended, in milliseconds since 1970; null before the first. */
  get lookedAt(): number | null {
    return this.#lookedAt;
  }

  /** Verifies until it is called off. A store that is away is waited for. */
  async run(signal: AbortSignal): Promise<void> {
    const { database, clock, onError } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await database.session(async (session) => {
          while (!signal.aborted) {
            const begun = clock.monotonic();
            this.#isNews = false;
            await this.look(session, signal);
            failures = 0;
            await this.#wait(clock.monotonic() - begun, signal);
          }
        });
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        await clock.sleep(backoffMs(clock, failures, backoff), signal);
        failures += 1;
      }
    }
  }

  /** One pass from the cursor towards the head; moves the cursor as far as the chain proves. */
  async look(session: Parameters<typeof verifyOn>[0], signal?: AbortSignal): Promise<Verification> {
    const { database, workspaceId, onDamage, pace = tailPace } = this.#options;
    const cursor = await this.#cursor(session);
    const checkpoints = this.#options.checkpoints?.(cursor?.seq ?? 0);
    const [head] = await session.query<{ seq: number }>(
      'select seq from kora.chain_head where workspace_id = $1',
      [workspaceId],
    );
    const behind = (head?.seq ?? 0) - (cursor?.seq ?? 0);
    const paced = { most: pace.lookEvents, streams: 1 };
    const options = {
      ...(cursor && { after: cursor }),
      ...(signal && { signal }),
      ...(checkpoints && { checkpoints }),
      ...(behind <= pace.catchUpEvents && paced),
    };
    const long = behind > tailEvents;
    const found = await (long
      ? verifyChain(database, workspaceId, options)
      : verifyOn(session, workspaceId, options));
    if (found.resumeFrom.seq > (cursor?.seq ?? 0)) await this.#move(session, found.resumeFrom);
    this.#verifiedThrough = found.resumeFrom.seq;
    this.#behind = found.head.seq - found.resumeFrom.seq;
    this.#damage = found.ok ? null : found;
    this.#lookedAt = this.#options.clock.now();
    // Given up by people: what was proven before the chain was set back counts no more.
    if (!found.ok && !(await onDamage(found)) && cursor !== undefined) await this.#forget(session);
    return found;
  }

  async #wait(tookMs: number, signal: AbortSignal): Promise<void> {
    const { clock, pace } = this.#options;
    if (this.#damage !== null) {
      await clock.sleep(damagedMs, signal);
      return;
    }
    const woken = new AbortController();
    // Registered before the pause: a seal in it is not missed. With a reason, since the one made otherwise is an error.
    this.#wake = () => woken.abort(true);
    const pauseMs = pauseAfter(tookMs, this.#behind, pace);
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    // The end of this look was not the head, or the head went on while it looked: there is more.
    if (this.#behind > 0 || this.#isNews) return;
    await clock.sleep(idleMs, AbortSignal.any([signal, woken.signal]));
  }

  async #cursor(db: Queryable): Promise<ChainPoint | undefined> {
    const [row] = await db.query<ChainPoint>(
      `select seq, encode(hash, 'hex') as hash from kora.verify_cursor where workspace_id = $1 and verifier = $2`,
      [this.#options.workspaceId, this.#options.verifier],
    );
    return row;
  }

  async #move(db: Queryable, { seq, hash }: ChainPoint): Promise<void> {
    await db.query(
      `insert into kora.verify_cursor (workspace_id, verifier, seq, hash) values ($1, $2, $3, decode($4, 'hex'))
       on conflict (workspace_id, verifier)
       do update set seq = excluded.seq, hash = excluded.hash, at = clock_timestamp()`,
      [this.#options.workspaceId, this.#options.verifier, seq, hash],
    );
  }

  async #forget(db: Queryable): Promise<void> {
    await db.query('delete from kora.verify_cursor where workspace_id = $1 and verifier = $2', [
      this.#options.workspaceId,
      this.#options.verifier,
    ]);
  }
}
