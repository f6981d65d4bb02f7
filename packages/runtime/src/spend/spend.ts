import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import { boundsToldOf } from './bounds.ts';
import type { SpendBounds } from './bounds.ts';
import { chargeOf } from './charge.ts';
import type { Settle } from './charge.ts';
import { callOverran, poolSet, reservationReleased, rungChanged, spendReconciled } from './events.ts';
import { reconcileEntry, releaseEntry, reserve, setPool, settleEntry } from './journal.ts';
import type { Reserve, Reserved } from './journal.ts';
import { isAmount, largestTotal, usdOf } from './money.ts';
import { headroomOf } from './patience.ts';
import { Prices } from './prices.ts';
import { readRunSpend } from './run-spend.ts';
import type { RunSpend } from './run-spend.ts';
import { freeOf, lockSpend, readSpend } from './standing.ts';
import type { Free, SpendStanding, ToldStanding } from './standing.ts';

export interface SpendOptions {
  readonly database: Database;
  readonly workspaceId: number;
  /** Whose word the pool is, for the journal. */
  readonly caller: string;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly hold: CostHold;
  readonly clock: Clock;
  /** What models cost; without it nothing has a price. */
  readonly prices?: Prices;
  readonly onError: (where: string, error: unknown) => void;
}

/** What the end of a pool does to the workspace, in the transaction that ends it. */
export interface CostHold {
  /** Holds everything that costs; a second one while it stands changes nothing. */
  place(tx: Transaction, standing: SpendStanding): Promise<void>;
  /**
   * Clears the hold that spend placed, and no other. `refreshed`: money came since the last look, so that what was put off
   * for want of it goes on too, held or not.
   */
  lift(tx: Transaction, why: Lift): Promise<void>;
  /** Whether work that pays is in hand. The hold waits for its end: the record of that comes before the state. */
  inHand(db: Queryable): Promise<boolean>;
  /** Resolves when the state says what has ended by now. */
  ended(): Promise<void>;
  /** So much is neither spent nor set aside: what was put off for less may go on. */
  afford(tx: Transaction, free: Free): Promise<void>;
}

interface Lift {
  readonly by: string;
  readonly reason: string;
  readonly refreshed: boolean;
}

export interface Settled {
  readonly costMicroUsd: number;
  /** Nobody counted it, or the model has no price of its own. */
  readonly estimated: boolean;
  readonly reservedMicroUsd: number;
  /** How much more it cost than was reserved. */
  readonly overrunMicroUsd: number;
  /** It was settled before; this changed nothing. */
  readonly repeated: boolean;
}

interface Release {
  readonly callId: string;
  readonly reason: string;
  readonly by: string;
}

interface Released {
  readonly releasedMicroUsd: number;
}

interface Report {
  readonly reportedMicroUsd: number;
  readonly reason: string;
  readonly by: string;
}

export interface Reconciled {
  readonly period: string;
  readonly reportedMicroUsd: number;
  readonly spentBeforeMicroUsd: number;
  readonly raisedMicroUsd: number;
}

/** Does something once for whoever asks: a repeat is answered what was done the first time. Answers are plain data. */
export type Once = <Answer extends object>(tx: Transaction, deed: () => Promise<Answer>) => Promise<Answer>;

const straight: Once = (_tx, deed) => deed();

/** Who looks, and how it reads when that clears the hold. */
const owner = 'spend';
const lookEveryMs = 60_000;
/** While the hold waits for work to be over, and how long it does at most. */
const lookAgainMs = 200;
const patienceMs = 30_000;

interface Why {
  readonly by: string;
  readonly reason: string;
  readonly thorough?: boolean;
  readonly refreshed?: boolean;
  /** Work that pays was seen in hand a moment ago. */
  readonly inHand?: boolean;
}

const usual = { by: owner, reason: 'the spend of the period is below its pool' } as const;

