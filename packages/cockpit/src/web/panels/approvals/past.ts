import type { ApprovalRow, DecisionRow } from '@kora/runtime/client';
import { matches } from '../../shell/query.ts';
import { decisionHref } from '../../store/needs.ts';

/** One answer that was given, or a question that ended without one. */
export interface PastAnswer {
  readonly key: string;
  readonly at: string;
  readonly what: string;
  readonly asker: string;
  /** approved, refused, used, expired, withdrawn. */
  readonly ended: string;
  readonly by: string | null;
  readonly reason: string | null;
  readonly href: string;
}

/** What waits and what was answered stand in two lists; a decision about a call is the call's own approval. */
export function openDecisions(decisions: readonly DecisionRow[]): readonly DecisionRow[] {
  return decisions.filter(({ status, kind }) => status === 'open' && kind !== 'approval');
}

/** Every answer, the newest first. */
export function pastAnswers(
  approvals: readonly ApprovalRow[],
  decisions: readonly DecisionRow[],
): readonly PastAnswer[] {
  return [
    ...approvals.filter(({ status }) => status !== 'pending').map(pastApproval),
    ...decisions.filter(({ status, kind }) => status !== 'open' && kind !== 'approval').map(pastDecision),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || a.key.localeCompare(b.key));
}

function pastApproval(row: ApprovalRow): PastAnswer {
  return {
    key: `approval-${row.approvalId}`,
    at: row.usedAt ?? row.decidedAt ?? row.expiresAt,
    what: `${row.what} (${row.capability})`,
    asker: row.caller,
    ended: row.status,
    by: row.decidedBy,
    reason: row.decisionReason,
    href: `/approvals/${row.approvalId}`,
  };
}

function pastDecision(row: DecisionRow): PastAnswer {
  const said = row.verdict === 'approve' ? 'approved' : 'refused';
  return {
    key: `decision-${row.decisionId}`,
    at: row.endedAt ?? row.expiresAt,
    what: row.title,
    asker: row.asker,
    ended: row.verdict === null ? row.status : said,
    by: row.answeredBy === null ? null : `${row.answeredBy} over ${row.answeredVia ?? 'an unknown way'}`,
    reason: row.note,
    href: decisionHref(row),
  };
}

/** The answers that a filter lets through. */
export function filteredAnswers(
  answers: readonly PastAnswer[],
  { q, ended }: { readonly q: string; readonly ended: string },
): readonly PastAnswer[] {
  return answers.filter(
    (row) =>
      (ended === '' || row.ended === ended) && matches(q, row.what, row.asker, row.by, row.reason, row.key),
  );
}
