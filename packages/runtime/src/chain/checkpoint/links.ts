import type { Queryable } from '../../store/index.ts';
import { eventHash } from '../form.ts';
import type { HashedFields } from '../form.ts';
import { microseconds } from '../read.ts';
import { unproven } from './table.ts';

interface Row extends Omit<HashedFields, 'workspaceId'> {
  readonly bodyHash: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

const batchRows = 2_000;

/**
 * The hashes of the events after `from.seq` up to `to`, each recomputed from its row and following from the one before;
 * in constant memory. Bodies are not read: their hashes are among what is hashed, so a checkpoint over a changed body
 * hides nothing. Throws KORA_CHECKPOINT_UNPROVEN naming the first event that does not hold.
 */
export async function* provenHashes(
  db: Queryable,
  workspaceId: number,
  from: { readonly seq: number; readonly hash: Buffer },
  to: number,
): AsyncGenerator<Buffer> {
  let { seq, hash: previous } = from;
  while (seq < to) {
    const rows = await readRows(db, workspaceId, seq + 1, to);
    if (rows.length === 0) throw unproven(seq + 1, 'it is not there');
    for (const row of rows) {
      seq += 1;
      if (row.seq !== seq) throw unproven(seq, 'it is not there');
      if (!row.previous.equals(previous)) throw unproven(seq, 'it does not follow from the event before it');
      if (!eventHash({ ...row, workspaceId }, row.bodyHash, previous).equals(row.hash))
        throw unproven(seq, 'a field differs from its hash');
      previous = row.hash;
      yield row.hash;
    }
  }
}

function readRows(db: Queryable, workspaceId: number, from: number, to: number): Promise<Row[]> {
  return db.query<Row>(
    `select e.seq, e.event_id as "eventId", e.type, e.schema_version as "schemaVersion", e.actor_id as "actorId",
       e.runtime_id as "runtimeId", e.session_id as "sessionId", e.correlation_id as "correlationId",
       e.causation_id as "causationId", e.ticket_id as "ticketId", e.fence,
       ${microseconds('e.occurred_at')} as "occurredAt", e.body_hash as "bodyHash", e.prev_hash as previous, e.hash
     from kora.event e where workspace_id = $1 and seq between $2 and $3 order by seq limit ${batchRows}`,
    [workspaceId, from, to],
  );
}