/** A workspace's spending: the only way to the journal, so that rung, hold and events follow every change of it. */
export class Spend {
  /** What calls are priced by. */
  readonly prices: Prices;
  readonly #options: SpendOptions;
  /** The hold waits, as far as this process knows. */
  #isDue = false;
  #wake: () => void = () => undefined;

  constructor(options: SpendOptions) {
    this.#options = options;
    this.prices = options.prices ?? new Prices();
  }

  /**
   * Says what the pool is and what bounds spending beside it, as this runtime is configured; a pool that is raised over
   * what is spent lifts the hold. Bounds that are left out stay as they are.
   */
  async open(poolMicroUsd: number, bounds?: SpendBounds): Promise<void> {
    const { database, workspaceId, caller, stage } = this.#options;
    if (!isAmount(poolMicroUsd, largestTotal) || poolMicroUsd === 0)
      throw fault('KORA_SPEND_INVALID', `${poolMicroUsd} micro-dollars cannot be a pool`, {
        fix: 'kora config validate',
      });
    await database.transaction(async (tx) => {
      const { was, ...set } = await setPool(tx, workspaceId, { caller, poolMicroUsd, bounds });
      const previous = was === null ? null : usdOf(was);
      if (set.changed)
        await stage(tx, [draft(poolSet, { pool_usd: usdOf(poolMicroUsd), previous_usd: previous })]);
      // The first bounds of a workspace change none.
      if (set.boundsChanged && was !== null && bounds !== undefined) await stage(tx, [boundsToldOf(bounds)]);
      const reason = 'the pool is larger than what is spent';
      const refreshed = was !== null && poolMicroUsd > was;
      await this.#judge(tx, { by: owner, reason, thorough: true, refreshed });
    });
  }

  reserve(wish: Omit<Reserve, 'workspaceId' | 'tier'>): Promise<Reserved> {
    const { database, workspaceId } = this.#options;
    const tier = wish.model === undefined ? null : this.prices.tierOfModel(wish.model);
    return reserve(database, { ...wish, workspaceId, ...(tier === null ? {} : { tier }) });
  }

  /**
   * Settles a reserved call: at its cost, or at what its tokens cost, or else at what was reserved, as an estimate. A
   * second settlement answers the first. Throws KORA_SPEND_INVALID for a cost that is none: the reservation stays;
   * KORA_SPEND_CALL_UNKNOWN for a call that this caller did not reserve.
   */
  settle(settle: Settle): Promise<Settled> {
    const { database, workspaceId, stage } = this.#options;
    const { callId, caller, model } = settle;
    const charge = chargeOf(this.prices, settle);
    const tier = model === undefined ? null : this.prices.tierOfModel(model);
    const entry = { ...charge, callId, caller, model, tier, headroom: headroomOf(settle.headroom) };
    return database.transaction(async (tx) => {
      const row = await settleEntry(tx, workspaceId, entry);
      if (row === undefined || row.verdict === 'unknown') throw unknownCall(callId);
      const settled = {
        costMicroUsd: row.amount,
        estimated: row.was_estimated === true,
        reservedMicroUsd: row.was_reserved,
        overrunMicroUsd: Math.max(0, row.amount - row.was_reserved),
        repeated: row.verdict === 'repeated',
      };
      if (settled.repeated) return settled;
      if (settled.overrunMicroUsd > 0) await stage(tx, [overrunOf(callId, row)]);
      await this.#judge(tx, { by: owner, reason: 'a call was settled' });
      return settled;
    });
  }

