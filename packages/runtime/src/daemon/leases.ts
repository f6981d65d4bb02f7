import type { Database } from '../store/index.ts';

export interface LeaseAsk {
  readonly daemon: string;
  readonly leaseMs: number;
  /** That we hold it under; 0 when we do not. */
  readonly fence: number;
}

export interface LeaseAnswer {
  readonly daemon: string;
  /** Taken or renewed just now. */
  readonly ours: boolean;
  readonly fence: number;
  /** The runtime that holds it, or held it last. */
  readonly holder: string | null;
  /** The runtime it was taken from; null when it was ours, or nobody's yet. */
  readonly takenFrom: string | null;
}

/** Where the leases of fleet daemons stand. */
export interface LeaseStore {
  /** Takes what is free and renews what is held, in one statement. Answers about all that were asked for. */
  hold(asks: readonly LeaseAsk[]): Promise<LeaseAnswer[]>;
  /** Gives one back, so that another runtime need not wait for its end. */
  release(daemon: string, fence: number): Promise<void>;
}

interface Owner {
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly sessionId: string;
}

/**
 * The lease rows as one runtime may write them, by the database's clock. Whoever takes one raises its fence; a renewal names
 * the fence that it renews, and one that has lapsed is not renewed any more.
 */
export class DaemonLeases implements LeaseStore {
  readonly #database: Database;
  readonly #owner: Owner;
  readonly #made = new Set<string>();

  constructor(database: Database, owner: Owner) {
    this.#database = database;
    this.#owner = owner;
  }

  async hold(asks: readonly LeaseAsk[]): Promise<LeaseAnswer[]> {
    const { workspaceId, runtimeId, sessionId } = this.#owner;
    const names = asks.map(({ daemon }) => daemon);
    await this.#make(names);
    return this.#database.query<LeaseAnswer>(
      `with ask as (
         select * from unnest($2::text[], $3::float8[], $4::bigint[]) as ask(daemon, lease_ms, fence)
       ), free as (
         select l.daemon, nullif(l.holder_runtime, $6) as was, ask.lease_ms, ask.fence = 0 as fresh
         from kora.daemon_lease l join ask on ask.daemon = l.daemon
         where l.workspace_id = $1
           and case when ask.fence = 0
             -- An earlier session of this runtime is dead: a home has one process.
             then l.holder is null or l.holder = $5 or l.holder_runtime = $6 or l.held_until < clock_timestamp()
             else l.holder = $5 and l.fence = ask.fence and l.held_until >= clock_timestamp() end
         order by l.daemon for update of l
       ), taken as (
         update kora.daemon_lease l
         set holder = $5, holder_runtime = $6,
           held_until = clock_timestamp() + make_interval(secs => free.lease_ms / 1000),
           fence = l.fence + case when free.fresh then 1 else 0 end,
           taken_at = case when free.fresh then clock_timestamp() else l.taken_at end
         from free where l.workspace_id = $1 and l.daemon = free.daemon
         returning l.daemon, l.fence, l.holder_runtime, case when free.fresh then free.was end as was
       )
       select l.daemon, t.daemon is not null as ours, coalesce(t.fence, l.fence) as fence,
         coalesce(t.holder_runtime, l.holder_runtime)::text as holder, t.was::text as "takenFrom"
       from kora.daemon_lease l left join taken t on t.daemon = l.daemon
       where l.workspace_id = $1 and l.daemon = any($2)`,
      [
        workspaceId,
        names,
        asks.map(({ leaseMs }) => leaseMs),
        asks.map(({ fence }) => fence),
        sessionId,
        runtimeId,
      ],
    );
  }

  async release(daemon: string, fence: number): Promise<void> {
    const { workspaceId, sessionId } = this.#owner;
    await this.#database.query(
      `update kora.daemon_lease set holder = null, held_until = null
       where workspace_id = $1 and daemon = $2 and holder = $3 and fence = $4`,
      [workspaceId, daemon, sessionId, fence],
    );
  }

  /** Rows stay for good: a fence that began anew would let an old one through. */
  async #make(names: readonly string[]): Promise<void> {
    const missing = names.filter((name) => !this.#made.has(name));
    if (missing.length === 0) return;
    await this.#database.query(
      `insert into kora.daemon_lease (workspace_id, daemon) select $1, unnest($2::text[]) on conflict do nothing`,
      [this.#owner.workspaceId, missing],
    );
    for (const name of missing) this.#made.add(name);
  }
}
