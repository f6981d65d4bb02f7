import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import type { SubjectKind } from './contract.ts';
import { capabilityGranted, capabilityRevoked } from './events.ts';
import type { Capability } from './matrix.ts';
import { operatorsOnly } from './refusals.ts';

/** Where rows and their events go. */
export interface CapabilityContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
}

export interface NewGrant {
  readonly kind: SubjectKind;
  readonly subject: string;
  readonly by: string;
  readonly reason: string;
  /** Milliseconds until it is over; left out, it lasts until it is revoked. */
  readonly forMs?: number | undefined;
}

/** A grant as people see it. Times are ISO 8601. */
export interface GrantView {
  readonly grantId: number;
  readonly capability: string;
  readonly owner: string;
  readonly kind: SubjectKind;
  readonly subject: string;
  readonly status: 'live' | 'expired' | 'revoked';
  readonly by: string;
  readonly reason: string;
  readonly since: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  readonly revokeReason: string | null;
}

interface Row extends Omit<GrantView, 'since' | 'expiresAt' | 'revokedAt'> {
  readonly since: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

/** A grant as a check sees it. */
export interface LiveGrant {
  readonly grantId: number;
  readonly capability: string;
  readonly owner: string;
  readonly kind: SubjectKind;
  readonly subject: string;
  /** Milliseconds left by the database's clock; null without end. */
  readonly leftMs: number | null;
}

const columns = `grant_id as "grantId", capability, owner, subject_kind as kind, subject, granted_by as by, reason, since,
  expires_at as "expiresAt", revoked_at as "revokedAt", revoked_by as "revokedBy", revoke_reason as "revokeReason",
  case when revoked_at is not null then 'revoked' when expires_at <= clock_timestamp() then 'expired' else 'live' end
    as status`;
const inForce = 'revoked_at is null and (expires_at is null or expires_at > clock_timestamp())';

/** Everything that is granted now. */
export function liveGrants(db: Queryable, workspaceId: number): Promise<LiveGrant[]> {
  return db.query<LiveGrant>(
    `select grant_id as "grantId", capability, owner, subject_kind as kind, subject,
       (extract(epoch from expires_at - clock_timestamp()) * 1000)::float8 as "leftMs"
     from kora.capability_grant where workspace_id = $1 and ${inForce}`,
    [workspaceId],
  );
}

/** What these plugins were ever granted, whatever became of it. */
export function grantedOnce(
  db: Queryable,
  workspaceId: number,
  plugins: readonly string[],
): Promise<{ subject: string; capability: string }[]> {
  return db.query(
    `select distinct subject, capability from kora.capability_grant
     where workspace_id = $1 and subject_kind = 'plugin' and subject = any($2)`,
    [workspaceId, plugins],
  );
}

/** Grants, those in force first and then the newest. */
export async function listGrants(
  db: Queryable,
  workspaceId: number,
  query: { readonly all?: boolean | undefined } = {},
): Promise<GrantView[]> {
  const rows = await db.query<Row>(
    `select ${columns} from kora.capability_grant where workspace_id = $1 and ($2 or (${inForce}))
     order by (${inForce}) desc, grant_id desc limit 1000`,
    [workspaceId, query.all === true],
  );
  return rows.map(view);
}

/**
 * Grants a capability, in place of whatever grant of it the subject had. The database refuses anybody who is no active
 * operator: KORA_DECISION_DENIED.
 */
export async function addGrant(
  tx: Transaction,
  context: CapabilityContext,
  capability: Pick<Capability, 'id' | 'owner'>,
  grant: NewGrant,
): Promise<GrantView> {
  const { workspaceId } = context;
  await tx.query("select pg_advisory_xact_lock(hashtext('kora.capability_grant'), $1)", [workspaceId]);
  const key = [workspaceId, grant.kind, grant.subject, capability.id];
  const replaced = await operatorsOnly(() =>
    tx.query<Row>(
      `update kora.capability_grant set revoked_at = clock_timestamp(), revoked_by = $5,
         revoke_reason = 'replaced: ' || $6
       where workspace_id = $1 and subject_kind = $2 and subject = $3 and capability = $4 and revoked_at is null
       returning ${columns}`,
      [...key, grant.by, grant.reason],
    ),
  );
  const rows = await operatorsOnly(() =>
    tx.query<Row>(
      `insert into kora.capability_grant (workspace_id, subject_kind, subject, capability, owner, granted_by, reason,
         expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8))
       returning ${columns}`,
      [
        ...key,
        capability.owner,
        grant.by,
        grant.reason,
        grant.forMs === undefined ? null : grant.forMs / 1_000,
      ],
    ),
  );
  const [added] = rows.map(view);
  if (added === undefined) throw fault('KORA_INTERNAL', 'a grant could not be written');
  const links = { actorId: grant.by };
  await context.stage(tx, [
    ...replaced.map((row) => draft(capabilityRevoked, payloadOf(view(row), grant.reason), links)),
    draft(capabilityGranted, payloadOf(added, grant.reason), links),
  ]);
  return added;
}

/** Takes a grant back. One that was revoked before stays as it was. Throws KORA_GRANT_UNKNOWN, KORA_DECISION_DENIED. */
export async function revokeGrant(
  tx: Transaction,
  context: CapabilityContext,
  { grantId, by, reason }: { readonly grantId: number; readonly by: string; readonly reason: string },
): Promise<GrantView> {
  const [revoked] = await operatorsOnly(() =>
    tx.query<Row>(
      `update kora.capability_grant set revoked_at = clock_timestamp(), revoked_by = $3, revoke_reason = $4
       where workspace_id = $1 and grant_id = $2 and revoked_at is null returning ${columns}`,
      [context.workspaceId, grantId, by, reason],
    ),
  );
  if (revoked !== undefined) {
    const grant = view(revoked);
    await context.stage(tx, [draft(capabilityRevoked, payloadOf(grant, reason), { actorId: by })]);
    return grant;
  }
  const [before] = await tx.query<Row>(
    `select ${columns} from kora.capability_grant where workspace_id = $1 and grant_id = $2`,
    [context.workspaceId, grantId],
  );
  if (before === undefined)
    throw fault('KORA_GRANT_UNKNOWN', `there is no grant ${grantId}`, { fix: 'kora capability list' });
  return view(before);
}

function payloadOf(grant: GrantView, reason: string): GrantPayload {
  return {
    grant_id: grant.grantId,
    capability: grant.capability,
    subject_kind: grant.kind,
    subject: grant.subject,
    reason,
    expires_at: grant.expiresAt,
  };
}

interface GrantPayload {
  grant_id: number;
  capability: string;
  subject_kind: string;
  subject: string;
  reason: string;
  expires_at: string | null;
}

function view(row: Row): GrantView {
  return {
    ...row,
    since: row.since.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
