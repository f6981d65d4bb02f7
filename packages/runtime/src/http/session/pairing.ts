import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { RefusalCause, Scope } from './house.ts';

/** What a code opens when it is traded. */
export interface PairingWish {
  readonly scopes: readonly Scope[];
  /** What the operator calls the device; null: the browser's own word for itself. */
  readonly device: string | null;
  /** Milliseconds until it expires; left out, two minutes. */
  readonly lifeMs?: number;
}

export interface MintedCode {
  readonly code: string;
  /** Eight groups of four, to be typed by hand. */
  readonly typed: string;
  readonly expiresAt: number;
}

const codeMs = 120_000;
/** How long a code that was used or ran out is told from one that never was. */
const rememberedMs = 600_000;
const most = 100;
/** Wrong tries in a minute that are answered at once. */
const freeTries = 5;
const minuteMs = 60_000;
const longestDelayMs = 30_000;
/** Of I, L, O and U none: a typed code has no look-alikes. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const form = /^[0-9A-HJKMNP-TV-Z]{32}$/;
const runBytes = 4;
const secretBytes = 16;

interface Kept extends PairingWish {
  readonly expiresAt: number;
  readonly used: boolean;
}

/**
 * Codes that open a session, once, within two minutes unless it was asked otherwise. Of each only a hash is kept. A code is 160 bits: 128 of them are
 * secret, and the first 32 tell runs of Kora apart, so that a code of an earlier run is refused as such. A wrong try burns
 * every open code; after five in a minute it takes longer and longer until the next is looked at, and nobody is locked out.
 */
export class PairingCodes {
  readonly #clock: Clock;
  readonly #codes = new Map<string, Kept>();
  readonly #run = randomBytes(runBytes);
  #wrong: number[] = [];
  #closedUntil = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mint({ lifeMs = codeMs, ...wish }: PairingWish): MintedCode {
    const now = this.#clock.now();
    for (const [id, { expiresAt }] of this.#codes)
      if (expiresAt + rememberedMs < now || this.#codes.size >= most) this.#codes.delete(id);
    const code = base32(Buffer.concat([this.#run, randomBytes(secretBytes)]));
    const expiresAt = now + lifeMs;
    this.#codes.set(key(code), { ...wish, expiresAt, used: false });
    return { code, typed: (code.match(/.{4}/g) ?? []).join('-'), expiresAt };
  }

  burn(): void {
    this.#codes.clear();
  }

  /** Trades a code for what it opens. Throws KORA_PAIRING_REFUSED, whose details say why. */
  take(given: string): PairingWish {
    const waitMs = this.#closedUntil - this.#clock.monotonic();
    if (waitMs > 0) throw refused('pairing_too_many', { status: 429, retryAfterMs: waitMs });
    const code = plainOf(given);
    const kept = this.#codes.get(key(code));
    if (kept === undefined) {
      this.#delay();
      if (this.#isOfAnotherRun(code)) throw refused('pairing_restarted');
      this.#burnOpen();
      throw refused('pairing_wrong');
    }
    if (kept.used) throw refused('pairing_used');
    if (kept.expiresAt < this.#clock.now()) throw refused('pairing_expired');
    this.#codes.set(key(code), { ...kept, used: true });
    return { scopes: kept.scopes, device: kept.device };
  }

  /** Those that were used or ran out stay known as that. */
  #burnOpen(): void {
    const now = this.#clock.now();
    for (const [id, { used, expiresAt }] of this.#codes)
      if (!used && expiresAt >= now) this.#codes.delete(id);
  }

  /** It has the form of a code, and the mark of a run that is not this one. */
  #isOfAnotherRun(code: string): boolean {
    if (!form.test(code)) return false;
    // Six letters are 30 of the 32 bits.
    return !code.startsWith(base32(this.#run).slice(0, 6));
  }

  #delay(): void {
    const now = this.#clock.monotonic();
    this.#wrong = [...this.#wrong.filter((at) => now - at < minuteMs), now].slice(-most);
    const over = this.#wrong.length - freeTries;
    if (over >= 0) this.#closedUntil = now + Math.min(longestDelayMs, 1_000 * 2 ** over);
  }
}

type PairingCause = Extract<RefusalCause, `pairing_${string}`>;

const words: Readonly<Record<PairingCause, string>> = {
  pairing_wrong: 'this pairing code is wrong; every code that was open is void now',
  pairing_used: 'this pairing code was used before',
  pairing_expired: 'this pairing code has expired',
  pairing_restarted: 'this pairing code belongs to an earlier run of Kora, which was started again since',
  pairing_too_many: 'too many wrong pairing codes; wait before the next try',
};

function refused(cause: PairingCause, more: Readonly<Record<string, unknown>> = {}): Error {
  const details = { cause, reason: cause.slice('pairing_'.length), ...more };
  return fault('KORA_PAIRING_REFUSED', words[cause], { fix: 'kora cockpit', details });
}

/** As it was minted: what a hand adds, or takes one letter for another, is mended. */
function plainOf(given: string): string {
  return given.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

function base32(bytes: Uint8Array): string {
  let [text, bits, held] = ['', 0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) text += alphabet[(held >> (bits - 5)) & 31] ?? '';
  }
  return bits === 0 ? text : text + (alphabet[(held << (5 - bits)) & 31] ?? '');
}

function key(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
