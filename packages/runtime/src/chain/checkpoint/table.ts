import { fault } from '../../fault/index.ts';
import type { Database, Queryable, Transaction } from '../../store/index.ts';
import { readCheckpoint } from './form.ts';
import type { Checkpoint, FoundCheckpoint } from './form.ts';
import { Frontier } from './merkle.ts';
import type { VerifierKey } from './note.ts';

/** A checkpoint of the table. */
export interface StoredCheckpoint extends FoundCheckpoint {
  /** Its place in the order in which they were made. */
  readonly number: number;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly ageMs: number;
  /** Undefined when what is stored does not belong to the note. */
  readonly frontier: Frontier | undefined;
}

interface Row {
  readonly number: number;
  readonly size: number;
  readonly frontier: Buffer;
  readonly root: Buffer;
  readonly eventHash: Buffer;
  readonly note: string;
  readonly signedBy: string;
  readonly createdAt: Date;
  readonly ageMs: number;
}

/** Whose checkpoints are read, and which keys count. */
export interface CheckpointScope {
  readonly workspaceId: number;
  readonly origin: string;
  readonly pinned: readonly VerifierKey[];
}

const columns = `number, size, root, event_hash as "eventHash", frontier, note, signed_by as "signedBy",
  created_at as "createdAt", (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 as "ageMs"`;
const pageRows = 200;
/** How far back a good one is looked for when the newest are not what a pinned key signed, or not on the chain. */
const searchedRows = 64;

/** The checkpoints made after number `after`, oldest first, each judged; in constant memory. */
export async function* storedCheckpoints(
  db: Queryable,
  scope: CheckpointScope,
  after = 0,
): AsyncGenerator<StoredCheckpoint> {
  for (let last = after; ; ) {
    const rows = await db.query<Row>(
      `select ${columns} from kora.checkpoint where workspace_id = $1 and number > $2 order by number limit ${pageRows}`,
      [scope.workspaceId, last],
    );
    for (const row of rows) yield judged(row, scope);
    const end = rows.at(-1);
    if (end === undefined || rows.length < pageRows) return;
    last = end.number;
  }
}

/** The newest checkpoint alone where it is good; where it is not, as many of the newest as may lead to one that is. */
export async function newestStored(db: Queryable, scope: CheckpointScope): Promise<StoredCheckpoint[]> {
  const [newest] = await newestRows(db, scope, { limit: 1 });
  if (newest === undefined || growable([newest]) !== undefined) return newest === undefined ? [] : [newest];
  return newestRows(db, scope);
}

/** The newest checkpoints, newest first; with `upTo` those up to that number. */
export async function newestRows(
  db: Queryable,
  scope: CheckpointScope,
  { limit = searchedRows, upTo }: { readonly limit?: number; readonly upTo?: number } = {},
): Promise<StoredCheckpoint[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.checkpoint where workspace_id = $1 and number <= coalesce($3, number)
     order by number desc limit $2`,
    [scope.workspaceId, limit, upTo ?? null],
  );
  return rows.map((row) => judged(row, scope));
}

/** The number of the last checkpoint that is no further than so many events; 0 when none is. */
export async function numberUpTo(db: Queryable, workspaceId: number, size: number): Promise<number> {
  const [row] = await db.query<{ readonly number: number }>(
    'select coalesce(max(number), 0) as number from kora.checkpoint where workspace_id = $1 and size <= $2',
    [workspaceId, size],
  );
  return row?.number ?? 0;
}

/** The number of the checkpoint with exactly this note; 0 when the table has none. */
export async function numberOfNote(db: Queryable, workspaceId: number, found: Checkpoint): Promise<number> {
  const [row] = await db.query<{ readonly number: number }>(
    'select number from kora.checkpoint where workspace_id = $1 and size = $2 and root = $3',
    [workspaceId, found.size, found.root],
  );
  return row?.number ?? 0;
}

/**
 * Keeps a checkpoint, unless another runtime was faster since `base` was read: then false, and theirs is as good.
 * `first` runs in the same transaction when another key signed all checkpoints before.
 */
export function storeCheckpoint(
  database: Database,
  workspaceId: number,
  made: Checkpoint & {
    readonly frontier: Frontier;
    readonly note: string;
    readonly signedBy: string;
    readonly base: number;
  },
  first: (tx: Transaction, before: string) => Promise<void>,
): Promise<boolean> {
  const { size, root, eventHash, frontier, note, signedBy, base } = made;
  return database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(hashtextextended('checkpoint', $1))`, [workspaceId]);
    const [newest] = await tx.query<{ readonly number: number; readonly signedBy: string; known: boolean }>(
      `select number, signed_by as "signedBy",
         exists (select from kora.checkpoint where workspace_id = $1 and signed_by = $2) as known
       from kora.checkpoint where workspace_id = $1 order by number desc limit 1`,
      [workspaceId, signedBy],
    );
    if ((newest?.number ?? 0) !== base) return false;
    const [kept] = await tx.query(
      `insert into kora.checkpoint (workspace_id, size, root, event_hash, frontier, note, signed_by)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning number`,
      [workspaceId, size, root, eventHash, frontier.encode(), note, signedBy],
    );
    if (kept === undefined) return false;
    if (newest !== undefined && !newest.known) await first(tx, newest.signedBy);
    return true;
  });
}

/** What the columns say counts only as far as the signed note says it too. */
function judged(row: Row, { origin, pinned }: CheckpointScope): StoredCheckpoint {
  const { number, note, size, root, eventHash } = row;
  const said = readCheckpoint(note, origin, pinned);
  const fits =
    said !== undefined &&
    said.size === size &&
    said.root.equals(root) &&
    said.eventHash.equals(eventHash) &&
    said.signedBy === row.signedBy;
  const frontier = Frontier.decode(size, row.frontier);
  return {
    number,
    size,
    root,
    eventHash,
    note,
    signedBy: row.signedBy,
    verdict: fits ? said.verdict : 'bad_signature',
    createdAt: row.createdAt.toISOString(),
    ageMs: row.ageMs,
    frontier: frontier?.root().equals(root) === true ? frontier : undefined,
  };
}

/** The newest checkpoint that can be grown: signed by a pinned key, with the edge of the tree that it states. */
export function growable(newest: readonly StoredCheckpoint[]): StoredCheckpoint | undefined {
  return newest.find(({ verdict, frontier }) => verdict === 'valid' && frontier !== undefined);
}

/** The error of events that do not prove. */
export function unproven(seq: number, why: string): Error {
  return fault('KORA_CHECKPOINT_UNPROVEN', `event #${seq} does not prove: ${why}; nothing was signed`, {
    fix: 'kora event verify',
    details: { seq },
  });
}
