import type { Queryable } from '../store/index.ts';
import type { Content, ProposalRow } from './rows.ts';
import type { ProposalStep } from './view.ts';

/** Content that a proposal had or has: kept, so that it can be said what was agreed to. */
export async function addRevision(
  db: Queryable,
  workspaceId: number,
  given: Pick<ProposalRow, 'id' | 'revision' | 'digest' | 'content'> & { readonly at: Date },
): Promise<void> {
  await db.query(
    `insert into kora.promotion_revision (workspace_id, proposal_id, revision, digest, content, at)
     values ($1, $2, $3, $4, $5::jsonb, $6)`,
    [workspaceId, given.id, given.revision, given.digest, JSON.stringify(given.content), given.at],
  );
}

/** Whatever was done about a proposal, by whom and why. */
export async function addStep(
  db: Queryable,
  workspaceId: number,
  id: number,
  step: Omit<ProposalStep, 'at'> & { readonly at: Date },
): Promise<void> {
  const { ordinal, at, actor, reason, decision, application, revision } = step;
  await db.query(
    `insert into kora.promotion_step (workspace_id, proposal_id, ordinal, at, actor, reason, decision, application, revision)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [workspaceId, id, ordinal, at, actor, reason, decision, application, revision],
  );
}

export function stepsOf(
  db: Queryable,
  workspaceId: number,
  id: number,
): Promise<(Omit<ProposalStep, 'at'> & { readonly at: Date })[]> {
  return db.query(
    `select ordinal, at, actor, reason, decision, application, revision from kora.promotion_step
     where workspace_id = $1 and proposal_id = $2 order by ordinal`,
    [workspaceId, id],
  );
}

export interface RevisionRow {
  readonly revision: number;
  readonly digest: string;
  readonly content: Content;
  readonly at: Date;
}

export function revisionsOf(db: Queryable, workspaceId: number, id: number): Promise<RevisionRow[]> {
  return db.query<RevisionRow>(
    `select revision, digest, content, at from kora.promotion_revision
     where workspace_id = $1 and proposal_id = $2 order by revision`,
    [workspaceId, id],
  );
}
