import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../clock/index.ts';
import { fault } from '../../fault/index.ts';
import type { EndedSession, KeptSession, Scope } from './house.ts';

const idleMs = 12 * 3_600_000;
const absoluteMs = 7 * 24 * 3_600_000;
const freshMs = 600_000;
const maxSessions = 100;
const maxStreams = 4;
/** That it was used is kept to the minute. */
const seenEveryMs = 60_000;
/** No session has an empty id. */
const ofToken = '';

/** One page or device that was paired. Its secret is nowhere but in its cookie. */
export interface Session {
  readonly sessionId: string;
  readonly hash: string;
  readonly device: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: number;
  readonly expiresAt: number;
  seenAt: number;
}

/** What becomes of sessions, for whoever keeps them. */
export interface SessionEars {
  readonly opened: (session: Session) => void;
  readonly seen: (session: Session) => void;
  readonly ended: (ended: readonly EndedSession[]) => void;
}

/** A stream's leave to go on. */
export interface StreamPass {
  /** Aborts when it must end; `signal.reason` is the word for its reader: `revoked`, `expired`. */
  readonly signal: AbortSignal;
  /** Asked with every heartbeat: a session that is over loses its stream, one that is read is in use. */
  goesOn(): boolean;
  leave(): void;
}

/** The sessions that are open, in memory: every request asks, and none waits for the store. */
export class Sessions {
  readonly #clock: Clock;
  readonly #ears: SessionEars;
  /** By the hash of the secret, oldest first. */
  readonly #sessions = new Map<string, Session>();
  readonly #told = new Map<string, number>();
  readonly #streams = new Map<string, Set<AbortController>>();

  constructor(clock: Clock, ears: SessionEars) {
    this.#clock = clock;
    this.#ears = ears;
  }

  /** Opens one; answers its secret, which is told once. One that the same browser had before ends. */
  open(
    wish: { readonly scopes: readonly Scope[]; readonly device: string },
    before: string | undefined,
  ): string {
    const now = this.#clock.now();
    const secret = randomBytes(32).toString('base64url');
    const session: Session = {
      ...wish,
      sessionId: randomBytes(6).toString('hex'),
      hash: hashOf(secret),
      createdAt: now,
      seenAt: now,
      expiresAt: now + absoluteMs,
    };
    const old = before === undefined ? undefined : this.#sessions.get(hashOf(before));
    this.#sessions.set(session.hash, session);
    this.#ears.opened(session);
    if (old !== undefined)
      this.#end([old], { why: 'replaced', by: session.sessionId, reason: 'paired again' });
    this.#forgetOld(now);
    return secret;
  }

  /** Those that an earlier run of this home left open. */
  restore(kept: readonly KeptSession[]): void {
    for (const row of kept) {
      if (this.#sessions.has(row.hash)) continue;
      const { createdAt, seenAt, expiresAt, ...rest } = row;
      this.#sessions.set(row.hash, {
        ...rest,
        createdAt: Date.parse(createdAt),
        seenAt: Date.parse(seenAt),
        expiresAt: Date.parse(expiresAt),
      });
    }
    this.#forgetOld(this.#clock.now());
  }

  find(secret: string): Session | undefined {
    const session = this.#sessions.get(hashOf(secret));
    const now = this.#clock.now();
    if (session === undefined || isOver(session, now)) return undefined;
    this.#touch(session, now);
    return session;
  }

  /** Newest first. */
  list(): Session[] {
    const now = this.#clock.now();
    return [...this.#sessions.values()].filter((session) => !isOver(session, now)).reverse();
  }

  /** Ends those that fit; answers their ids. */
  end(fits: (session: Session) => boolean, word: Omit<EndedSession, 'sessionId'>): string[] {
    const ended = this.list().filter(fits);
    this.#end(ended, word);
    return ended.map(({ sessionId }) => sessionId);
  }

  /** All of them, without a word to anybody: what they were opened with is worth nothing. */
  drop(): void {
    this.#sessions.clear();
    for (const id of this.#streams.keys()) this.#cut(id, 'revoked');
  }

  /** Leave for a stream; null: the token's. Throws KORA_REQUEST_INVALID (429) for a fifth one of a session. */
  stream(session: Session | null): StreamPass {
    const id = session?.sessionId ?? ofToken;
    const open = this.#streams.get(id) ?? new Set();
    if (session !== null && open.size >= maxStreams)
      throw fault('KORA_REQUEST_INVALID', `a session has ${maxStreams} streams at most`, {
        details: { status: 429 },
      });
    const pass = new AbortController();
    this.#streams.set(id, open.add(pass));
    return {
      signal: pass.signal,
      goesOn: () => {
        if (pass.signal.aborted || session === null) return !pass.signal.aborted;
        const now = this.#clock.now();
        const isOpen = this.#sessions.has(session.hash) && !isOver(session, now);
        if (isOpen) this.#touch(session, now);
        else this.#cut(id, 'expired');
        return isOpen;
      },
      leave: () => {
        open.delete(pass);
        if (open.size === 0 && this.#streams.get(id) === open) this.#streams.delete(id);
      },
    };
  }

  #touch(session: Session, now: number): void {
    session.seenAt = now;
    if (now - (this.#told.get(session.sessionId) ?? session.createdAt) < seenEveryMs) return;
    this.#told.set(session.sessionId, now);
    this.#ears.seen(session);
  }

  #end(sessions: readonly Session[], word: Omit<EndedSession, 'sessionId'>): void {
    if (sessions.length === 0) return;
    for (const { hash, sessionId } of sessions) {
      this.#sessions.delete(hash);
      this.#told.delete(sessionId);
      this.#cut(sessionId, 'revoked');
    }
    this.#ears.ended(sessions.map(({ sessionId }) => ({ ...word, sessionId })));
  }

  #cut(sessionId: string, why: string): void {
    const open = this.#streams.get(sessionId);
    this.#streams.delete(sessionId);
    for (const pass of open ?? []) pass.abort(why);
  }

  #forgetOld(now: number): void {
    for (const session of this.#sessions.values())
      if (isOver(session, now)) this.#sessions.delete(session.hash);
    const tooMany = [...this.#sessions.values()].slice(0, Math.max(0, this.#sessions.size - maxSessions));
    this.#end(tooMany, { why: 'crowded', by: null, reason: `more than ${maxSessions} sessions were open` });
  }
}

/** Until when it may approve what is of high risk; null: not now. */
export function freshUntil({ createdAt }: Session, now: number): number | null {
  return now < createdAt + freshMs ? createdAt + freshMs : null;
}

/** As the store keeps it. */
export function keptOf({ createdAt, seenAt, expiresAt, ...rest }: Session): KeptSession {
  return {
    ...rest,
    createdAt: new Date(createdAt).toISOString(),
    seenAt: new Date(seenAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
  };
}

function isOver({ seenAt, expiresAt }: Session, now: number): boolean {
  return now - seenAt > idleMs || now > expiresAt;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
