import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import type { Free } from './spend/index.ts';
import type { OperationalStateHolder } from './state/index.ts';
import { affordDeferred, countHeld, isPaidWorkHeld, readDeferred, releaseDeferred } from './ticket/index.ts';
import type { Queryable, Transaction } from './store/index.ts';

type StateGround = Pick<Ground, 'clock' | 'scope' | 'onError'>;

/** Ready and active alternate on the first claim and on the last release, the latter only after it has lasted. */
const dwellMs = 1_000;

/** Tells the state how many claims this runtime holds. Work never waits for it, whatever becomes of the telling. */
export class ClaimsObserver {
  readonly #ground: StateGround;
  readonly #holder: OperationalStateHolder;
  #live = 0;
  #lost = false;
  /** Monotonic milliseconds: since when there is none. */
  #noneSince = 0;
  #watches = false;

  constructor(ground: StateGround, holder: OperationalStateHolder) {
    this.#ground = ground;
    this.#holder = holder;
  }

  /** Claims in this process, as the worker said last. */
  get live(): number {
    return this.#live;
  }

  /** `lost`: one of them was, rather than ended. */
  changed(now: number, lost: boolean): void {
    this.#live = now;
    this.#lost = lost;
    if (now > 0) return void this.tell();
    this.#noneSince = this.#ground.clock.monotonic();
    if (!this.#watches) void this.#watch();
  }

  /** One wait, however often the last claim ends: a worker of one ticket at a time is active all the while. */
  async #watch(): Promise<void> {
    const { clock, scope } = this.#ground;
    this.#watches = true;
    for (
      let left = dwellMs;
      left > 0 && this.#live === 0;
      left = this.#noneSince + dwellMs - clock.monotonic()
    ) {
      // A house that closes meanwhile has nothing left to record it with.
      if (!(await clock.sleep(left, scope.signal))) return;
    }
    this.#watches = false;
    if (this.#live === 0) await this.tell();
  }

  /** At once, however short it has lasted. Resolves when it is recorded, or could not be. */
  async tell(): Promise<void> {
    const { liveClaims } = this.#holder.inputs;
    if (this.#live === liveClaims) return;
    const fewer = this.#lost ? 'claim.lease_lost' : 'claim.released';
    await this.#holder
      .transition(this.#live > liveClaims ? 'claim.acquired' : fewer, { liveClaims: this.#live })
      .catch((error: unknown) => this.#ground.onError('state', error));
  }
}

/** What spend asks about tickets, and does to them. */
export interface PaidWork {
  inHand(db: Queryable): Promise<boolean>;
  ended(): Promise<void>;
  afford(tx: Transaction, free: Free): Promise<void>;
  /** Money came, and a hold was lifted for it or not: what was put off may go on, one at a time for an hour. */
  refreshed(tx: Transaction, reason: string, wasHeld: boolean): Promise<void>;
}

interface PaidWorkPorts extends Pick<Rooms, 'database' | 'workspace' | 'chain'> {
  readonly runtimeId: string;
  readonly clock: Ground['clock'];
  readonly claims: Pick<ClaimsObserver, 'live' | 'tell'>;
  /** Tickets may be claimed again. */
  readonly announce: () => void;
}

/** The worker hears of an end a moment after the store does. */
const catchUpMs = 20;
const mostCatchUps = 50;

/** How the end of a pool and its refresh meet tickets. */
export function paidWork(ports: PaidWorkPorts): PaidWork {
  const { database, workspace, chain, runtimeId, clock, claims, announce } = ports;
  const { workspaceId } = workspace;
  const isBehind = async (): Promise<boolean> =>
    claims.live > 0 && claims.live > (await countHeld(database, { workspaceId, runtimeId }));
  return {
    inHand: (db) => isPaidWorkHeld(db, workspaceId),
    ended: async () => {
      for (let looks = 0; looks < mostCatchUps && (await isBehind()); looks += 1)
        await clock.sleep(catchUpMs);
      await claims.tell();
    },
    afford: async (tx, free) => {
      if ((await affordDeferred(tx, workspaceId, free)) > 0) tx.afterCommit(announce);
    },
    refreshed: async (tx, reason, wasHeld) => {
      // A month that turns over a workspace that never stopped has nothing to go slowly about.
      if (!wasHeld && (await readDeferred(tx, workspaceId)).deferred === 0) return;
      await releaseDeferred(tx, { workspaceId, stage: chain.stage.bind(chain) }, { reason });
      tx.afterCommit(announce);
    },
  };
}

/** For a runtime that works no tickets: a check of the gates. */
export const noPaidWork: PaidWork = {
  inHand: () => Promise.resolve(false),
  ended: () => Promise.resolve(),
  afford: () => Promise.resolve(),
  refreshed: () => Promise.resolve(),
};
