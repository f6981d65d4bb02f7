import { draft } from '../chain/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import { approvalColumns, approvalView } from './approval-rows.ts';
import type { ApprovalRow } from './approval-rows.ts';
import { about } from './decisions.ts';
import { approvalExpired, approvalUsed, escalationRequested } from './events.ts';
import type { CapabilityContext } from './grants.ts';
import type { Capability } from './matrix.ts';
import { questionOf } from './question.ts';
import type { Question } from './question.ts';

/** A call that its caller has no grant for. */
export interface EscalatedCall {
  readonly caller: string;
  readonly capability: string;
  /** `tool:`, `fix:` or `channel:` and its name. */
  readonly what: string;
  readonly callId: string;
  /** Hex SHA-256. */
  readonly argumentsHash: string;
  readonly approvalId?: number | undefined;
  readonly claim?: { readonly ticketId: number; readonly fence: number } | undefined;
  readonly reason?: string | undefined;
}

export interface EscalationPorts extends CapabilityContext {
  /** Tells the operator, in the transaction of the question. */
  readonly ask: (tx: Transaction, question: Question) => Promise<void>;
  readonly timeToDecideMs: number;
  /** How many questions of one caller may be open: more is a flood, not a question. */
  readonly mostOpen: number;
}

export type Escalation =
  | { readonly verdict: 'granted' }
  | { readonly verdict: 'ask'; readonly approvalId: number; readonly asked: boolean }
  | {
      readonly verdict: 'denied';
      readonly cause: 'approval_refused' | 'capability_denied';
      readonly detail: string;
    };

/**
 * What becomes of a call that only an approval can let through: the operator is asked once, the approval is used up by
 * one call, and whatever does not fit is refused. Question, event and message land together or not at all.
 */
export async function escalate(
  tx: Transaction,
  ports: EscalationPorts,
  capability: Capability,
  call: EscalatedCall,
): Promise<Escalation> {
  // Whoever is here at the same time with the same call either waits for the row or finds it on the next look.
  for (let look = 0; look < looks; look += 1) {
    const row = await existing(tx, ports.workspaceId, call);
    if (row === 'none') return refused(`there is no approval ${call.approvalId}`);
    if (row !== undefined) {
      const answer = await settle(tx, ports, call, row);
      if (answer !== undefined) return answer;
      continue;
    }
    const asked = await ask(tx, ports, capability, call);
    if (asked !== undefined) return { verdict: 'ask', approvalId: asked, asked: true };
    if ((await openQuestions(tx, ports.workspaceId, call.caller)) >= ports.mostOpen)
      return { verdict: 'denied', cause: 'capability_denied', detail: 'too many questions of it are open' };
  }
  return refused('it was asked for at the same time by somebody else');
}

const looks = 5;

function refused(detail: string): Escalation {
  return { verdict: 'denied', cause: 'approval_refused', detail };
}

/** The approval that the call names, else the one of its id, else the open question about the very same. */
async function existing(
  db: Queryable,
  workspaceId: number,
  call: EscalatedCall,
): Promise<ApprovalRow | 'none' | undefined> {
  if (call.approvalId !== undefined) {
    const [named] = await db.query<ApprovalRow>(
      `select ${approvalColumns} from kora.approval where workspace_id = $1 and approval_id = $2 for update`,
      [workspaceId, call.approvalId],
    );
    return named ?? 'none';
  }
  const [own] = await db.query<ApprovalRow>(
    `select ${approvalColumns} from kora.approval where workspace_id = $1 and caller = $2 and call_id = $3 for update`,
    [workspaceId, call.caller, call.callId],
  );
  if (own !== undefined) return own;
  const [same] = await db.query<ApprovalRow>(
    `select ${approvalColumns} from kora.approval
     where workspace_id = $1 and caller = $2 and capability = $3 and what = $4 and arguments_hash = $5
       and status = 'pending' for update`,
    [workspaceId, call.caller, call.capability, call.what, call.argumentsHash],
  );
  return same;
}

