import type { ReasonRoute } from '../contract.ts';
import type { Queryable } from '../../store/index.ts';
import type { PastQuestion } from './preview.ts';

/**
 * Where people ask in their own words; what a ticket or a probe asks is nobody's known question. The index that finds them
 * says the same.
 */
const askedByPeople: readonly ReasonRoute[] = [
  'cli',
  'cockpit',
  'slack_dm',
  'email_inbound',
  'mcp_tool',
  'unknown',
];
const byPeople = `route in (${askedByPeople.map((route) => `'${route}'`).join(', ')})`;

/** What people asked lately, newest first: as far back as runs are kept. */
export async function pastQuestions(
  db: Queryable,
  workspaceId: number,
  limit: number,
): Promise<PastQuestion[]> {
  const rows = await db.query<Omit<PastQuestion, 'at'> & { readonly at: Date }>(
    `select question as text, answered_by as by, started_at as at from kora.reason_run
     where workspace_id = $1 and ${byPeople} order by run_id desc limit $2`,
    [workspaceId, limit],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
