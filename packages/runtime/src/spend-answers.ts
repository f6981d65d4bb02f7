import { draft } from './chain/index.ts';
import { once } from './control/index.ts';
import type { Ground } from './ground.ts';
import type { House, shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import type { PaidWork } from './ticket-state.ts';
import {
  boundsOf,
  microUsdOf,
  openReservations,
  Prices,
  readAccounts,
  reconciliations,
  Spend,
  spendBy,
  spentWithin,
  tierOf,
  usdOf,
} from './spend/index.ts';
import type { CostHold, Once, SpendStanding } from './spend/index.ts';
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

type SpendAnswers = Pick<House, 'spend' | 'reconcileSpend' | 'refreshSpend' | 'releaseReservation'>;

/** What was spent, and the operator's word on it. */
export function spendAnswers({ database, workspace, spend }: Rooms): SpendAnswers {
  const { workspaceId } = workspace;
  const by = operatorActor;
  const onceFor =
    (key: string | undefined, deed: string, wish: object): Once =>
    (tx, work) =>
      once(tx, { workspaceId, key, deed, wish }, work);
  return {
    spend: async ({ by: scope, windowMs }) => {
      const [now, spent, reservations, records, accounts, deferred, slices] = await Promise.all([
        spend.read(),
        spentWithin(database, workspaceId, dayMs),
        openReservations(database, workspaceId, 100),
        reconciliations(database, workspaceId, 10),
        readAccounts(database, workspaceId),
        readDeferred(database, workspaceId),
        scope === undefined ? undefined : spendBy(database, workspaceId, { by: scope, windowMs }),
      ]);
      if (now === undefined) throw noPool();
      return {
        ...standingView(now, deferred),
        accounts: { open: accounts.open, remainingUsd: usdOf(accounts.remainingMicroUsd) },
        spentLast24hUsd: usdOf(spent),
        slices:
          scope === undefined || slices === undefined
            ? null
            : {
                by: scope,
                windowMs: windowMs ?? null,
                rows: slices.map(({ spentMicroUsd, ...row }) => ({ ...row, spentUsd: usdOf(spentMicroUsd) })),
              },
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
    },
    reconcileSpend: async ({ idempotencyKey: key, ...wish }) =>
      reconciliationView(await spend.reconcile({ ...wish, by }, onceFor(key, 'reconcile', wish))),
    refreshSpend: async ({ idempotencyKey: key, ...wish }) => {
      const now = await spend.refresh({ ...wish, by }, onceFor(key, 'refresh', wish));
      return standingView(now, await readDeferred(database, workspaceId));
    },
    releaseReservation: async ({ idempotencyKey: key, ...wish }) => {
      const { releasedMicroUsd } = await spend.release({ ...wish, by }, onceFor(key, 'release', wish));
      return { callId: wish.callId, releasedUsd: usdOf(releasedMicroUsd) };
    },
  };
}

const dayMs = 86_400_000;

/** For `kora status`: null while no pool is set. */
export async function spendStatus({
  database,
  workspace,
  spend,
}: Pick<Rooms, 'database' | 'workspace' | 'spend'>): Promise<shape.SpendStanding | null> {
  const [now, deferred] = await Promise.all([spend.read(), readDeferred(database, workspace.workspaceId)]);
  return now === undefined ? null : standingView(now, deferred);
}

function standingView(now: SpendStanding, { deferred, ramp }: DeferredStanding): shape.SpendStanding {
  const { rung, period, endsAt } = now;
  return {
    rung,
    effectiveTier: tierOf(rung),
    spentUsd: usdOf(now.spentMicroUsd),
    poolUsd: usdOf(now.poolMicroUsd),
    reservedUsd: usdOf(now.reservedMicroUsd),
    period,
    endsAt,
    deferredTickets: deferred,
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