/** Undefined when the row is out of the way and the call may be looked at again. */
async function settle(
  tx: Transaction,
  ports: EscalationPorts,
  call: EscalatedCall,
  row: ApprovalRow,
): Promise<Escalation | undefined> {
  const isAboutThis =
    row.caller === call.caller &&
    row.capability === call.capability &&
    row.what === call.what &&
    row.argumentsHash === call.argumentsHash;
  if (!isAboutThis) return refused(`approval ${row.approvalId} is about another call`);
  if (row.status === 'pending') return { verdict: 'ask', approvalId: row.approvalId, asked: false };
  if (row.status === 'expired' && row.written !== 'expired') await expire(tx, ports, row);
  // A question that nobody named and that is over stands in nobody's way.
  const isNamed = call.approvalId !== undefined || row.callId === call.callId;
  if (row.status === 'expired' && !isNamed) return undefined;
  if (row.status !== 'approved') return refused(`approval ${row.approvalId} is ${row.status}`);
  const used = await tx.query(
    `update kora.approval set status = 'used', used_at = clock_timestamp()
     where workspace_id = $1 and approval_id = $2 and status = 'approved' and expires_at > clock_timestamp()
     returning approval_id`,
    [ports.workspaceId, row.approvalId],
  );
  if (used.length !== 1) return refused(`the time of approval ${row.approvalId} is over`);
  await ports.stage(tx, [draft(approvalUsed, { ...about(row), call_id: call.callId }, linksOf(call))]);
  return { verdict: 'granted' };
}

async function expire(tx: Transaction, ports: EscalationPorts, row: ApprovalRow): Promise<void> {
  await tx.query(
    `update kora.approval set status = 'expired' where workspace_id = $1 and approval_id = $2 and status = $3`,
    [ports.workspaceId, row.approvalId, row.written],
  );
  const was = row.written === 'approved' ? 'approved' : 'pending';
  await ports.stage(tx, [draft(approvalExpired, { ...about(row), was })]);
}

/** Asks the operator; undefined when the same was asked meanwhile, or when the caller asks too much. */
async function ask(
  tx: Transaction,
  ports: EscalationPorts,
  capability: Capability,
  call: EscalatedCall,
): Promise<number | undefined> {
  const [row] = await tx.query<ApprovalRow>(
    `insert into kora.approval (workspace_id, caller, capability, what, call_id, arguments_hash, reason, ticket_id, fence,
       expires_at)
     select $1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp() + make_interval(secs => $10)
     where (select count(*) from kora.approval
       where workspace_id = $1 and caller = $2 and status = 'pending' and expires_at > clock_timestamp()) < $11
     on conflict do nothing returning ${approvalColumns}`,
    [
      ports.workspaceId,
      call.caller,
      capability.id,
      call.what,
      call.callId,
      call.argumentsHash,
      call.reason ?? null,
      call.claim?.ticketId ?? null,
      call.claim?.fence ?? null,
      ports.timeToDecideMs / 1_000,
      ports.mostOpen,
    ],
  );
  if (row === undefined) return undefined;
  const { expiresAt } = approvalView(row);
  const payload = {
    ...about(row),
    expires_at: expiresAt,
    what: call.what,
    call_id: call.callId,
    arguments_hash: call.argumentsHash,
    ...(call.reason === undefined ? {} : { reason: call.reason }),
  };
  await ports.stage(tx, [draft(escalationRequested, payload, linksOf(call))]);
  await ports.ask(tx, questionOf(capability, { ...call, approvalId: row.approvalId, expiresAt }));
  return row.approvalId;
}

async function openQuestions(db: Queryable, workspaceId: number, caller: string): Promise<number> {
  const [count] = await db.query<{ open: number }>(
    `select count(*) as open from kora.approval
     where workspace_id = $1 and caller = $2 and status = 'pending' and expires_at > clock_timestamp()`,
    [workspaceId, caller],
  );
  return count?.open ?? 0;
}

function linksOf({ claim }: EscalatedCall): { ticketId?: number; fence?: number } {
  return claim === undefined ? {} : { ticketId: claim.ticketId, fence: claim.fence };
}
