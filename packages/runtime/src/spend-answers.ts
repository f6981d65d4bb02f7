import type { RefusalCount } from './admission/index.ts';
import { draft } from './chain/index.ts';
import { once } from './control/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import type { PaidWork } from './ticket-state.ts';
import { forecastSpend } from './spend-forecast.ts';
import { budgetRefusals, slicesOf } from './spend-figures.ts';
import type { SlicesWanted } from './spend-figures.ts';
import {
  boundsOf,
  burnOf,
  microUsdOf,
  openReservations,
  Prices,
  readAccounts,
  readEntries,
  readLimits,
  reconciliations,
  Spend,
  spentWithin,
  tierOf,
  usdOf,
} from './spend/index.ts';
import type { CostHold, Once, PriceRow, SpendStanding } from './spend/index.ts';
import { clearHolds, holdCleared, named, openHolds, placeHold } from './state/index.ts';
import { fault } from './fault/index.ts';
import { readDeferred } from './ticket/index.ts';
import type { DeferredStanding } from './ticket/index.ts';
import { koraActor, operatorActor } from './workspace/index.ts';

type SpendGround = Pick<Rooms, 'database' | 'workspace' | 'chain'>;

/** Who places the hold of a spent pool, and clears it. */
const owner = 'spend';

/** The spending of this workspace, with the pool that this runtime is configured for; its period turns by itself. */
export async function spendOf(
  ground: Ground,
  around: SpendGround & { readonly paid: PaidWork },
  scope: Scope,
): Promise<Spend> {
  const { clock, home, options, onError, configuration } = ground;
  const { database, workspace, chain } = around;
  const spend = new Spend({
    database,
    clock,
    workspaceId: workspace.workspaceId,
    caller: `runtime:${home.runtimeId}`,
    stage: (tx, drafts) => chain.stage(tx, drafts),
    hold: costHold(around),
    prices: new Prices(configuration.config.spend.prices),
    onError,
  });
  // A check of the gates changes nothing.
  if (options.checkOnly === true) return spend;
  const { spend: configured } = configuration.config;
  await spend.open(microUsdOf(configured.poolUsd), boundsOf(configured));
  scope.run(
    'period',
    (signal) => spend.run(signal),
    (error) => onError('spend', error),
  );
  return spend;
}

/** The hold of a spent pool as a row, with the event that says so; the database tells every runtime of it. */
export function costHold({
  workspace: { workspaceId },
  chain,
  paid,
}: Pick<SpendGround, 'workspace' | 'chain'> & { readonly paid: PaidWork }): CostHold {
  const stage = chain.stage.bind(chain);
  return {
    inHand: (db) => paid.inHand(db),
    ended: () => paid.ended(),
    afford: (tx, free) => paid.afford(tx, free),
    place: async (tx, { spentMicroUsd, poolMicroUsd, period }) => {
      const particulars = { spent_usd: usdOf(spentMicroUsd), pool_usd: usdOf(poolMicroUsd) };
      const reason = `$${particulars.spent_usd} of $${particulars.pool_usd} spent in ${period.slice(0, 7)}`;
      await placeHold(tx, { workspaceId, stage }, { cause: 'cost', owner, reason, particulars });
    },
    lift: async (tx, { by, reason, refreshed }) => {
      const held = (await openHolds(tx, workspaceId)).filter(
        (hold) => hold.cause === 'cost' && hold.owner === owner,
      );
      for (const { holdId } of held) {
        for (const hold of await clearHolds(tx, workspaceId, { by: owner, reason, holdId })) {
          const payload = {
            hold_id: holdId,
            hold_cause: hold.cause,
            owner,
            reason,
            expires_at: hold.expiresAt,
          };
          const links = { actorId: by === operatorActor ? by : koraActor };
          await stage(tx, [{ ...draft(holdCleared, payload, links), ...named(hold.clearedEvent) }]);
        }
      }
      if (held.length > 0 || refreshed) await paid.refreshed(tx, reason, held.length > 0);
    },
  };
}

/** What gate 9 asks: that the journal answers, the pool is set, and the period is this month. One sentence. */
export async function spendEvidence({ configuration, options }: Ground, spend: Spend): Promise<string> {
  const now = await spend.read();
  if (now !== undefined)
    return `$${usdOf(now.spentMicroUsd)} of $${usdOf(now.poolMicroUsd)} in ${now.period.slice(0, 7)}, rung ${now.rung}`;
  if (options.checkOnly === true)
    return `nothing was spent yet; the pool will be $${configuration.config.spend.poolUsd}`;
  throw noPool();
}

type SpendAnswers = Pick<
  House,
  | 'spend'
  | 'spendPrices'
  | 'spendForecast'
  | 'spendEntries'
  | 'reconcileSpend'
  | 'refreshSpend'
  | 'releaseReservation'
>;

/** What was spent, and the operator's word on it. */
export function spendAnswers({ clock }: Pick<Ground, 'clock'>, rooms: Rooms): SpendAnswers {
  const { database, workspace, spend } = rooms;
  const { workspaceId } = workspace;
  const by = operatorActor;
  const onceFor =
    (key: string | undefined, deed: string, wish: object): Once =>
    (tx, work) =>
      once(tx, { workspaceId, key, deed, wish }, work);
  return {
    spend: ({ by: scope, windowMs }) =>
      spendNow(rooms, scope === undefined ? undefined : { by: scope, windowMs }, clock.now()),
    spendPrices: () => Promise.resolve(spend.prices.list().map(priceView)),
    spendForecast: (wanted) => forecastSpend(rooms, wanted, clock.now()),
    spendEntries: async ({ after = 0, limit = 1_000, windowMs }) => {
      const entries = await readEntries(database, workspaceId, { after, limit, windowMs });
      return entries.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() }));
    },
    reconcileSpend: async ({ idempotencyKey: key, ...wish }) =>
      reconciliationView(await spend.reconcile({ ...wish, by }, onceFor(key, 'reconcile', wish))),
    refreshSpend: async ({ idempotencyKey: key, ...wish }) => {
      const now = await spend.refresh({ ...wish, by }, onceFor(key, 'refresh', wish));
      const [deferred, refusals] = await Promise.all([
        readDeferred(database, workspaceId),
        budgetRefusals(rooms),
      ]);
      return standingView(now, deferred, refusals);
    },
    releaseReservation: async ({ idempotencyKey: key, ...wish }) => {
      const { releasedMicroUsd } = await spend.release({ ...wish, by }, onceFor(key, 'release', wish));
      return { callId: wish.callId, releasedUsd: usdOf(releasedMicroUsd) };
    },
  };
}

