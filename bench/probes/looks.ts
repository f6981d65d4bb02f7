import type { Gauges } from '../tickets/gauges.ts';

export interface LookFigures {
  /** So many were due in the time, by the cadence alone. */
  readonly due: number;
  readonly looks: number;
  readonly missed: number;
  readonly bad: number;
  /** From the instant that the schedule names to the beginning of the look. */
  readonly lateMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Between two looks at one probe. */
  readonly gapMs: { readonly p1: number; readonly p50: number; readonly p99: number; readonly max: number };
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

interface Asked {
  readonly from: string;
  readonly until: string;
  readonly probes: number;
  readonly everyMs: number;
}

/** What the store says of the looks of a time: counted rows, and the schedule's own instants. */
export async function readLooks(
  gauges: Gauges,
  { from, until, probes, everyMs }: Asked,
): Promise<LookFigures> {
  const within = `at >= '${from}'::timestamptz and at < '${until}'::timestamptz`;
  const [counted] = await gauges.query(
    `select count(*)::int as looks, count(*) filter (where status <> 'healthy')::int as bad,
       percentile_cont(array[0.5, 0.99]) within group (order by latency_ms) as latency,
       extract(epoch from '${until}'::timestamptz - '${from}'::timestamptz)::float8 as seconds
     from kora.probe_result where ${within}`,
  );
  const [gaps] = await gauges.query(
    `select percentile_cont(array[0.01, 0.5, 0.99, 1]) within group (order by gap) as gap from (
       select extract(epoch from at - lag(at) over (partition by probe order by at)) * 1000 as gap
       from kora.probe_result where ${within}) gaps where gap is not null`,
  );
  const [late] = await gauges.query(
    `select percentile_cont(array[0.5, 0.99, 1]) within group (order by late) as late from (
       select extract(epoch from look.at - due.scheduled_at) * 1000 as late
       from kora.occurrence due cross join lateral (
         select at from kora.probe_result look where look.workspace_id = due.workspace_id
           and look.probe = substr(due.task, 7) and look.at >= due.scheduled_at - interval '50 ms'
         order by at limit 1) look
       where due.task like 'probe.target-%' and due.scheduled_at >= '${from}'::timestamptz
         and due.scheduled_at < '${until}'::timestamptz) looks`,
  );
  const looks = Number(counted?.['looks']);
  const due = Math.floor((Number(counted?.['seconds']) * 1_000 * probes) / everyMs);
  const [p1 = 0, p50 = 0, p99 = 0, max = 0] = rounded(gaps?.['gap']);
  const [lateP50 = 0, lateP99 = 0, lateMax = 0] = rounded(late?.['late']);
  const [fast = 0, slow = 0] = rounded(counted?.['latency']);
  return {
    due,
    looks,
    missed: Math.max(0, due - looks),
    bad: Number(counted?.['bad']),
    lateMs: { p50: lateP50, p99: lateP99, max: lateMax },
    gapMs: { p1, p50, p99, max },
    latencyMs: { p50: fast, p99: slow },
  };
}

function rounded(values: unknown): readonly number[] {
  return Array.isArray(values) ? values.map((value) => Math.round(Number(value) * 10) / 10) : [];
}
