import type { ChainOwner } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import type { Database, StoreWay } from '../../store/index.ts';
import { startKeeper } from './keeper.ts';
import { sharedNow } from './keeper-messages.ts';
import { HeldSession } from './live-session.ts';
import type { KeptSession, Keeping, LiveSession } from './live-session.ts';
import { startPulse } from './pulse.ts';
import {
  beatOf,
  beatSession,
  beginSession,
  endOf,
  endSession,
  endSessionsOf,
  forgetSessions,
  lookAtSession,
} from './session.ts';
import type { SessionKey } from './session.ts';
import { sessionTimes } from './times.ts';
import type { SessionTimes } from './times.ts';

export interface SessionOptions {
  readonly database: Database;
  readonly owner: Pick<ChainOwner, 'workspaceId' | 'runtimeId' | 'actorId'>;
  readonly clock: Clock;
  /** For the keeper's own connection: `database.way()`. Without it the main thread beats, by `clock`: for tests whose time stands. */
  readonly connection?: StoreWay;
  /** The store serves this process alone: a session lasts until it is ended, and is only looked at. */
  readonly singleProcess: boolean;
  readonly times?: Partial<SessionTimes>;
  readonly onError: (where: string, error: unknown) => void;
}

const keepDays = 1;

/**
 * The sessions of this runtime, one after the other. Each has a row whose `until` is the lease of everything claimed under
 * it; what keeps it alive must not depend on this thread, which may hang, and must not outlive it, for then nobody works.
 */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #times: SessionTimes;
  /** Lost, and perhaps not over in the store. */
  #lost: string[] = [];

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#times = { ...sessionTimes, ...options.times };
  }

  /** Begins a session and keeps it until it is ended or lost. Throws what the store throws. */
  async begin(): Promise<LiveSession> {
    const { database, owner, clock, singleProcess, onError } = this.#options;
    const { workspaceId, runtimeId, actorId } = owner;
    const key = { workspaceId, sessionId: clock.uuid() };
    const instead = this.#lost;
    const ttlMs = singleProcess ? null : this.#times.ttlMs;
    const begunAt = sharedNow();
    await beginSession(database, key, runtimeId, { ttlMs, actorId, instead });
    this.#lost = this.#lost.filter((sessionId) => !instead.includes(sessionId));
    const session = new HeldSession({
      sessionId: key.sessionId,
      end: () => endSession(database, key),
      onLost: (sessionId) => this.#lost.push(sessionId),
      onError,
    });
    session.keptBy(this.#keep(session, key, begunAt));
    return session;
  }

  #keep(session: KeptSession, key: SessionKey, begunAt: number): Keeping {
    const { database, clock, connection: way, singleProcess, onError } = this.#options;
    const common = { session, times: this.#times, clock, onError };
    if (singleProcess)
      return startPulse({ ...common, beat: () => lookAtSession(database, key), lapses: false });
    if (way === undefined)
      return startPulse({ ...common, beat: () => beatSession(database, key), lapses: true });
    return startKeeper({ ...common, way, beat: beatOf(key), end: endOf(key), begunAt });
  }

  /** Ends what a dead process of this runtime left: possible because the home's lock is ours. */
  async recover(): Promise<void> {
    const { database, owner } = this.#options;
    await endSessionsOf(database, owner.workspaceId, owner.runtimeId, owner.actorId);
  }

  /** Forgets sessions that ended more than a day ago and hold nothing; answers how many. */
  prune(): Promise<number> {
    return forgetSessions(this.#options.database, this.#options.owner.workspaceId, keepDays);
  }
}