const dayMs = 86_400_000;

async function spendNow(rooms: Rooms, wanted: SlicesWanted | undefined, nowMs: number): Promise<shape.Spend> {
  const { database, workspace, spend } = rooms;
  const { workspaceId } = workspace;
  const [now, spent, limits, reservations, records, accounts, deferred, refusals] = await Promise.all([
    spend.read(),
    spentWithin(database, workspaceId, dayMs),
    readLimits(database, workspaceId),
    openReservations(database, workspaceId, 100),
    reconciliations(database, workspaceId, 10),
    readAccounts(database, workspaceId),
    readDeferred(database, workspaceId),
    budgetRefusals(rooms),
  ]);
  if (now === undefined) throw noPool();
  const rows = wanted === undefined ? undefined : await slicesOf(rooms, wanted, { now, nowMs });
  return {
    ...standingView(now, deferred, refusals),
    accounts: { open: accounts.open, remainingUsd: usdOf(accounts.remainingMicroUsd) },
    spentLast24hUsd: usdOf(spent),
    slices:
      wanted === undefined || rows === undefined
        ? null
        : { by: wanted.by, windowMs: wanted.windowMs ?? null, rows },
    burn: burnView(now, nowMs),
    limits: limits.map(({ scope, key, limitMicroUsd, usedMicroUsd }) => ({
      scope,
      key,
      limitUsd: usdOf(limitMicroUsd),
      usedUsd: usdOf(usedMicroUsd),
    })),
    refusals,
    reservations: reservations.map(({ reservedMicroUsd, since, ...row }) => ({
      ...row,
      reservedUsd: usdOf(reservedMicroUsd),
      since: since.toISOString(),
    })),
    reconciliations: records.map(({ at, by: actor, reason, ...record }) => ({
      ...reconciliationView(record),
      at: at.toISOString(),
      by: actor,
      reason,
    })),
  };
}

/** For `kora status`: null while no pool is set. */
export async function spendStatus(
  rooms: Pick<Rooms, 'database' | 'workspace' | 'spend'>,
): Promise<shape.SpendStanding | null> {
  const { database, workspace, spend } = rooms;
  const [now, deferred, refusals] = await Promise.all([
    spend.read(),
    readDeferred(database, workspace.workspaceId),
    budgetRefusals(rooms),
  ]);
  return now === undefined ? null : standingView(now, deferred, refusals);
}

function standingView(
  now: SpendStanding,
  { deferred, ramp }: DeferredStanding,
  refusals: readonly RefusalCount[],
): shape.SpendStanding {
  const { rung, period, endsAt, paceMicroUsd } = now;
  return {
    rung,
    effectiveTier: tierOf(rung),
    spentUsd: usdOf(now.spentMicroUsd),
    poolUsd: usdOf(now.poolMicroUsd),
    reservedUsd: usdOf(now.reservedMicroUsd),
    period,
    endsAt,
    deferredTickets: deferred,
    criticalUsd: usdOf(now.criticalMicroUsd),
    paceUsd: paceMicroUsd === null ? null : usdOf(paceMicroUsd),
    refusedLast24h: refusals.reduce((sum, { count }) => sum + count, 0),
    ramp:
      ramp === null
        ? null
        : {
            since: ramp.since.toISOString(),
            until: ramp.until.toISOString(),
            lastClaimAt: ramp.lastClaimAt?.toISOString() ?? null,
          },
  };
}

function burnView(now: SpendStanding, nowMs: number): shape.Spend['burn'] {
  const burn = burnOf({ ...now, nowMs });
  return burn === null
    ? null
    : { perDayUsd: usdOf(burn.perDayMicroUsd), projectedUsd: usdOf(burn.projectedMicroUsd) };
}

/** Micro-dollars for a million tokens are dollars for a million, in millionths. */
function priceView({ price, ...row }: PriceRow): shape.ModelPriceRow {
  if (price === null) return { ...row, price };
  const { input, output, cacheRead, cacheWrite } = price;
  return {
    ...row,
    price: {
      input: usdOf(input),
      output: usdOf(output),
      cacheRead: usdOf(cacheRead),
      cacheWrite: usdOf(cacheWrite),
    },
  };
}

interface Record {
  readonly period: string;
  readonly reportedMicroUsd: number;
  readonly spentBeforeMicroUsd: number;
  readonly raisedMicroUsd: number;
}

function reconciliationView(record: Record): shape.Reconciliation {
  return {
    period: record.period,
    reportedUsd: usdOf(record.reportedMicroUsd),
    spentBeforeUsd: usdOf(record.spentBeforeMicroUsd),
    raisedUsd: usdOf(record.raisedMicroUsd),
  };
}

function noPool(): Error {
  return fault('KORA_SPEND_NO_POOL', 'no runtime has set what this workspace may spend', { fix: 'kora up' });
}
