import type { Queryable } from '../../store/index.ts';
import { bucketSql, merged, percentilesOf } from './digest.ts';
import type { Digest, Percentiles } from './digest.ts';
import { watchedProbes } from './looks.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How long each grain is kept. Looks themselves are kept for 48 hours. */
const keptMs = { minute: 14 * dayMs, hour: 400 * dayMs } as const;
type Grain = keyof typeof keptMs;

/** Looks are read one by one as far back as this; an hour less than they are kept. */
const looksMs = 47 * hourMs;
/** A look is kept under the time it began and may take ten minutes: what is younger is not summed up yet. */
const settlesMs = 15 * 60_000;

/** A stretch of time at one probe, over all runtimes that look at it. */
export interface Span extends Percentiles {
  /** When it begins, ISO 8601. */
  readonly at: string;
  /** Looks that were made; unconfigured ones made none. */
  readonly looks: number;
  readonly good: number;
}

/** How a probe was over the last so many milliseconds. */
export interface Availability extends Percentiles {
  readonly windowMs: number;
  readonly looks: number;
  readonly good: number;
  /** The share of good looks, 0 to 1; null when none was made. */
  readonly availability: number | null;
}

interface Part {
  readonly at: Date;
  readonly looks: number;
  readonly good: number;
  readonly latencies: Digest;
}

/** The looks at probe `$4` from `$2` to `$3`, summed up in parts. */
function partsOfLooks(width: string): string {
  return `
    with looks as (
      select ${width} as at, status, latency_ms from kora.probe_result
      where workspace_id = $1 and probe = $4 and at >= $2::timestamptz and at < $3::timestamptz
        and status <> 'unconfigured'),
    counted as (
      select at, count(*)::int as looks, count(*) filter (where status = 'healthy')::int as good
      from looks group by at),
    digests as (
      select at, jsonb_object_agg(bucket, met) as latencies from (
        select at, ${bucketSql('latency_ms')} as bucket, count(*) as met from looks
        where latency_ms is not null group by 1, 2) buckets group by at)
    select at, looks, good, coalesce(latencies, '{}') as latencies from counted left join digests using (at)
    order by at`;
}

interface Stretch {
  readonly probe: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
  readonly widthMs: number;
}

/** How a probe was in a time, in parts of `widthMs`, oldest first; parts in which nobody looked are left out. */
export async function readSpans(db: Queryable, workspaceId: number, asked: Stretch): Promise<Span[]> {
  const parts = await readParts(db, workspaceId, asked);
  const byStart = new Map<number, Part[]>();
  for (const part of parts) {
    const begins = asked.from + Math.floor((part.at.getTime() - asked.from) / asked.widthMs) * asked.widthMs;
    const start = Math.max(asked.from, begins);
    byStart.set(start, [...(byStart.get(start) ?? []), part]);
  }
  return [...byStart]
    .toSorted(([a], [b]) => a - b)
    .map(([start, those]) => ({ at: new Date(start).toISOString(), ...summed(those) }));
}

/** How a probe was over each of these windows, up to now. */
export async function availability(
  db: Queryable,
  workspaceId: number,
  asked: { readonly probe: string; readonly now: number; readonly windowsMs: readonly number[] },
): Promise<Availability[]> {
  const found: Availability[] = [];
  for (const windowMs of asked.windowsMs) {
    // A look of this very instant counts.
    const stretch = {
      probe: asked.probe,
      from: asked.now - windowMs,
      until: asked.now + 1,
      widthMs: windowMs + 1,
    };
    const whole = summed(await readParts(db, workspaceId, stretch));
    found.push({ windowMs, ...whole, availability: whole.looks === 0 ? null : whole.good / whole.looks });
  }
  return found;
}

/** From looks while they are there, else from what they were summed up to, and the looks since. */
async function readParts(db: Queryable, workspaceId: number, asked: Stretch): Promise<Part[]> {
  const { probe, from, until, widthMs } = asked;
  const length = until - from;
  if (length <= looksMs) return readLooks(db, workspaceId, asked);
  const grain: Grain = length <= keptMs.minute && widthMs < hourMs ? 'minute' : 'hour';
  const upTo = await summedUpTo(db, workspaceId, { probe, grain });
  const spans = await db.query<Part>(
    `select at, looks, good, latencies from kora.probe_span
     where workspace_id = $1 and probe = $2 and grain = $3 and at >= $4::timestamptz and at < $5::timestamptz
     order by at`,
    [workspaceId, probe, grain, iso(from), iso(until)],
  );
  const since = Math.max(from, upTo ?? from);
  return [...spans, ...(await readLooks(db, workspaceId, { ...asked, from: since }))];
}

