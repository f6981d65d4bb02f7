import type { ApprovalRow, GrantRow } from '@kora/runtime/client';
import { before } from './rows.ts';

export function approval(over: Partial<ApprovalRow> = {}): ApprovalRow {
  return {
    approvalId: 12,
    capability: 'cap_web_fetch',
    what: 'tool:web_search',
    caller: 'slack',
    callId: 'slack:call-1',
    argumentsHash: 'a'.repeat(64),
    reason: 'a link',
    ticketId: null,
    requestedAt: before(60),
    expiresAt: before(-840),
    status: 'pending',
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    usedAt: null,
    ...over,
  };
}

export function grant(over: Partial<GrantRow> = {}): GrantRow {
  return {
    grantId: 3,
    capability: 'cap_web_fetch',
    owner: 'kora',
    kind: 'plugin',
    subject: 'slack',
    status: 'live',
    by: 'operator',
    reason: 'link previews',
    since: before(3_600),
    expiresAt: null,
    revokedAt: null,
    revokedBy: null,
    revokeReason: null,
    ...over,
  };
}
