import { z } from 'zod';
import { mutationSchema, spanSchema, storableText } from '../words/contract.ts';

const iso = z.string();
const subjectKind = z.enum(['plugin', 'mcp', 'route']);

export const capabilitySchema = z.object({
  id: z.string(),
  title: z.string(),
  risk: z.enum(['low', 'high']),
  /** What a call without a grant meets; nothing is allowed by default. */
  defaultVerdict: z.enum(['denied', 'ask']),
  /** Plugin that declared it, or `kora`. */
  owner: z.string(),
});

export const grantSchema = z.object({
  grantId: z.number(),
  capability: z.string(),
  /** Whose capability it is a grant of. */
  owner: z.string(),
  kind: subjectKind,
  subject: z.string(),
  status: z.enum(['live', 'expired', 'revoked']),
  by: z.string(),
  reason: z.string(),
  since: iso,
  expiresAt: iso.nullable(),
  revokedAt: iso.nullable(),
  revokedBy: z.string().nullable(),
  revokeReason: z.string().nullable(),
});

export const capabilitiesSchema = z.object({
  capabilities: z.array(capabilitySchema),
  grants: z.array(grantSchema),
});

export const approvalSchema = z.object({
  approvalId: z.number(),
  capability: z.string(),
  /** The tool or the fix. */
  what: z.string(),
  caller: z.string(),
  callId: z.string(),
  /** Hex SHA-256; of the arguments nothing else is kept. */
  argumentsHash: z.string(),
  /** The caller's own word. */
  reason: z.string().nullable(),
  ticketId: z.number().nullable(),
  requestedAt: iso,
  expiresAt: iso,
  status: z.enum(['pending', 'approved', 'refused', 'expired', 'used']),
  decidedAt: iso.nullable(),
  decidedBy: z.string().nullable(),
  decisionReason: z.string().nullable(),
  usedAt: iso.nullable(),
});

/** A word of the operator: with its reason, and said once for its key. */
export const decisionSchema = mutationSchema;
export const newGrantSchema = mutationSchema.extend({
  capability: storableText(100),
  to: z.strictObject({ kind: subjectKind, subject: storableText(200) }),
  /** Left out, it lasts until it is revoked. */
  forMs: spanSchema.optional(),
});
