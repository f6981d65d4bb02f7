import { fault } from '../fault/index.ts';
import type { Queryable } from '../store/index.ts';
import type { ApprovalStatus } from './contract.ts';

/** An approval as it stands now: one whose time is over is expired, whether or not that was written down yet. */
export interface ApprovalView {
  readonly approvalId: number;
  readonly capability: string;
  readonly what: string;
  readonly caller: string;
  readonly callId: string;
  readonly argumentsHash: string;
  /** What the caller says about it; a stranger's word. */
  readonly reason: string | null;
  readonly ticketId: number | null;
  /** Times are ISO 8601. */
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly status: ApprovalStatus;
  readonly decidedAt: string | null;
  readonly decidedBy: string | null;
  readonly decisionReason: string | null;
  readonly usedAt: string | null;
}

export interface ApprovalRow
  extends Omit<ApprovalView, 'requestedAt' | 'expiresAt' | 'decidedAt' | 'usedAt'> {
  /** What was last written down. */
  readonly written: ApprovalStatus;
  readonly requestedAt: Date;
  readonly expiresAt: Date;
  readonly decidedAt: Date | null;
  readonly usedAt: Date | null;
}

export const approvalColumns = `approval_id as "approvalId", capability, what, caller, call_id as "callId",
  arguments_hash as "argumentsHash", reason, ticket_id as "ticketId", requested_at as "requestedAt",
  expires_at as "expiresAt", status as written, decided_at as "decidedAt", decided_by as "decidedBy",
  decision_reason as "decisionReason", used_at as "usedAt",
  case when status in ('pending', 'approved') and expires_at <= clock_timestamp() then 'expired' else status end as status`;

/** Throws KORA_APPROVAL_UNKNOWN. */
export async function findApproval(
  db: Queryable,
  workspaceId: number,
  approvalId: number,
): Promise<ApprovalView> {
  const [row] = await db.query<ApprovalRow>(
    `select ${approvalColumns} from kora.approval where workspace_id = $1 and approval_id = $2`,
    [workspaceId, approvalId],
  );
  if (row === undefined) throw unknownApproval(approvalId);
  return approvalView(row);
}

/** The open questions, oldest first; with `all`, everything, newest first. */
export async function listApprovals(
  db: Queryable,
  workspaceId: number,
  query: { readonly all?: boolean | undefined; readonly limit?: number | undefined } = {},
): Promise<ApprovalView[]> {
  const all = query.all === true;
  const rows = await db.query<ApprovalRow>(
    `select ${approvalColumns} from kora.approval
     where workspace_id = $1 and ($2 or (status = 'pending' and expires_at > clock_timestamp()))
     order by approval_id ${all ? 'desc' : 'asc'} limit $3`,
    [workspaceId, all, Math.min(500, query.limit ?? 50)],
  );
  return rows.map(approvalView);
}

export function approvalView({ written, ...row }: ApprovalRow): ApprovalView {
  return {
    ...row,
    status: row.status === 'expired' ? 'expired' : written,
    requestedAt: row.requestedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    usedAt: row.usedAt?.toISOString() ?? null,
  };
}

export function unknownApproval(approvalId: number): Error {
  return fault('KORA_APPROVAL_UNKNOWN', `there is no approval ${approvalId}`, { fix: 'kora approval list' });
}
