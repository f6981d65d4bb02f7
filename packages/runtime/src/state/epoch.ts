import type { Queryable } from '../store/index.ts';

/** Which store answers, and which of its lives: a restored copy has the same id and a higher epoch. */
export interface StoreEpoch {
  readonly storeId: string;
  readonly epoch: number;
}

export type EpochVerdict =
  /** It is the store and the life that the home knows. */
  | { readonly is: 'known' }
  /** Another runtime's operator accepted it for the workspace: take it over, ask nobody. */
  | { readonly is: 'accepted' }
  /** Restored, rolled back or raised by hand: people decide. */
  | { readonly is: 'mismatch' }
  /** The home never saw this store. */
  | { readonly is: 'stranger' };

/** Reads what the store says of itself. A store that is away throws KORA_STORE_UNREACHABLE: no mismatch. */
export async function readEpoch(db: Queryable): Promise<StoreEpoch> {
  const [row] = await db.query<{ storeId: string; epoch: number }>(
    `select store_id as "storeId", (select max(epoch) from kora.store_epoch) as epoch from kora.store_identity`,
  );
  return row ?? { storeId: '', epoch: 0 };
}

/** SQL: the store's present epoch. For statements that count something anew in each. */
export function epochFragment(): string {
  return '(select max(store_epoch.epoch) from kora.store_epoch)';
}

/** Whether anything ever happened in this store: an event, or one on its way. */
export async function isEmptyStore(db: Queryable): Promise<boolean> {
  const [made] = await db.query<{ there: boolean }>(
    `select to_regclass('kora.chain_head') is not null and to_regclass('kora.stage') is not null as there`,
  );
  if (made?.there !== true) return true;
  const [row] = await db.query<{ used: boolean }>(
    'select exists (select from kora.chain_head where seq > 0) or exists (select from kora.stage) as used',
  );
  return row?.used !== true;
}

/** Compares what the home accepted last with what the store says now. */
export async function judgeEpoch(
  db: Queryable,
  workspaceId: number,
  known: StoreEpoch | undefined,
  observed: StoreEpoch,
): Promise<EpochVerdict> {
  if (known?.storeId !== observed.storeId) return { is: 'stranger' };
  if (known.epoch === observed.epoch) return { is: 'known' };
  // A store that went back still holds the rows by which it was accepted long ago: they say nothing about today.
  if (known.epoch > observed.epoch) return { is: 'mismatch' };
  const rows = await db.query('select from kora.epoch_acceptance where workspace_id = $1 and epoch = $2', [
    workspaceId,
    observed.epoch,
  ]);
  return { is: rows.length > 0 ? 'accepted' : 'mismatch' };
}

export interface RaiseEpoch {
  readonly by: string;
  readonly reason: string;
  /** The new epoch is above this one too. */
  readonly above?: number;
}

/** Raises the epoch: every home that knows the one before meets a mismatch. Answers the new one. */
export async function raiseEpoch(db: Queryable, { by, reason, above = 0 }: RaiseEpoch): Promise<number> {
  const [row] = await db.query<{ epoch: number }>(
    `insert into kora.store_epoch (epoch, raised_by, reason)
     select greatest(max(epoch), $3::bigint) + 1, $1, $2 from kora.store_epoch returning epoch`,
    [by, reason, above],
  );
  return row?.epoch ?? 0;
}

/**
 * The operator's yes, for every runtime of the workspace. A store that went back behind what this home knows is raised
 * above it first, so that homes which know more can see that it was accepted after all.
 */
export async function acceptEpoch(
  db: Queryable,
  workspaceId: number,
  accept: { readonly by: string; readonly known: StoreEpoch | undefined; readonly reason: string },
): Promise<StoreEpoch> {
  const { by, known, reason } = accept;
  const observed = await readEpoch(db);
  const isBehind = known?.storeId === observed.storeId && known.epoch > observed.epoch;
  const epoch = isBehind ? await raiseEpoch(db, { by, reason, above: known.epoch }) : observed.epoch;
  await db.query(
    `insert into kora.epoch_acceptance (workspace_id, epoch, accepted_by) values ($1, $2, $3)
     on conflict (workspace_id, epoch) do nothing`,
    [workspaceId, epoch, by],
  );
  return { storeId: observed.storeId, epoch };
}

export interface EpochAcceptance {
  readonly epoch: number;
  readonly by: string;
  readonly at: string;
}

/** Which lives of the store this workspace's operators accepted, newest first. */
export async function listAcceptances(db: Queryable, workspaceId: number): Promise<EpochAcceptance[]> {
  const rows = await db.query<{ epoch: number; by: string; at: Date }>(
    `select epoch, accepted_by as by, accepted_at as at from kora.epoch_acceptance
     where workspace_id = $1 order by epoch desc limit 50`,
    [workspaceId],
  );
  return rows.map(({ at, ...acceptance }) => ({ ...acceptance, at: at.toISOString() }));
}
