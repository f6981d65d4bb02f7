import type { Queryable } from '../../store/index.ts';
import type { Evidence } from '../contract.ts';

export async function addEvidence(
  db: Queryable,
  workspaceId: number,
  runId: string,
  evidence: readonly Evidence[],
): Promise<void> {
  if (evidence.length === 0) return;
  await db.query(
    `insert into kora.reason_evidence (workspace_id, run_id, evidence_id, what)
     select distinct on (id) $1, $2, id, what from unnest($3::text[], $4::text[]) read (id, what)
     on conflict do nothing`,
    [workspaceId, runId, evidence.map(({ id }) => id), evidence.map(({ what }) => what)],
  );
}

/** Which of these ids were read before: in the run itself, in its conversation, or for its ticket. */
export async function readBefore(
  db: Queryable,
  workspaceId: number,
  of: {
    readonly runId: string;
    readonly conversationId: number | null;
    readonly ticketId: number | null;
    readonly ids: readonly string[];
  },
): Promise<readonly string[]> {
  if (of.ids.length === 0) return [];
  const rows = await db.query<{ id: string }>(
    `select distinct e.evidence_id as id from kora.reason_evidence e
     join kora.reason_run r on r.workspace_id = e.workspace_id and r.run_id = e.run_id
     where e.workspace_id = $1 and e.evidence_id = any($5)
       and r.run_id <= $2 and (r.run_id = $2 or r.conversation_id = $3 or r.ticket_id = $4)`,
    [workspaceId, of.runId, of.conversationId, of.ticketId, of.ids],
  );
  return rows.map(({ id }) => id);
}
