import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import type { DenyCause, Door } from './contract.ts';
import { admissionRefused } from './events.ts';
import type { RefusalSink, Refused } from './ports.ts';

export interface RefusalBookOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

interface Entry extends Refused {
  /** By the monotonic clock. */
  readonly first: number;
  last: number;
  count: number;
}

const flushEveryMs = 1_000;
const minuteMs = 60_000;
/** Who floods the door with new names is counted under one. */
const mostEntries = 1_000;
const theRest = 'others';

/**
 * Counts refusals in memory and writes them about once a second: one row a minute for each door, cause and caller, and
 * one event when that row is first written, with the count so far. While the store is away the counts wait, with their
 * own times.
 */
export class RefusalBook implements RefusalSink {
  readonly #options: RefusalBookOptions;
  #entries: Entry[] = [];
  readonly #current = new Map<string, Entry>();
  #flushing: Promise<void> = Promise.resolve();

  constructor(options: RefusalBookOptions) {
    this.#options = options;
  }

  refused({ door, cause, caller }: Refused): void {
    const now = this.#options.clock.monotonic();
    const who = this.#entries.length < mostEntries ? caller : theRest;
    const key = `${door} ${cause} ${who}`;
    const current = this.#current.get(key);
    if (current !== undefined && now - current.first < minuteMs) {
      current.count += 1;
      current.last = now;
      return;
    }
    const entry: Entry = { door, cause, caller: who, first: now, last: now, count: 1 };
    this.#current.set(key, entry);
    this.#entries.push(entry);
  }

  /** Writes what was counted, once a second until aborted, and then once more. */
  async run(signal: AbortSignal): Promise<void> {
    while (await this.#options.clock.sleep(flushEveryMs, signal)) await this.#try();
    await this.#try();
  }

  /** Writes what was counted so far; when the store refuses, it goes on being counted. */
  flush(): Promise<void> {
    const flushed = this.#flushing.then(() => this.#flush());
    this.#flushing = flushed.catch(() => undefined);
    return flushed;
  }

  async #try(): Promise<void> {
    await this.flush().catch((error: unknown) => this.#options.onError('refusals', error));
  }

  async #flush(): Promise<void> {
    const entries = this.#entries;
    if (entries.length === 0) return;
    this.#entries = [];
    this.#current.clear();
    try {
      await this.#options.database.transaction((tx) => this.#write(tx, entries));
    } catch (error) {
      this.#entries = [...entries, ...this.#entries];
      throw error;
    }
  }

  async #write(tx: Transaction, entries: readonly Entry[]): Promise<void> {
    const { workspaceId, runtimeId, clock, stage } = this.#options;
    const now = clock.monotonic();
    const rows = await tx.query<Written>(writeStatement, [
      workspaceId,
      runtimeId,
      entries.map(({ door }) => door),
      entries.map(({ cause }) => cause),
      entries.map(({ caller }) => caller),
      entries.map(({ count }) => count),
      entries.map(({ first }) => (now - first) / 1_000),
      entries.map(({ last }) => (now - last) / 1_000),
    ]);
    const fresh = rows.filter(({ isNew }) => isNew);
    await stage(
      tx,
      fresh.map(({ door, cause, caller, minute, count }) =>
        draft(admissionRefused, {
          door,
          cause,
          caller,
          runtime_id: runtimeId,
          minute: minute.toISOString(),
          count,
        }),
      ),
    );
  }
}

interface Written {
  readonly door: string;
  readonly cause: string;
  readonly caller: string;
  readonly minute: Date;
  readonly count: number;
  readonly isNew: boolean;
}

/** Ages become times of the database's clock; entries of one minute are one row. */
const writeStatement = `
  with told as (
    select door, cause, caller, count, clock_timestamp() - make_interval(secs => first_age) as first_at,
      clock_timestamp() - make_interval(secs => last_age) as last_at
    from unnest($3::text[], $4::text[], $5::text[], $6::bigint[], $7::float8[], $8::float8[])
      as entry(door, cause, caller, count, first_age, last_age)),
  minutes as (
    select date_trunc('minute', first_at) as minute, door, cause, caller, sum(count)::bigint as count,
      min(first_at) as first_at, greatest(max(last_at), min(first_at)) as last_at
    from told group by 1, 2, 3, 4)
  insert into kora.refusal as r (workspace_id, runtime_id, minute, door, cause, caller, count, first_at, last_at)
  select $1, $2, minute, door, cause, caller, count, first_at, last_at from minutes
  on conflict (workspace_id, runtime_id, minute, door, cause, caller) do update set
    count = r.count + excluded.count, first_at = least(r.first_at, excluded.first_at),
    last_at = greatest(r.last_at, excluded.last_at)
  returning door, cause, caller, minute, count, xmax = 0 as "isNew"`;

export interface RefusalQuery {
  readonly workspaceId: number;
  readonly runtimeId: string;
  /** ISO 8601 by the database's clock. */
  readonly since: string;
  /** Left out, all of them. */
  readonly doors?: readonly Door[];
}

/**
 * How many refusals a runtime wrote down since a time. A minute's row that had begun before counts as one, since how
 * many of it came after is not kept: the answer may be too small by that and is never too large.
 */
export async function countRefusals(db: Queryable, query: RefusalQuery): Promise<number> {
  const { workspaceId, runtimeId, since, doors } = query;
  const [counted] = await db.query<{ count: number }>(
    `select coalesce(sum(case when first_at >= $3::timestamptz then count else 1 end), 0)::bigint as count
     from kora.refusal
     where workspace_id = $1 and runtime_id = $2 and last_at >= $3::timestamptz
       and minute >= $3::timestamptz - interval '3 minutes' and ($4::text[] is null or door = any($4))`,
    [workspaceId, runtimeId, since, doors ?? null],
  );
  return counted?.count ?? 0;
}

export interface RefusalCount {
  readonly cause: DenyCause;
  readonly caller: string;
  readonly count: number;
}

/**
 * What the door of every runtime refused for these causes in the last `windowMs` milliseconds, by cause and caller; what
 * was refused most first, at most 100. To the minute.
 */
export function refusalsFor(
  db: Queryable,
  workspaceId: number,
  { causes, windowMs }: { readonly causes: readonly DenyCause[]; readonly windowMs: number },
): Promise<RefusalCount[]> {
  return db.query<RefusalCount>(
    `select cause, caller, sum(count)::int8 as count from kora.refusal
     where workspace_id = $1 and last_at > (select clock_timestamp() - make_interval(secs => $2)) and cause = any($3)
     group by 1, 2 order by count desc, cause, caller limit 100`,
    [workspaceId, windowMs / 1_000, causes],
  );
}

/** Forgets refusals older than so many days; the event log keeps that there were some. */
export async function pruneRefusals(db: Queryable, workspaceId: number, keepDays: number): Promise<void> {
  await db.query(
    `delete from kora.refusal
     where workspace_id = $1 and last_at < clock_timestamp() - make_interval(days => $2)`,
    [workspaceId, keepDays],
  );
}