/** Summed up by the store, so that a day of looks is not read one by one. */
async function readLooks(
  db: Queryable,
  workspaceId: number,
  { probe, from, until, widthMs }: Stretch,
): Promise<Part[]> {
  if (until <= from) return [];
  const width = `date_bin(make_interval(secs => $5), at, $2::timestamptz)`;
  return db.query<Part>(partsOfLooks(width), [
    workspaceId,
    iso(from),
    iso(until),
    probe,
    Math.max(1, widthMs) / 1_000,
  ]);
}

async function summedUpTo(
  db: Queryable,
  workspaceId: number,
  { probe, grain }: { readonly probe: string; readonly grain: Grain },
): Promise<number | undefined> {
  const [row] = await db.query<{ upTo: Date }>(
    `select up_to as "upTo" from kora.probe_summed where workspace_id = $1 and probe = $2 and grain = $3`,
    [workspaceId, probe, grain],
  );
  return row?.upTo.getTime();
}

/**
 * Sums looks up to minutes and hours, before they are forgotten. Each probe and grain is one statement; one that was
 * summed up before is left as it is, so that two runtimes may do it at once.
 */
export async function sumUpLooks(
  db: Queryable,
  workspaceId: number,
  { now, signal }: { readonly now: number; readonly signal?: AbortSignal },
): Promise<void> {
  const probes = await watchedProbes(db, workspaceId);
  for (const probe of probes) {
    for (const grain of ['minute', 'hour'] as const) {
      if (signal?.aborted === true) return;
      await sumUp(db, workspaceId, { probe, grain, settled: now - settlesMs });
    }
  }
}

async function sumUp(
  db: Queryable,
  workspaceId: number,
  { probe, grain, settled }: { readonly probe: string; readonly grain: Grain; readonly settled: number },
): Promise<void> {
  const upTo = await summedUpTo(db, workspaceId, { probe, grain });
  const width = grain === 'minute' ? 60_000 : hourMs;
  const until = Math.floor(settled / width) * width;
  if (upTo !== undefined && upTo >= until) return;
  await db.query(
    `with looks as (
       select runtime_id, date_trunc($3, at, 'UTC') as at, status, latency_ms from kora.probe_result
       where workspace_id = $1 and probe = $2 and at >= coalesce($4::timestamptz, '-infinity')
         and at < $5::timestamptz and status <> 'unconfigured'),
     counted as (
       select runtime_id, at, count(*)::int as looks, count(*) filter (where status = 'healthy')::int as good
       from looks group by runtime_id, at),
     digests as (
       select runtime_id, at, jsonb_object_agg(bucket, met) as latencies from (
         select runtime_id, at, ${bucketSql('latency_ms')} as bucket, count(*) as met from looks
         where latency_ms is not null group by 1, 2, 3) buckets group by runtime_id, at),
     kept as (
       insert into kora.probe_span (workspace_id, probe, grain, at, runtime_id, looks, good, latencies)
       select $1, $2, $3, at, runtime_id, looks, good, coalesce(latencies, '{}')
       from counted left join digests using (runtime_id, at)
       on conflict do nothing)
     insert into kora.probe_summed (workspace_id, probe, grain, up_to) values ($1, $2, $3, $5)
     on conflict (workspace_id, probe, grain) do update set up_to = greatest(probe_summed.up_to, excluded.up_to)`,
    [workspaceId, probe, grain, upTo === undefined ? null : iso(upTo), iso(until)],
  );
}

/** Forgets minutes after 14 days and hours after 400. */
export async function pruneSpans(
  db: Queryable,
  workspaceId: number,
  { now, signal }: { readonly now: number; readonly signal?: AbortSignal },
): Promise<void> {
  const summedProbes = await db.query<{ probe: string }>(
    'select distinct probe from kora.probe_summed where workspace_id = $1',
    [workspaceId],
  );
  for (const { probe } of summedProbes) {
    for (const grain of ['minute', 'hour'] as const) {
      if (signal?.aborted === true) return;
      await db.query(
        'delete from kora.probe_span where workspace_id = $1 and probe = $2 and grain = $3 and at < $4::timestamptz',
        [workspaceId, probe, grain, iso(now - keptMs[grain])],
      );
    }
  }
}

function summed(parts: readonly Part[]): Omit<Span, 'at'> {
  return {
    looks: parts.reduce((sum, { looks }) => sum + looks, 0),
    good: parts.reduce((sum, { good }) => sum + good, 0),
    ...percentilesOf(merged(parts.map(({ latencies }) => latencies))),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
