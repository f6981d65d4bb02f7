import type { Queryable } from '../store/index.ts';
import { rungOf } from './rung.ts';
import type { Rung } from './rung.ts';

/** How the spend of the current period stands. Amounts in micro-dollars. */
export interface SpendStanding {
  /** First day of the calendar month, in UTC by the database's clock. */
  readonly period: string;
  /** When the next one begins, ISO 8601. */
  readonly endsAt: string;
  readonly poolMicroUsd: number;
  readonly spentMicroUsd: number;
  /** Of calls of this period that are under way, or whose end nobody saw. */
  readonly reservedMicroUsd: number;
  readonly rung: Rung;
  /** Of the pool: only critical work draws on it. */
  readonly criticalMicroUsd: number;
  /** What may be spent by now, where what can wait keeps the month's pace; null where it need not. */
  readonly paceMicroUsd: number | null;
}

/** What is neither spent nor set aside. */
export interface Free {
  /** For critical work. */
  readonly allMicroUsd: number;
  /** For other work; negative when critical work has begun to use what is kept for it. */
  readonly ordinaryMicroUsd: number;
  /** Left of the pace: other work may begin while there is some. Null without a pace. */
  readonly paceMicroUsd: number | null;
}

export function freeOf(now: SpendStanding): Free {
  const taken = now.spentMicroUsd + now.reservedMicroUsd;
  const { poolMicroUsd: pool, criticalMicroUsd: critical, paceMicroUsd: pace } = now;
  return {
    allMicroUsd: pool - taken,
    ordinaryMicroUsd: pool - critical - taken,
    paceMicroUsd: pace === null ? null : pace - taken,
  };
}

/** The standing, and what was told of it last. */
export interface ToldStanding extends SpendStanding {
  readonly told: Rung;
  readonly toldPeriod: string;
  /** The hold waits for work that pays to be over; or it has waited long enough. */
  readonly hold: 'due' | 'late' | null;
}

interface StandingRow {
  readonly period: string;
  readonly ends: Date;
  readonly pool: number;
  readonly spent: number;
  readonly reserved: number;
  readonly rung: Rung;
  readonly critical: number;
  readonly pace: number | null;
  readonly toldPeriod: string;
  readonly hold: ToldStanding['hold'];
}

/** How spend stands now; undefined while no runtime has said what the pool is. */
export function readSpend(db: Queryable, workspaceId: number): Promise<SpendStanding | undefined> {
  return standing(db, workspaceId, '');
}

/** The same, and nobody spends in this workspace until the transaction ends. */
export function lockSpend(tx: Queryable, workspaceId: number): Promise<ToldStanding | undefined> {
  return standing(tx, workspaceId, 'for update of p');
}

async function standing(db: Queryable, workspaceId: number, lock: string): Promise<ToldStanding | undefined> {
  if (lock !== '') {
    // Waited for first: a statement sees what stood when it began, and not what it waited for.
    await db.query(`select from kora.spend_pool p where workspace_id = $1 ${lock}`, [workspaceId]);
  }
  const [row] = await db.query<StandingRow>(
    `with now as materialized (select kora.spend_period() as period)
     select now.period::text as period, (now.period + interval '1 month') at time zone 'UTC' as ends, p.pool,
       coalesce(b.spent, 0) as spent, coalesce(b.reserved, 0) as reserved, p.rung, p.rung_period::text as "toldPeriod",
       least(p.critical, p.pool) as critical, case when p.paced then kora.spend_pace(p.pool, now.period) end as pace,
       case when p.hold_due_at <= clock_timestamp() then 'late' when p.hold_due_at is not null then 'due' end as hold
     from now join kora.spend_pool p on p.workspace_id = $1
     left join kora.spend_balance b on b.workspace_id = p.workspace_id and b.period = now.period`,
    [workspaceId],
  );
  if (row === undefined) return undefined;
  const { period, ends, pool, spent, reserved, rung: told, critical, pace, toldPeriod, hold } = row;
  return {
    period,
    endsAt: ends.toISOString(),
    poolMicroUsd: pool,
    spentMicroUsd: spent,
    reservedMicroUsd: reserved,
    rung: rungOf(spent, pool, toldPeriod === period ? told : 'normal'),
    criticalMicroUsd: critical,
    paceMicroUsd: pace,
    told,
    toldPeriod,
    hold,
  };
}
