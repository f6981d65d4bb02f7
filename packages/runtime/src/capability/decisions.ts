import { draft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Transaction } from '../store/index.ts';
import { approvalColumns, approvalView, unknownApproval } from './approval-rows.ts';
import type { ApprovalRow, ApprovalView } from './approval-rows.ts';
import { approvalApproved, approvalExpired, approvalRefused } from './events.ts';
import type { CapabilityContext } from './grants.ts';
import { operatorsOnly } from './refusals.ts';

export interface Decision {
  readonly approvalId: number;
  readonly verdict: 'approved' | 'refused';
  readonly by: string;
  readonly reason: string;
}

/**
 * Decides about an open question. The same decision again changes nothing. Throws KORA_APPROVAL_UNKNOWN,
 * KORA_APPROVAL_DECIDED when it was decided otherwise, used or expired, and KORA_DECISION_DENIED: the database refuses
 * anybody who is no active operator.
 */
export async function decideApproval(
  tx: Transaction,
  context: CapabilityContext,
  { approvalId, verdict, by, reason }: Decision,
): Promise<ApprovalView> {
  const key = [context.workspaceId, approvalId];
  const [decided] = await operatorsOnly(() =>
    tx.query<ApprovalRow>(
      `update kora.approval set status = $3, decided_at = clock_timestamp(), decided_by = $4, decision_reason = $5
       where workspace_id = $1 and approval_id = $2 and status = 'pending' and expires_at > clock_timestamp()
       returning ${approvalColumns}`,
      [...key, verdict, by, reason],
    ),
  );
  if (decided !== undefined) {
    const type = verdict === 'approved' ? approvalApproved : approvalRefused;
    await context.stage(tx, [draft(type, { ...about(decided), reason }, { actorId: by })]);
    return approvalView(decided);
  }
  const [before] = await tx.query<ApprovalRow>(
    `select ${approvalColumns} from kora.approval where workspace_id = $1 and approval_id = $2`,
    key,
  );
  if (before === undefined) throw unknownApproval(approvalId);
  const isSame = before.status === verdict || (before.status === 'used' && verdict === 'approved');
  if (isSame) return approvalView(before);
  throw fault('KORA_APPROVAL_DECIDED', `approval ${approvalId} is ${before.status} already`, {
    fix: `kora approval show ${approvalId}`,
    details: { status: before.status },
  });
}

const expiredAtOnce = 100;

/** Writes down that approvals are over; answers how many. Rows that somebody is at are left for the next time. */
export async function expireApprovals(tx: Transaction, context: CapabilityContext): Promise<number> {
  const expired = await tx.query<Pick<ApprovalRow, 'approvalId' | 'capability' | 'caller' | 'written'>>(
    `with over as (
       select approval_id, status from kora.approval
       where workspace_id = $1 and status in ('pending', 'approved') and expires_at <= clock_timestamp()
       order by approval_id limit ${expiredAtOnce} for update skip locked)
     update kora.approval a set status = 'expired' from over
     where a.workspace_id = $1 and a.approval_id = over.approval_id
     returning a.approval_id as "approvalId", a.capability, a.caller, over.status as written`,
    [context.workspaceId],
  );
  await context.stage(
    tx,
    expired.map((row) =>
      draft(approvalExpired, { ...about(row), was: row.written === 'approved' ? 'approved' : 'pending' }),
    ),
  );
  return expired.length;
}

/** What every event about an approval names. */
export function about(row: Pick<ApprovalRow, 'approvalId' | 'capability' | 'caller'>): {
  approval: string;
  capability: string;
  caller: string;
} {
  return { approval: String(row.approvalId), capability: row.capability, caller: row.caller };
}
