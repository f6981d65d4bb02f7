import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';

/** Who may ask: the bearer of the home's token, or a page that was paired from this machine. */
export interface AccessOptions {
  /** Content of `home/api-token`. */
  readonly token: string;
  readonly clock: Clock;
}

const codeMs = 120_000;
const idleMs = 12 * 3_600_000;
const absoluteMs = 7 * 24 * 3_600_000;
const maxSessions = 100;

interface Session {
  readonly createdAt: number;
  seenAt: number;
}

/**
 * Pairing codes and sessions. A code is minted by whoever holds the token, lives two minutes and opens one session; a
 * wrong try burns every open code. Only hashes are kept, in memory: a restart asks the page to pair again.
 */
export class Access {
  readonly #options: AccessOptions;
  readonly #codes = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();
  #revoked = false;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  get isRevoked(): boolean {
    return this.#revoked;
  }

  /** From now on nobody may ask: token, sessions and codes are worth nothing to this process any more. */
  revoke(): void {
    this.#revoked = true;
    this.#codes.clear();
    this.#sessions.clear();
  }

  /** Constant-time: a token is compared whole, never looked at letter by letter. */
  isToken(presented: string): boolean {
    return !this.#revoked && timingSafeEqual(digest(presented), digest(this.#options.token));
  }

  mintCode(): { readonly code: string; readonly expiresAt: number } {
    const code = randomBytes(16).toString('base64url');
    const now = this.#options.clock.now();
    for (const [id, end] of this.#codes) if (end < now) this.#codes.delete(id);
    const expiresAt = now + codeMs;
    this.#codes.set(key(code), expiresAt);
    return { code, expiresAt };
  }

  /** Trades a code for a session's secret. Throws KORA_PAIRING_REFUSED. */
  pair(code: string): string {
    const now = this.#options.clock.now();
    const expiresAt = this.#codes.get(key(code));
    this.#codes.delete(key(code));
    if (expiresAt === undefined || this.#revoked) {
      this.#codes.clear();
      throw refused('this pairing code is wrong, was used before, or belongs to an earlier run of Kora');
    }
    if (expiresAt < now) throw refused('this pairing code has expired');
    const secret = randomBytes(32).toString('base64url');
    this.#forgetOld(now);
    this.#sessions.set(key(secret), { createdAt: now, seenAt: now });
    return secret;
  }

  isSession(secret: string): boolean {
    const session = this.#sessions.get(key(secret));
    const now = this.#options.clock.now();
    if (session === undefined || now - session.seenAt > idleMs || now - session.createdAt > absoluteMs)
      return false;
    session.seenAt = now;
    return true;
  }

  #forgetOld(now: number): void {
    for (const [id, { seenAt, createdAt }] of this.#sessions) {
      if (now - seenAt > idleMs || now - createdAt > absoluteMs || this.#sessions.size >= maxSessions) {
        this.#sessions.delete(id);
      }
    }
  }
}

function refused(message: string): Error {
  return fault('KORA_PAIRING_REFUSED', message, { fix: 'kora cockpit' });
}

function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function key(secret: string): string {
  return digest(secret).toString('hex');
}