  /** What the calls of one question have cost so far, and have reserved; read from the journal. */
  runSpent(runId: string): Promise<RunSpend> {
    return readRunSpend(this.#options.database, this.#options.workspaceId, runId);
  }

  /** Gives up the reservation of a call that will never be settled. */
  release(release: Release, once: Once = straight): Promise<Released> {
    return this.#options.database.transaction((tx) => once(tx, () => this.#release(tx, release)));
  }

  async #release(tx: Transaction, { callId, reason, by }: Release): Promise<Released> {
    const { workspaceId, stage } = this.#options;
    const row = await releaseEntry(tx, workspaceId, { callId, reason });
    if (row === undefined || row.verdict === 'unknown') throw unknownCall(callId);
    if (row.verdict === 'settled')
      throw fault('KORA_SPEND_SETTLED', `call ${callId} said what it cost: nothing is reserved for it`, {
        fix: 'kora cost',
      });
    const { call_caller: caller, call_route: route, amount: releasedMicroUsd } = row;
    if (row.verdict === 'repeated') return { releasedMicroUsd };
    const payload = { call_id: callId, caller, route, released_usd: usdOf(releasedMicroUsd), reason };
    await stage(tx, [draft(reservationReleased, payload, { actorId: by })]);
    return { releasedMicroUsd };
  }

  /** Takes back what was reserved for a call that was never made. */
  async giveBack(callId: string): Promise<void> {
    const { database, workspaceId } = this.#options;
    await releaseEntry(database, workspaceId, { callId, reason: 'the call was not made' });
  }

  /** Raises the period's spend to what the provider reports; lowers it never. The record is kept either way. */
  async reconcile(report: Report, once: Once = straight): Promise<Reconciled> {
    if (!isAmount(report.reportedMicroUsd, largestTotal))
      throw fault('KORA_SPEND_INVALID', `${report.reportedMicroUsd} micro-dollars cannot have been reported`);
    return this.#options.database.transaction((tx) => once(tx, () => this.#reconcile(tx, report)));
  }

