import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock/index.ts';
import { scopes as allScopes } from './session/contract.ts';
import type { RefusalCause, SessionHouse } from './session/house.ts';
import { PairingCodes } from './session/pairing.ts';
import type { MintedCode, PairingWish } from './session/pairing.ts';
import { Refusals } from './session/refusals.ts';
import { keptOf, Sessions } from './session/sessions.ts';
import type { Session } from './session/sessions.ts';

/** Who may ask: the bearer of the home's token, or a page that was paired from this machine. */
export interface AccessOptions {
  /** Content of `home/api-token`. */
  readonly token: string;
  readonly clock: Clock;
  readonly onError: (where: string, error: unknown) => void;
}

type Keeper = SessionHouse['sessions'];

/** How long a page that was paired waits for the store to have its session, before it is let in without. */
const keepWithinMs = 2_000;
/** What happened before the store stood, and waits for it. */
const mostWaiting = 200;

/**
 * Pairing codes, sessions, and the token of the home. Sessions are asked in memory and written through to the store, so
 * that they outlive a restart; what the store cannot take costs them that, and nobody his page.
 */
export class Access {
  readonly sessions: Sessions;
  readonly refusals: Refusals;
  readonly #options: AccessOptions;
  readonly #codes: PairingCodes;
  #keeper: Keeper | undefined;
  #loading: Promise<void> | undefined;
  #waiting: ((keeper: Keeper) => Promise<void>)[] = [];
  #writing: Promise<void> = Promise.resolve();
  #revoked = false;

  constructor(options: AccessOptions) {
    this.#options = options;
    const { clock } = options;
    this.#codes = new PairingCodes(clock);
    this.sessions = new Sessions(clock, {
      opened: (session) => this.#write((keeper) => keeper.opened(keptOf(session), this.#homeKey)),
      seen: ({ sessionId, seenAt }) =>
        this.#write((keeper) => keeper.seen(sessionId, new Date(seenAt).toISOString())),
      ended: (ended) => this.#write((keeper) => keeper.ended(ended)),
    });
    this.refusals = new Refusals(clock, (cause: RefusalCause, count) =>
      this.#write((keeper) => keeper.refused(cause, count)),
    );
  }

  get isRevoked(): boolean {
    return this.#revoked;
  }

  /** The store stands: sessions of earlier runs are good again, and what waited for it is written. */
  attach(keeper: Keeper): void {
    this.#keeper = keeper;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const write of waiting) this.#write(write);
  }

  /** From now on nobody may ask: token, sessions and codes are worth nothing to this process any more. */
  revoke(): void {
    this.#revoked = true;
    this.#codes.burn();
    this.sessions.drop();
  }

  /** Constant-time: a token is compared whole, never looked at letter by letter. */
  isToken(presented: string): boolean {
    return !this.#revoked && timingSafeEqual(digest(presented), digest(this.#options.token));
  }

  /** A code for a page that may do all of it, where nothing else is said. */
  mintCode({ scopes = allScopes, device = null, ...more }: Partial<PairingWish> = {}): MintedCode {
    return this.#codes.mint({ scopes, device, ...more });
  }

  /**
   * Trades a code for a session's secret; the session that the browser had ends. Throws KORA_PAIRING_REFUSED, whose
   * details say why.
   */
  async pair(code: string, browser: { readonly device: string; readonly before?: string }): Promise<string> {
    if (this.#revoked) this.#codes.burn();
    const { scopes, device } = this.#codes.take(code);
    const secret = this.sessions.open({ scopes, device: device ?? browser.device }, browser.before);
    if (this.#keeper !== undefined) await this.#settled();
    return secret;
  }

  /**
   * Whose secret it is. One that is not known may be of an earlier run: `whenAway` throws what is answered as long as
   * there is no store to ask.
   */
  async session(secret: string, whenAway: () => void): Promise<Session | undefined> {
    const known = this.sessions.find(secret);
    if (known !== undefined || this.#revoked) return known;
    if (this.#keeper === undefined) whenAway();
    await (this.#loading ??= this.#load());
    return this.#revoked ? undefined : this.sessions.find(secret);
  }

  /**
   * Every session there is, those of earlier runs included: nobody is told that none is open, or that all are ended, before
   * the store was asked. `whenAway` as for one.
   */
  async everySession(whenAway: () => void): Promise<Sessions> {
    if (this.#keeper === undefined) whenAway();
    await (this.#loading ??= this.#load());
    return this.sessions;
  }

  async #load(): Promise<void> {
    try {
      this.sessions.restore((await this.#keeper?.load(this.#homeKey)) ?? []);
    } catch (error) {
      // Asked again with the next request.
      this.#loading = undefined;
      throw error;
    }
  }

  #write(write: (keeper: Keeper) => Promise<void>): void {
    const keeper = this.#keeper;
    if (keeper === undefined) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push(write);
      return;
    }
    this.#writing = this.#writing
      .then(() => write(keeper))
      .catch((error: unknown) => this.#options.onError('sessions', error));
  }

  async #settled(): Promise<void> {
    const done = new AbortController();
    await Promise.race([this.#writing, this.#options.clock.sleep(keepWithinMs, done.signal)]);
    done.abort();
  }

  /** Sessions belong to the token under which they were opened: with another token they are nobody's. */
  get #homeKey(): string {
    return digest(`session of ${this.#options.token}`).toString('hex');
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
