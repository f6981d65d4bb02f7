import type { Queryable } from '../../store/index.ts';
import { readHead } from '../read.ts';
import type { Checkpoint } from './form.ts';

/** A signed checkpoint, and which place still knows it. */
export interface Evidence extends Pick<Checkpoint, 'size' | 'eventHash'> {
  readonly source: string;
}

/** The chain no longer has what was signed. */
export interface Rewinding extends Evidence {
  readonly headSeq: number;
  /** `behind`: the head is before the checkpoint. `other_hash`: another event stands at its place. */
  readonly problem: 'behind' | 'other_hash';
}

/**
 * Holds the chain against what was signed; answers the first checkpoint that it no longer has. The evidence must have
 * been read before this looks at the head: a checkpoint that another runtime makes meanwhile is ahead of an older look.
 */
export async function findRewinding(
  db: Queryable,
  workspaceId: number,
  evidence: readonly Evidence[],
): Promise<Rewinding | undefined> {
  const head = await readHead(db, workspaceId);
  for (const known of evidence) {
    if (known.size > head.seq) return { ...known, headSeq: head.seq, problem: 'behind' };
    const hash =
      known.size === head.seq ? Buffer.from(head.hash, 'hex') : await hashAt(db, workspaceId, known.size);
    // Pruned or missing: that is for verification to say, and no sign that the head was moved.
    if (hash !== undefined && !hash.equals(known.eventHash))
      return { ...known, headSeq: head.seq, problem: 'other_hash' };
  }
  return undefined;
}

/** The hash of an event, or what the event after it says it was. */
async function hashAt(db: Queryable, workspaceId: number, seq: number): Promise<Buffer | undefined> {
  const rows = await db.query<{ readonly seq: number; readonly hash: Buffer; readonly previous: Buffer }>(
    `select seq, hash, prev_hash as previous from kora.event
     where workspace_id = $1 and seq between $2::bigint and $2::bigint + 1 order by seq`,
    [workspaceId, seq],
  );
  const [row] = rows;
  return row?.seq === seq ? row.hash : row?.previous;
}
