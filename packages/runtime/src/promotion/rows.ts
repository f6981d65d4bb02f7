import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { ChangeLine, Examination, Measure, Overlay, ProposalDraft } from './contract.ts';
import type { Standing } from './machine.ts';
import type { ProposalQuery, ProposalView } from './view.ts';

/** What a revision says: the draft, what the held-out part said of it, and what its kind saw in it then. */
export interface Content {
  readonly draft: ProposalDraft;
  readonly examination: Examination;
  readonly seen: { readonly lines: readonly ChangeLine[]; readonly blastRadius: string };
}

/** What stood at a place before: what a rollback puts back. */
export type Before = Pick<Overlay, 'value' | 'revision' | 'proposalId'>;

export interface ProposalRow extends Standing {
  readonly id: number;
  readonly loop: string;
  readonly plugin: string;
  readonly fingerprint: string;
  readonly kind: string;
  readonly key: string;
  readonly revision: number;
  readonly digest: string;
  readonly risk: ProposalView['risk'];
  readonly evidenceSize: number;
  readonly content: Content;
  readonly steps: number;
  readonly proposedAt: Date;
  readonly changedAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly appliedAt: Date | null;
  readonly trialHours: number;
  readonly trialUntil: Date | null;
  readonly before: Before | null;
  readonly measure: Measure | null;
  readonly measuredAt: Date | null;
  readonly supersededBy: number | null;
}

const columns = `proposal_id as id, loop, plugin, fingerprint, kind, key, revision, digest, risk,
  evidence_size as "evidenceSize", content, decision, application, steps, proposed_at as "proposedAt",
  changed_at as "changedAt", expires_at as "expiresAt", decided_at as "decidedAt", decided_by as "decidedBy",
  applied_at as "appliedAt", trial_hours as "trialHours", trial_until as "trialUntil", before, measure,
  measured_at as "measuredAt", superseded_by as "supersededBy"`;

/** Throws KORA_PROPOSAL_UNKNOWN. `lock` holds it until the transaction ends. */
export async function findProposal(
  db: Queryable,
  workspaceId: number,
  id: number,
  { lock = false }: { readonly lock?: boolean } = {},
): Promise<ProposalRow> {
  const [row] = await db.query<ProposalRow>(
    `select ${columns} from kora.promotion_proposal where workspace_id = $1 and proposal_id = $2 ${lock ? 'for update' : ''}`,
    [workspaceId, id],
  );
  if (row !== undefined) return row;
  throw fault('KORA_PROPOSAL_UNKNOWN', `there is no proposal ${id}`, { fix: 'kora promotion list' });
}

/** The newest of a fingerprint. */
export async function newestOf(
  db: Queryable,
  workspaceId: number,
  fingerprint: string,
): Promise<ProposalRow | undefined> {
  const [row] = await db.query<ProposalRow>(
    `select ${columns} from kora.promotion_proposal where workspace_id = $1 and fingerprint = $2
     order by proposal_id desc limit 1`,
    [workspaceId, fingerprint],
  );
  return row;
}

/** Those that wait for a decision about one place. */
export function pendingAt(
  db: Queryable,
  workspaceId: number,
  { kind, key }: { readonly kind: string; readonly key: string },
): Promise<ProposalRow[]> {
  return db.query<ProposalRow>(
    `select ${columns} from kora.promotion_proposal
     where workspace_id = $1 and kind = $2 and key = $3 and decision = 'pending' order by proposal_id`,
    [workspaceId, kind, key],
  );
}

/** How many of a loop wait for a decision. */
export async function countPending(db: Queryable, workspaceId: number, loop: string): Promise<number> {
  const [row] = await db.query<{ pending: number }>(
    `select count(*)::int as pending from kora.promotion_proposal
     where workspace_id = $1 and decision = 'pending' and loop = $2`,
    [workspaceId, loop],
  );
  return row?.pending ?? 0;
}

export function listProposals(
  db: Queryable,
  workspaceId: number,
  { decision, application, loop, before, limit = 100 }: ProposalQuery,
): Promise<ProposalRow[]> {
  return db.query<ProposalRow>(
    `select ${columns} from kora.promotion_proposal where workspace_id = $1
       and ($2::text is null or decision = $2) and ($3::text is null or application = $3)
       and ($4::text is null or loop = $4) and ($5::bigint is null or proposal_id < $5)
     order by proposal_id desc limit $6`,
    [workspaceId, decision ?? null, application ?? null, loop ?? null, before ?? null, limit],
  );
}

/** What somebody or something has to go on with: approved and not yet applied, on trial, or pending past its time. */
export function dueProposals(db: Queryable, workspaceId: number, now: Date): Promise<ProposalRow[]> {
  return db.query<ProposalRow>(
    `select ${columns} from kora.promotion_proposal where workspace_id = $1
       and ((decision = 'pending' and expires_at <= $2)
         or (decision = 'approved' and application in ('not_started', 'applied')))
     order by proposal_id`,
    [workspaceId, now],
  );
}

