import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const escalation = classified({
  public: { approval: z.string(), capability: z.string(), caller: z.string(), expires_at: z.string() },
  internal: {
    what: z.string(),
    call_id: z.string(),
    /** Of the arguments nothing else is ever recorded. */
    arguments_hash: z.string(),
    reason: z.string().optional(),
  },
});
export const escalationRequested: EventType<z.infer<typeof escalation>> = eventType(
  'kora.escalation.requested',
  'A call needs a capability that its caller does not have; the operator is asked.',
  escalation,
);

const denial = classified({
  public: {
    cause: z.enum(['capability_denied', 'capability_unmapped', 'approval_refused']),
    /** Absent when there is no capability of the name that was given. */
    capability: z.string().optional(),
    caller: z.string(),
  },
  internal: { what: z.string(), detail: z.string() },
});
export const capabilityDenied: EventType<z.infer<typeof denial>> = eventType(
  'kora.capability.denied',
  'A call was refused for want of a capability; once a minute for each caller, capability and cause.',
  denial,
);

const grant = classified({
  public: { grant_id: z.number(), capability: z.string(), subject_kind: z.string(), subject: z.string() },
  internal: { reason: z.string(), expires_at: z.string().nullable() },
});
export const capabilityGranted: EventType<z.infer<typeof grant>> = eventType(
  'kora.capability.granted',
  'The operator granted a capability to a plugin, an MCP caller or a route.',
  grant,
);
export const capabilityRevoked: EventType<z.infer<typeof grant>> = eventType(
  'kora.capability.revoked',
  'The operator took a grant back, or put another in its place; calls under it are refused from then on.',
  grant,
);

const about = { approval: z.string(), capability: z.string(), caller: z.string() };
const decision = classified({ public: about, internal: { reason: z.string() } });
export const approvalApproved: EventType<z.infer<typeof decision>> = eventType(
  'kora.approval.approved',
  'The operator agreed to the one call that an approval is about.',
  decision,
);
export const approvalRefused: EventType<z.infer<typeof decision>> = eventType(
  'kora.approval.refused',
  'The operator refused the call that an approval is about.',
  decision,
);

const lapse = classified({ public: { ...about, was: z.enum(['pending', 'approved']) } });
export const approvalExpired: EventType<z.infer<typeof lapse>> = eventType(
  'kora.approval.expired',
  'The time of an approval was over before it was decided, or before its call came.',
  lapse,
);

const use = classified({ public: about, internal: { call_id: z.string() } });
export const approvalUsed: EventType<z.infer<typeof use>> = eventType(
  'kora.approval.used',
  'The one call that an approval stood in for was let through; there is no second.',
  use,
);

export const capabilityEvents: readonly EventType[] = [
  escalationRequested,
  capabilityDenied,
  capabilityGranted,
  capabilityRevoked,
  approvalApproved,
  approvalRefused,
  approvalExpired,
  approvalUsed,
];
