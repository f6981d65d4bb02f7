import { codeOf } from '../../store/index.ts';
import type { Queryable, Transaction } from '../../store/index.ts';
import { fault } from '../../fault/index.ts';
import { hashOf } from './book.ts';
import type { Entry, PhrasebookVersion, VersionKind } from './contract.ts';

/** A version with what is in it. */
export interface StoredVersion extends PhrasebookVersion {
  readonly baseHash: string;
  readonly base: readonly Entry[];
  readonly overlay: readonly Entry[];
}

export interface NewVersion {
  readonly kind: VersionKind;
  readonly base: readonly Entry[];
  readonly overlay: readonly Entry[];
  readonly by: string;
  readonly reason: string;
  readonly revertedTo?: number | undefined;
  readonly proposal?: string | undefined;
}

const summary = `version, kind, made_at as at, made_by as by, reason, reverted_to as "revertedTo", proposal,
  jsonb_array_length(overlay) as "overlayEntries", jsonb_array_length(base) as "baseEntries"`;
const whole = `${summary}, base_hash as "baseHash", base, overlay`;

type Dated<T> = Omit<T, 'at'> & { readonly at: Date };

/** Nobody else makes a version in this workspace until the transaction ends. */
export async function lockVersions(tx: Transaction, workspaceId: number): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtext('kora.phrasebook_version'), $1)", [workspaceId]);
}

/**
 * The version that is in force for whoever ships this base: the operator's newest entries, over it. Undefined when nobody
 * has put the two together yet. The operator's entries as they are, and the newest version of any base, come with it.
 */
export async function readCurrent(
  db: Queryable,
  workspaceId: number,
  baseHash: string,
): Promise<{ readonly current: StoredVersion | undefined; readonly overlay: readonly Entry[] }> {
  const rows = await db.query<Dated<StoredVersion>>(
    `with newest as (select * from kora.phrasebook_version where workspace_id = $1 order by version desc limit 1)
     (select ${whole} from newest)
     union all
     (select ${whole} from kora.phrasebook_version v where workspace_id = $1 and base_hash = $2
       and overlay_hash = (select overlay_hash from newest) and version < (select version from newest)
      order by version desc limit 1)`,
    [workspaceId, baseHash],
  );
  const [newest] = rows;
  const ours = rows.find((row) => row.baseHash === baseHash);
  return { current: ours && dated(ours), overlay: newest?.overlay ?? [] };
}

/** Throws KORA_NOT_FOUND. */
export async function readVersion(
  db: Queryable,
  workspaceId: number,
  version: number,
): Promise<StoredVersion> {
  const [row] = await db.query<Dated<StoredVersion>>(
    `select ${whole} from kora.phrasebook_version where workspace_id = $1 and version = $2`,
    [workspaceId, version],
  );
  if (row === undefined)
    throw fault('KORA_NOT_FOUND', `there is no version ${version} of the phrasebook`, {
      fix: 'kora phrasebook history',
    });
  return dated(row);
}

/** Newest first. */
export async function listVersions(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<PhrasebookVersion[]> {
  const rows = await db.query<Dated<PhrasebookVersion>>(
    `select ${summary} from kora.phrasebook_version where workspace_id = $1 order by version desc limit $2`,
    [workspaceId, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The operator's version before the newest change of it; undefined when it was never changed. */
export async function versionBefore(
  db: Queryable,
  workspaceId: number,
): Promise<{ readonly version: number } | undefined> {
  const [row] = await db.query<{ version: number }>(
    `with newest as (select overlay_hash from kora.phrasebook_version where workspace_id = $1
       order by version desc limit 1)
     select version from kora.phrasebook_version, newest
     where workspace_id = $1 and phrasebook_version.overlay_hash <> newest.overlay_hash
     order by version desc limit 1`,
    [workspaceId],
  );
  return row;
}

const notAnOperator = 'KO001';

/** Under the lock. Throws KORA_DECISION_DENIED when whoever writes it is no active operator. */
export async function insertVersion(
  tx: Transaction,
  workspaceId: number,
  { kind, base, overlay, by, reason, revertedTo, proposal }: NewVersion,
): Promise<StoredVersion> {
  const values = [
    workspaceId,
    kind,
    hashOf(base),
    hashOf(overlay),
    JSON.stringify(base),
    JSON.stringify(overlay),
    by,
    reason,
    revertedTo ?? null,
    proposal ?? null,
  ];
  const [row] = await tx
    .query<Dated<StoredVersion>>(
      `insert into kora.phrasebook_version (workspace_id, version, kind, base_hash, overlay_hash, base, overlay, made_by,
         reason, reverted_to, proposal)
       select $1, coalesce(max(version), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10
       from kora.phrasebook_version where workspace_id = $1 returning ${whole}`,
      values,
    )
    .catch((error: unknown) => {
      if (codeOf(error) !== notAnOperator) throw error;
      throw fault('KORA_DECISION_DENIED', `${by} is no active operator and writes no phrasebook`, {
        cause: error,
      });
    });
  if (row === undefined) throw fault('KORA_INTERNAL', 'a version of the phrasebook was not written');
  return dated(row);
}

function dated(row: Dated<StoredVersion>): StoredVersion {
  return { ...row, at: row.at.toISOString() };
}
