import type { Queryable } from '../store/index.ts';
import type { Overlay } from './contract.ts';

interface Stored extends Omit<Overlay, 'since' | 'trialUntil'> {
  readonly since: Date;
  readonly trialUntil: Date | null;
}

interface Place {
  readonly kind: string;
  readonly key: string;
}

const columns = `kind, key, value, proposal_id as "proposalId", revision, since, trial_until as "trialUntil"`;

/** Everything that was learned and not taken back, in the order of kinds and keys. */
export async function listOverlays(db: Queryable, workspaceId: number): Promise<Overlay[]> {
  const rows = await db.query<Stored>(
    `select ${columns} from kora.promotion_overlay where workspace_id = $1 and value is not null order by kind, key`,
    [workspaceId],
  );
  return rows.map(({ since, trialUntil, ...row }) => ({
    ...row,
    since: since.toISOString(),
    trialUntil: trialUntil?.toISOString() ?? null,
  }));
}

/**
 * Holds a place until the transaction ends, before any row of it: two proposals for it are acted on one after the other, also
 * where nothing was ever learned there, and no two wait for each other.
 */
export async function holdPlace(db: Queryable, workspaceId: number, { kind, key }: Place): Promise<void> {
  await db.query('select pg_advisory_xact_lock(hashtextextended($1, 50))', [`${workspaceId} ${kind} ${key}`]);
}

/** The row of a place; there is one also where it was taken back. Whoever acts by it holds the place. */
export async function readPlace(
  db: Queryable,
  workspaceId: number,
  { kind, key }: Place,
): Promise<(Stored & { readonly isInForce: boolean }) | undefined> {
  const [row] = await db.query<Stored & { readonly isInForce: boolean }>(
    `select ${columns}, value is not null as "isInForce" from kora.promotion_overlay
     where workspace_id = $1 and kind = $2 and key = $3`,
    [workspaceId, kind, key],
  );
  return row;
}

/** What lies over a place from now on; undefined takes it back. Answers the revision of the place. */
export async function putOverlay(
  db: Queryable,
  workspaceId: number,
  { kind, key }: Place,
  given: {
    readonly value: unknown;
    readonly proposalId: number;
    readonly since: Date;
    readonly trialUntil: Date | null;
  },
): Promise<number> {
  const { value, proposalId, since, trialUntil } = given;
  const [row] = await db.query<{ revision: number }>(
    `insert into kora.promotion_overlay as o (workspace_id, kind, key, value, proposal_id, revision, since, trial_until)
     values ($1, $2, $3, $4::jsonb, $5, 1, $6, $7)
     on conflict (workspace_id, kind, key) do update set value = excluded.value, proposal_id = excluded.proposal_id,
       revision = o.revision + 1, since = excluded.since, trial_until = excluded.trial_until
     returning revision`,
    [
      workspaceId,
      kind,
      key,
      value === undefined ? null : JSON.stringify(value),
      proposalId,
      since,
      trialUntil,
    ],
  );
  return row?.revision ?? 0;
}

/** The trial of what lies there goes on, or is over: its value and revision stay. */
export async function setTrial(
  db: Queryable,
  workspaceId: number,
  { kind, key }: Place,
  { proposalId, until }: { readonly proposalId: number; readonly until: Date | null },
): Promise<void> {
  await db.query(
    `update kora.promotion_overlay set trial_until = $5
     where workspace_id = $1 and kind = $2 and key = $3 and proposal_id = $4`,
    [workspaceId, kind, key, proposalId, until],
  );
}
