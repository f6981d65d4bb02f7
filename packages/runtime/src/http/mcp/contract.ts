import { z } from 'zod';
import { reasonSchema, spanSchema } from '../words/contract.ts';

const iso = z.string();

/** A token of a program that asks over MCP, as people see it. */
export const mcpTokenSchema = z.object({
  keyId: z.number(),
  name: z.string(),
  status: z.enum(['live', 'expired', 'revoked']),
  /** What its name is granted now. */
  capabilities: z.array(z.string()),
  /** Kinds of tickets that it may work. */
  kinds: z.array(z.string()),
  reason: z.string(),
  createdAt: iso,
  expiresAt: iso,
  /** To the minute; null when it was never used. */
  usedAt: iso.nullable(),
  revokedAt: iso.nullable(),
  revokeReason: z.string().nullable(),
});
/** The token stands in this answer and nowhere else. */
export const mcpTokenMadeSchema = mcpTokenSchema.extend({ token: z.string() });
export const newMcpTokenSchema = reasonSchema.extend({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,57}$/),
  /** Capabilities, with or without `cap_`, or names of tools. */
  grants: z.array(z.string().min(1).max(100)).min(1).max(50),
  kinds: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/))
    .max(100)
    .default([]),
  /** Milliseconds; default 30 days. Its grants end with it. */
  expiresInMs: spanSchema.default(30 * 86_400_000),
});
