import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import type { KeptSnapshot, Snapshot } from './contract.ts';

/** Hours that a snapshot is kept. */
const keptHours = 24;

/** Writes one down and forgets those of this workspace that are over. */
export async function keepSnapshot(db: Queryable, workspaceId: number, snapshot: Snapshot): Promise<void> {
  await db.query(
    `with over as (delete from kora.snapshot where workspace_id = $1
       and computed_at < clock_timestamp() - interval '${keptHours} hours')
     insert into kora.snapshot (workspace_id, runtime_id, schema_version, computed_at, body) values ($1, $2, $3, $4, $5)`,
    [
      workspaceId,
      snapshot.runtime_id,
      snapshot.schema_version,
      snapshot.computed_at,
      JSON.stringify(snapshot),
    ],
  );
}

/** Newest first. */
export async function keptSnapshots(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<KeptSnapshot[]> {
  return db.query<KeptSnapshot>(
    `select snapshot_id as "snapshotId", body as snapshot from kora.snapshot where workspace_id = $1
     order by computed_at desc, snapshot_id desc limit $2`,
    [workspaceId, limit],
  );
}

/** What one kept snapshot says of the tickets, and until when it counts. */
export interface TicketSample {
  /** ISO 8601: the end of its part of the window. */
  readonly at: string;
  /** As the snapshot has it; null where none was taken in that part, or its tickets could not be read. */
  readonly tickets: unknown;
}

/**
 * The last of the kept snapshots in each half hour of the last day, oldest first: as many looks at the index as there are
 * half hours, however many snapshots a fleet keeps.
 */
export async function ticketSamples(db: Queryable, workspaceId: number): Promise<TicketSample[]> {
  return db.query<TicketSample>(
    `select to_char(part.upto at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, taken.tickets
     from generate_series(date_bin('30 minutes', clock_timestamp(), 'epoch') - interval '23 hours 30 minutes',
       date_bin('30 minutes', clock_timestamp(), 'epoch') + interval '30 minutes', interval '30 minutes') as part(upto)
     left join lateral (select body -> 'tickets' as tickets from kora.snapshot
       where workspace_id = $1 and computed_at >= part.upto - interval '30 minutes' and computed_at < part.upto
       order by computed_at desc, snapshot_id desc limit 1) taken on true
     order by part.upto`,
    [workspaceId],
  );
}

/** Throws KORA_NOT_FOUND. */
export async function keptSnapshot(
  db: Queryable,
  workspaceId: number,
  snapshotId: number,
): Promise<KeptSnapshot> {
  const [found] = await db.query<KeptSnapshot>(
    `select snapshot_id as "snapshotId", body as snapshot from kora.snapshot
     where workspace_id = $1 and snapshot_id = $2`,
    [workspaceId, snapshotId],
  );
  if (found === undefined)
    throw fault(
      'KORA_NOT_FOUND',
      `there is no snapshot ${snapshotId}; they are kept for ${keptHours} hours`,
      {
        fix: 'kora snapshot --history',
      },
    );
  return found;
}
