import type { Queryable } from '../../store/index.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Tally {
  /** Looks that were made; unconfigured ones made none. */
  readonly looks: number;
  readonly good: number;
}

/** How a probe was day by day, and over whole windows up to now. */
export interface ProbeDays {
  readonly probe: string;
  /** Days of UTC on which somebody looked, oldest first. */
  readonly days: readonly (Tally & { readonly at: string })[];
  /** One for each that was asked for, in that order. */
  readonly windows: readonly (Tally & { readonly windowMs: number })[];
}

interface Asked {
  readonly probes: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How many days of UTC, today among them. */
  readonly days: number;
  readonly windowsMs: readonly number[];
}

/** The looks at probes `$2` from `$3` to `$4` in parts of an hour: from what they were summed up to, and the looks since. */
const hourParts = `
  select probe, at, looks, good from kora.probe_span
  where workspace_id = $1 and probe = any($2::text[]) and grain = 'hour'
    and at >= $3::timestamptz and at < $4::timestamptz
  union all
  select look.probe, date_trunc('hour', look.at, 'UTC'), count(*)::int,
    count(*) filter (where look.status = 'healthy')::int
  from unnest($2::text[]) named(probe)
  left join kora.probe_summed summed
    on summed.workspace_id = $1 and summed.probe = named.probe and summed.grain = 'hour'
  join kora.probe_result look on look.workspace_id = $1 and look.probe = named.probe
    and look.at >= greatest($3::timestamptz, coalesce(summed.up_to, $3::timestamptz))
    and look.at < $4::timestamptz and look.status <> 'unconfigured'
  group by 1, 2`;

/** Every one of these probes day by day and over windows, in three statements however many there are. */
export async function readDays(db: Queryable, workspaceId: number, asked: Asked): Promise<ProbeDays[]> {
  const { probes, now, windowsMs } = asked;
  const firstDay = Math.floor(now / dayMs) * dayMs - (asked.days - 1) * dayMs;
  const names = [...probes];
  // A look of this very instant counts.
  const until = iso(now + 1);
  const days = await db.query<Tally & { probe: string; at: Date }>(
    `with part as (${hourParts})
     select probe, date_trunc('day', at, 'UTC') as at, sum(looks)::int as looks, sum(good)::int as good
     from part group by 1, 2 order by 2`,
    [workspaceId, names, iso(firstDay), until],
  );
  const longest = Math.max(0, ...windowsMs);
  const whole = await db.query<Tally & { probe: string; windowMs: number }>(
    `with part as (${hourParts})
     select probe, size::float8 as "windowMs", sum(looks)::int as looks, sum(good)::int as good
     from part, unnest($5::float8[], $6::timestamptz[]) as span(size, begins) where at >= begins group by 1, 2`,
    [
      workspaceId,
      names,
      iso(now - longest),
      until,
      [...windowsMs],
      windowsMs.map((ms) => iso(nextHour(now - ms))),
    ],
  );
  const edges = await readEdges(db, workspaceId, asked);
  return names.map((probe) => ({
    probe,
    days: days
      .filter((day) => day.probe === probe)
      .map(({ at, looks, good }) => ({ at: at.toISOString(), looks, good })),
    windows: windowsMs.map((windowMs) => {
      const those = [...whole, ...edges].filter((row) => row.probe === probe && row.windowMs === windowMs);
      return {
        windowMs,
        looks: those.reduce((sum, { looks }) => sum + looks, 0),
        good: those.reduce((sum, { good }) => sum + good, 0),
      };
    }),
  }));
}

/** A window seldom begins with an hour: the looks from its beginning to the next one, while they are kept. */
async function readEdges(
  db: Queryable,
  workspaceId: number,
  { probes, now, windowsMs }: Asked,
): Promise<(Tally & { readonly probe: string; readonly windowMs: number })[]> {
  return db.query(
    `select look.probe, size::float8 as "windowMs", count(*)::int as looks,
       count(*) filter (where look.status = 'healthy')::int as good
     from unnest($3::float8[], $4::timestamptz[], $5::timestamptz[]) as span(size, begins, ends)
     cross join unnest($2::text[]) named(probe)
     join kora.probe_result look on look.workspace_id = $1 and look.probe = named.probe
       and look.at >= span.begins and look.at < span.ends and look.status <> 'unconfigured'
     group by 1, 2`,
    [
      workspaceId,
      [...probes],
      [...windowsMs],
      windowsMs.map((ms) => iso(now - ms)),
      windowsMs.map((ms) => iso(Math.min(now + 1, nextHour(now - ms)))),
    ],
  );
}

function nextHour(at: number): number {
  return Math.ceil(at / hourMs) * hourMs;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