export interface NewProposal
  extends Pick<
    ProposalRow,
    | 'loop'
    | 'plugin'
    | 'fingerprint'
    | 'kind'
    | 'key'
    | 'digest'
    | 'risk'
    | 'evidenceSize'
    | 'content'
    | 'expiresAt'
    | 'trialHours'
  > {
  readonly at: Date;
}

/** Undefined where one of its fingerprint is open already: another cycle was first. */
export async function addProposal(
  db: Queryable,
  workspaceId: number,
  row: NewProposal,
): Promise<number | undefined> {
  const [added] = await db.query<{ id: number }>(
    `insert into kora.promotion_proposal (workspace_id, loop, plugin, fingerprint, kind, key, digest, risk, evidence_size,
       content, proposed_at, changed_at, expires_at, trial_hours)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $11, $12, $13)
     on conflict do nothing returning proposal_id as id`,
    [
      workspaceId,
      row.loop,
      row.plugin,
      row.fingerprint,
      row.kind,
      row.key,
      row.digest,
      row.risk,
      row.evidenceSize,
      JSON.stringify(row.content),
      row.at,
      row.expiresAt,
      row.trialHours,
    ],
  );
  return added?.id;
}

/**
 * Forgets what came to nothing without anybody's word, with its revisions and steps: what was refused, made or taken back is
 * kept, since that is how a no stays one.
 */
export async function pruneProposals(db: Queryable, workspaceId: number, before: Date): Promise<void> {
  await db.query(
    `with old as (
       delete from kora.promotion_proposal
       where workspace_id = $1 and decision in ('expired', 'superseded') and changed_at < $2 returning proposal_id),
     revisions as (
       delete from kora.promotion_revision r using old where r.workspace_id = $1 and r.proposal_id = old.proposal_id)
     delete from kora.promotion_step s using old where s.workspace_id = $1 and s.proposal_id = old.proposal_id`,
    [workspaceId, before],
  );
}

/** What a transition writes beside the standing; what is left out stays. */
export interface RowChange {
  readonly revision?: number;
  readonly digest?: string;
  readonly risk?: ProposalRow['risk'];
  readonly evidenceSize?: number;
  readonly content?: Content;
  readonly expiresAt?: Date;
  readonly decidedBy?: string;
  readonly appliedAt?: Date;
  readonly trialUntil?: Date;
  readonly before?: Before | null;
  readonly measure?: Measure;
  readonly supersededBy?: number;
}

/** Moves a proposal on from exactly the step it was read at; false where it has moved meanwhile. */
export async function moveProposal(
  db: Queryable,
  workspaceId: number,
  row: Pick<ProposalRow, 'id' | 'steps'>,
  to: Standing & RowChange & { readonly at: Date },
): Promise<boolean> {
  const moved = await db.query(
    `update kora.promotion_proposal set steps = steps + 1, decision = $4, application = $5, changed_at = $6,
       revision = coalesce($7, revision), digest = coalesce($8, digest), risk = coalesce($9, risk),
       evidence_size = coalesce($10, evidence_size), content = coalesce($11::jsonb, content),
       expires_at = coalesce($12, expires_at), decided_by = coalesce($13, decided_by),
       decided_at = case when $13::text is null then decided_at else $6 end,
       applied_at = coalesce($14, applied_at), trial_until = coalesce($15, trial_until),
       before = coalesce($16::jsonb, before), measure = coalesce($17::jsonb, measure),
       measured_at = case when $17::jsonb is null then measured_at else $6 end,
       superseded_by = case when $5 = 'kept' then null else coalesce($18, superseded_by) end
     where workspace_id = $1 and proposal_id = $2 and steps = $3 returning proposal_id`,
    [
      workspaceId,
      row.id,
      row.steps,
      to.decision,
      to.application,
      to.at,
      to.revision ?? null,
      to.digest ?? null,
      to.risk ?? null,
      to.evidenceSize ?? null,
      to.content === undefined ? null : JSON.stringify(to.content),
      to.expiresAt ?? null,
      to.decidedBy ?? null,
      to.appliedAt ?? null,
      to.trialUntil ?? null,
      to.before ? JSON.stringify(to.before) : null,
      to.measure === undefined ? null : JSON.stringify(to.measure),
      to.supersededBy ?? null,
    ],
  );
  return moved.length > 0;
}

/** What a trial showed, where nothing follows from it yet. */
export async function noteMeasure(
  db: Queryable,
  workspaceId: number,
  { id, steps }: Pick<ProposalRow, 'id' | 'steps'>,
  { measure, at }: { readonly measure: Measure; readonly at: Date },
): Promise<void> {
  await db.query(
    `update kora.promotion_proposal set measure = $4::jsonb, measured_at = $5
     where workspace_id = $1 and proposal_id = $2 and steps = $3`,
    [workspaceId, id, steps, JSON.stringify(measure), at],
  );
}
