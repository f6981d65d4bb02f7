import { fault } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import { canonicalJson } from '../canonical.ts';
import { chainPruned } from '../events.ts';
import type { ChainOwner } from '../seal/stage.ts';
import { draft } from '../vocabulary.ts';
import type { Vocabulary } from '../vocabulary.ts';

export interface Pruning {
  /** The last event that goes. */
  readonly upto: number;
  /** The file that has what goes: its range, and its SHA-256 as 64 hexadecimal digits. */
  readonly exported: { readonly from: number; readonly to: number; readonly sha256: string };
  readonly reason: string;
  readonly actorId?: string;
  /** The newest checkpoint whose signature was checked: its size, and the hash of the event it ends with. */
  readonly newestCheckpoint: () => Promise<{ readonly size: number; readonly hash: string } | undefined>;
  /** Told after every batch how many events this run has removed. */
  readonly onProgress?: (removed: number) => void;
  /** Ends between two batches; the next run goes on. */
  readonly signal?: AbortSignal;
  /** Events a batch removes; each is one transaction. Default 5,000. */
  readonly batchEvents?: number;
}

export interface PruneOptions extends Pruning {
  readonly database: Database;
  readonly owner: ChainOwner;
  readonly vocabulary: Vocabulary;
}

export interface Pruned {
  readonly upto: number;
  /** Events that this run removed row by row. */
  readonly removed: number;
  /** Partitions that it dropped whole. */
  readonly partitions: number;
  /** False when it was called off; run it again. */
  readonly done: boolean;
}

type Outcome = 'pruning' | 'already' | 'beyond_head' | 'no_checkpoint' | 'consumer' | 'parked';

/**
 * Removes a workspace's events up to one that a signed checkpoint covers and an export has. First the event that says so
 * and the row where verification begins from now on, in one transaction; then whole partitions, then rows in batches. A
 * run that ended early is finished by the same call. Throws KORA_PRUNE_REFUSED naming what is in the way: no checkpoint,
 * no export, a consumer that has yet to read, a parked event.
 */
export async function pruneChain(options: PruneOptions): Promise<Pruned> {
  const { database, owner, upto, signal, onProgress, batchEvents = 5_000 } = options;
  await begin(options);
  const [dropped] = await database.query<{ partitions: number }>(
    'select kora.prune_partitions() as partitions',
  );
  let removed = 0;
  for (;;) {
    if (signal?.aborted === true) return { upto, removed, partitions: dropped?.partitions ?? 0, done: false };
    const [batch] = await database.query<{ count: number }>('select kora.prune_rows($1, $2) as count', [
      owner.workspaceId,
      batchEvents,
    ]);
    const count = batch?.count ?? 0;
    if (count === 0) return { upto, removed, partitions: dropped?.partitions ?? 0, done: true };
    removed += count;
    onProgress?.(removed);
  }
}

async function begin(options: PruneOptions): Promise<void> {
  const { database, owner, vocabulary, upto, reason } = options;
  if (!Number.isSafeInteger(upto) || upto < 1) throw refused(upto, 'it is no sequence');
  const { workspaceId } = owner;
  const [point] = await database.query<{ pruned: number; hash: string | null; head: number }>(
    `select coalesce((select max(upto_seq) from kora.pruned where workspace_id = $1), 0) as pruned,
       (select encode(hash, 'hex') from kora.event where workspace_id = $1 and seq = $2) as hash,
       coalesce((select seq from kora.chain_head where workspace_id = $1), 0) as head`,
    [workspaceId, upto],
  );
  const { pruned = 0, hash = null, head = 0 } = point ?? {};
  if (pruned >= upto) return;
  if (hash === null) throw refused(upto, `the chain ends with event ${head}`);
  const size = await checkpointed(options);
  checkExport(options, pruned);
  await checkReaders(options);
  const event = draft(chainPruned, {
    upto,
    hash,
    export_sha256: options.exported.sha256,
    checkpoint_size: size,
    reason,
  });
  const { version, payload } = vocabulary.parse(event);
  const actor = vocabulary.text(options.actorId ?? owner.actorId);
  const [row] = await database.query<{ outcome: Outcome }>(
    'select kora.prune_begin($1, $2, $3, $4, $5, $6, $7, $8) as outcome',
    [workspaceId, upto, size, actor, owner.runtimeId, owner.sessionId, version, canonicalJson(payload)],
  );
  if (row?.outcome === 'pruning' || row?.outcome === 'already') return;
  // Somebody came in the way between the look and the statement: the look says who.
  await checkReaders(options);
  throw refused(upto, `the store answers ${row?.outcome ?? 'nothing'}`);
}

/** The size of the newest checkpoint, which covers what goes and ends with the event that is there. */
async function checkpointed({ database, owner, upto, newestCheckpoint }: PruneOptions): Promise<number> {
  const checkpoint = await newestCheckpoint();
  if (checkpoint === undefined || checkpoint.size < upto) {
    const covered =
      checkpoint === undefined ? 'there is none' : `the newest covers ${checkpoint.size} events`;
    throw refused(upto, `no signed checkpoint covers it: ${covered}`, {
      fix: 'kora event checkpoint --now',
      details: { checkpoint: checkpoint?.size ?? 0 },
    });
  }
  const [row] = await database.query<{ hash: string }>(
    `select encode(hash, 'hex') as hash from kora.event where workspace_id = $1 and seq = $2`,
    [owner.workspaceId, checkpoint.size],
  );
  if (row?.hash !== checkpoint.hash)
    throw refused(upto, `event ${checkpoint.size} is not the one that its checkpoint signed`);
  return checkpoint.size;
}

function checkExport({ upto, exported }: PruneOptions, pruned: number): void {
  if (exported.from <= pruned + 1 && exported.to >= upto) return;
  const has = `the export has events ${exported.from} to ${exported.to}`;
  throw refused(upto, `${has}, and ${pruned + 1} to ${upto} would go`, {
    fix: 'kora event export --out <a new file>',
  });
}

/** Nobody may find that what it has yet to read, or to try again, is gone. */
async function checkReaders({ database, owner, upto }: PruneOptions): Promise<void> {
  const behind = await database.query<{ consumer: string; cursor: number }>(
    'select consumer, cursor from kora.subscription where workspace_id = $1 and cursor < $2 order by cursor, consumer',
    [owner.workspaceId, upto],
  );
  const parked = await database.query<{ consumer: string; seq: number }>(
    'select consumer, seq from kora.parked_event where workspace_id = $1 and seq <= $2 order by seq, consumer',
    [owner.workspaceId, upto],
  );
  if (behind.length === 0 && parked.length === 0) return;
  const reasons = [
    ...behind.map(({ consumer, cursor }) => `${consumer} has read up to ${cursor}`),
    ...parked.map(({ consumer, seq }) => `${consumer} has parked event ${seq}`),
  ];
  throw refused(upto, reasons.join('; '), { fix: 'kora event consumers', details: { behind, parked } });
}

function refused(
  upto: number,
  why: string,
  { fix, details = {} }: { readonly fix?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
): Error {
  return fault('KORA_PRUNE_REFUSED', `the log cannot be pruned up to ${upto}: ${why}`, {
    details: { upto, ...details },
    ...(fix === undefined ? {} : { fix }),
  });
}
