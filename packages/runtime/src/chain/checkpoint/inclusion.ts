import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { inclusionRanges, subtreeRoots } from './proof.ts';
import type { StoredCheckpoint } from './table.ts';

/** That one event is among those a checkpoint signed, for whoever has neither database nor home. */
export interface InclusionProof {
  readonly seq: number;
  /** Base64; the leaf of the tree. */
  readonly eventHash: string;
  /** The hashes beside the way from the leaf to the root, lowest first, in base64 (RFC 6962). */
  readonly path: readonly string[];
  /** The signed checkpoint that has the root. */
  readonly note: string;
}

const batchRows = 10_000;

/** Proves an event by a checkpoint, in one pass over the hashes before it. Throws KORA_NOT_FOUND when it does not cover it. */
export async function proveInclusion(
  db: Queryable,
  workspaceId: number,
  seq: number,
  checkpoint: StoredCheckpoint | undefined,
): Promise<InclusionProof> {
  if (checkpoint === undefined || seq < 1 || seq > checkpoint.size) {
    throw fault('KORA_NOT_FOUND', `no checkpoint covers event #${seq} yet`, { fix: 'kora event tail' });
  }
  const { size, note } = checkpoint;
  const hashes = new Leaves(db, workspaceId, size, seq);
  // The leaf's own place is asked for too, so that the pass reaches it where every step of the path lies before it.
  const path = await subtreeRoots([...inclusionRanges(seq - 1, size), [seq - 1, seq]], hashes.all());
  if (path === undefined || hashes.wanted === undefined) {
    throw fault('KORA_NOT_FOUND', `events before #${size} are no longer in the store`, {
      fix: 'verify the export that was made when they were pruned',
    });
  }
  return {
    seq,
    eventHash: hashes.wanted.toString('base64'),
    path: path.slice(0, -1).map((hash) => hash.toString('base64')),
    note,
  };
}

/** The hashes of events 1 to `size`, in order and without a gap; keeps the one that is wanted as it goes by. */
class Leaves {
  wanted: Buffer | undefined;
  readonly #read: (after: number) => Promise<{ readonly seq: number; readonly hash: Buffer }[]>;
  readonly #seq: number;

  constructor(db: Queryable, workspaceId: number, size: number, seq: number) {
    this.#seq = seq;
    this.#read = (after) =>
      db.query(
        `select seq, hash from kora.event where workspace_id = $1 and seq > $2 and seq <= $3
         order by seq limit ${batchRows}`,
        [workspaceId, after, size],
      );
  }

  async *all(): AsyncGenerator<Buffer> {
    for (let last = 0; ; ) {
      const rows = await this.#read(last);
      if (rows.length === 0) return;
      for (const { seq, hash } of rows) {
        if (seq !== last + 1) return;
        last = seq;
        if (seq === this.#seq) this.wanted = hash;
        yield hash;
      }
    }
  }
}
