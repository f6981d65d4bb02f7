import type { Queryable } from '../store/index.ts';

/** One day of the journal, in UTC. Amounts in micro-dollars. */
export interface SpendDay {
  readonly day: string;
  readonly costMicroUsd: number;
  /** Calls that were settled. */
  readonly calls: number;
  /** Of these calls: what they cost is an estimate, since their model has no price or nobody counted. */
  readonly unpriced: number;
  readonly slices: SpendDaySlice[];
}

export interface SpendDaySlice {
  readonly by: 'route' | 'model' | 'source';
  /** `reconciled` for what only the provider knew of, `none` for calls that have no such thing. */
  readonly key: string;
  readonly costMicroUsd: number;
  readonly calls: number;
}

type Row = Omit<SpendDaySlice, 'by'> & {
  readonly day: string;
  readonly by: SpendDaySlice['by'] | null;
  readonly unpriced: number;
};

const named = (column: string): string =>
  `case kind when 'reconcile' then 'reconciled' else coalesce(${column}, 'none') end`;

/** The last `days` days up to today by the store's clock, oldest first, from the day of the first entry among them on. */
export async function spendDays(db: Queryable, workspaceId: number, days: number): Promise<SpendDay[]> {
  const rows = await db.query<Row>(
    `with entries as materialized (
       select to_char(at at time zone 'UTC', 'YYYY-MM-DD') as day, kind, spent_change, estimated,
         ${named('route')} as route, ${named('model')} as model, ${named('caller')} as source
       from kora.spend_entry where workspace_id = $1 and kind in ('settle', 'reconcile')
         and at >= (select date_trunc('day', clock_timestamp() at time zone 'UTC') at time zone 'UTC'
           - make_interval(days => $2 - 1)))
     select day, case when grouping(route) = 0 then 'route' when grouping(model) = 0 then 'model'
         when grouping(source) = 0 then 'source' end as by,
       coalesce(route, model, source, '') as key, coalesce(sum(spent_change), 0)::int8 as "costMicroUsd",
       count(*) filter (where kind = 'settle') as calls, count(*) filter (where estimated) as unpriced
     from entries group by grouping sets ((day), (day, route), (day, model), (day, source))
     union all
     select to_char(d, 'YYYY-MM-DD'), null, '', 0, 0, 0 from generate_series(
       (select min(day)::timestamp from entries), date_trunc('day', clock_timestamp() at time zone 'UTC'), interval '1 day') d
     order by 1, 4 desc, 3`,
    [workspaceId, days],
  );
  const found = new Map<string, SpendDay>();
  for (const { day, by, key, unpriced, ...sums } of rows) {
    const known = found.get(day) ?? { day, costMicroUsd: 0, calls: 0, unpriced: 0, slices: [] };
    // A day without entries comes as zeros, which change nothing.
    if (by === null)
      found.set(day, {
        ...known,
        costMicroUsd: known.costMicroUsd + sums.costMicroUsd,
        calls: known.calls + sums.calls,
        unpriced: known.unpriced + unpriced,
      });
    else found.set(day, { ...known, slices: [...known.slices, { by, key, ...sums }] });
  }
  return [...found.values()];
}