  async #reconcile(tx: Transaction, { reportedMicroUsd, reason, by }: Report): Promise<Reconciled> {
    const { workspaceId, stage } = this.#options;
    const row = await reconcileEntry(tx, workspaceId, { caller: by, reportedMicroUsd, reason });
    if (row === undefined) throw fault('KORA_INTERNAL', 'a reconciliation answered nothing');
    const { month: period, before, raised } = row;
    const payload = {
      period,
      reported_usd: usdOf(reportedMicroUsd),
      spent_before_usd: usdOf(before),
      raised_usd: usdOf(raised),
      reason,
    };
    await stage(tx, [draft(spendReconciled, payload, { actorId: by })]);
    await this.#judge(tx, { by: owner, reason: 'reconciled' });
    return { period, reportedMicroUsd, spentBeforeMicroUsd: before, raisedMicroUsd: raised };
  }

  read(): Promise<SpendStanding | undefined> {
    return readSpend(this.#options.database, this.#options.workspaceId);
  }

  /**
   * Holds the ladder against the clock: a new period begins on the lowest rung, and what an ended one held is cleared.
   * By the operator it does the same at once, and lets go what was put off for want of money.
   */
  refresh(
    why?: { readonly by: string; readonly reason: string },
    once: Once = straight,
  ): Promise<SpendStanding> {
    return this.#refresh({ ...(why ?? usual), refreshed: why !== undefined }, once);
  }

  #refresh(why: Why, once: Once): Promise<SpendStanding> {
    const judge = async (tx: Transaction): Promise<SpendStanding> => {
      const standing = await this.#judge(tx, { ...why, thorough: true });
      if (standing !== undefined) return standing;
      throw fault('KORA_SPEND_NO_POOL', 'no pool is set for this workspace', { fix: 'kora up' });
    };
    return this.#options.database.transaction((tx) => once(tx, () => judge(tx)));
  }

  /** Looks once a minute, so that a period turns with nobody asking; a store that is away is somebody else's to tell. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, onError } = this.#options;
    for (;;) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await clock.sleep(this.#isDue ? lookAgainMs : lookEveryMs, AbortSignal.any([signal, woken.signal]));
      if (signal.aborted) return;
      await this.#look().catch((error: unknown) => {
        if (!isStoreAway(error)) onError('spend', error);
      });
    }
  }

  /** A hold that waits is placed when the state has told the end of what it waited for. */
  async #look(): Promise<void> {
    const { database, hold } = this.#options;
    const inHand = this.#isDue && (await hold.inHand(database));
    if (this.#isDue && !inHand) await hold.ended();
    await this.#refresh({ ...usual, inHand }, straight);
  }

  /** Rung and hold follow from the balance, in the transaction that changed it. */
  async #judge(tx: Transaction, why: Why): Promise<SpendStanding | undefined> {
    const { workspaceId, stage, hold } = this.#options;
    const now = await lockSpend(tx, workspaceId);
    if (now === undefined) return undefined;
    const { told, toldPeriod, hold: waits, ...standing } = now;
    // Somebody else may have placed it.
    if (waits === null) tx.afterCommit(() => void (this.#isDue = false));
    const { rung, period } = standing;
    const isNews = rung !== told;
    if (isNews || period !== toldPeriod)
      await tx.query('update kora.spend_pool set rung = $2, rung_period = $3 where workspace_id = $1', [
        workspaceId,
        rung,
        period,
      ]);
    if (isNews) await stage(tx, [draft(rungChanged, { from: told, to: rung, ...figures(standing) })]);
    const { by, reason, thorough = false } = why;
    const isTurned = isNews || period !== toldPeriod;
    // An operator who cleared the hold by hand is not contradicted within the period: the door still refuses what costs.
    if (rung === 'hard_stop_100') {
      if (isTurned || waits !== null) await this.#stop(tx, standing, { ...why, waits });
      return standing;
    }
    if (waits !== null) await this.#wait(tx, false);
    if (!thorough && told !== 'hard_stop_100') return standing;
    const refreshed = why.refreshed === true || told === 'hard_stop_100' || period !== toldPeriod;
    await hold.lift(tx, { by, reason, refreshed });
    const free = freeOf(standing);
    if (thorough && free.allMicroUsd > 0) await hold.afford(tx, free);
    return standing;
  }

  /** Places the hold; while work that pays is in hand, it only becomes due, and nothing more can be spent meanwhile. */
  async #stop(
    tx: Transaction,
    standing: SpendStanding,
    { waits, inHand = false }: Pick<Why, 'inHand'> & { readonly waits: ToldStanding['hold'] },
  ): Promise<void> {
    const { hold } = this.#options;
    if (waits !== 'late' && (inHand || (await hold.inHand(tx)))) return this.#wait(tx, true);
    await this.#wait(tx, false);
    await hold.place(tx, standing);
  }

  async #wait(tx: Transaction, isDue: boolean): Promise<void> {
    await tx.query(
      `update kora.spend_pool set hold_due_at = case when $2 then
         coalesce(hold_due_at, clock_timestamp() + $3 * interval '1 millisecond') end
       where workspace_id = $1`,
      [this.#options.workspaceId, isDue, patienceMs],
    );
    tx.afterCommit(() => {
      if (isDue && !this.#isDue) this.#wake();
      this.#isDue = isDue;
    });
  }
}

function figures({ period, spentMicroUsd, poolMicroUsd }: SpendStanding): {
  period: string;
  spent_usd: number;
  pool_usd: number;
} {
  return { period, spent_usd: usdOf(spentMicroUsd), pool_usd: usdOf(poolMicroUsd) };
}

function overrunOf(
  callId: string,
  row: { call_caller: string; call_route: string; amount: number; was_reserved: number },
): EventDraft {
  return draft(callOverran, {
    call_id: callId,
    caller: row.call_caller,
    route: row.call_route,
    reserved_usd: usdOf(row.was_reserved),
    cost_usd: usdOf(row.amount),
  });
}

function unknownCall(callId: string): Error {
  return fault('KORA_SPEND_CALL_UNKNOWN', `nothing was reserved for call ${callId}`, { fix: 'kora cost' });
}
