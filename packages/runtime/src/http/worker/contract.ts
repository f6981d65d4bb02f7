import { z } from 'zod';
import { reasonSchema, spanSchema, storableText } from '../words/contract.ts';

const iso = z.string();
const json = z.record(z.string(), z.unknown());
const kind = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/);
/** Anything of the right length: whether it is a claim token is not for the shape to say. */
const claim = z.string().regex(/^[\w-]{88}$/);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

// The operator's side: tokens.
export const workerTokenSchema = z.object({
  workerTokenId: z.number(),
  name: z.string(),
  kinds: z.array(z.string()),
  status: z.enum(['live', 'expired', 'revoked']),
  reason: z.string(),
  createdAt: iso,
  expiresAt: iso,
  revokedAt: iso.nullable(),
  revokeReason: z.string().nullable(),
  /** Sessions that stand now, and tickets held in them. */
  sessions: z.number(),
  held: z.number(),
});
/** The token stands in this answer and nowhere else. */
export const workerTokenMadeSchema = workerTokenSchema.extend({ token: z.string() });
export const newWorkerTokenSchema = reasonSchema.extend({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  kinds: z.array(kind).min(1).max(100),
  /** Milliseconds; default 90 days. */
  expiresInMs: spanSchema.default(90 * 86_400_000),
});

// The worker's side: each body is what one route takes.
export const workerClaimSchema = z.strictObject({
  /** Which an earlier answer named; left out, the worker has none yet. */
  session: z.uuid().optional(),
  kinds: z.array(kind).min(1).max(100).optional(),
  limit: z.number().int().min(1).max(100).default(1),
  /** One ticket by its number, instead of whatever is ready. */
  ticketId: z.number().int().positive().optional(),
  /** Of what a claim means; refused when it is not the runtime's. */
  contractVersion: z.number().int().min(0).max(1_000_000).optional(),
  /** Milliseconds without progress that one ticket may take. */
  deadlineMs: z.number().int().min(1_000).max(86_400_000).default(600_000),
});
export const claimResults = [
  'claimed',
  'nothing_ready',
  'already_claimed',
  'not_assigned',
  'assignment_cleared',
  'ticket_terminal',
  'blocked_by_control',
  'blocked_by_cost',
  'contract_version_mismatch',
] as const;
export const claimedTicketSchema = z.object({
  /** The claim token: shown with everything that is written for this ticket. */
  claim: z.string(),
  ticketId: z.number(),
  fence: z.number(),
  kind: z.string(),
  title: z.string(),
  objective: z.string(),
  payload: json,
  critical: z.boolean(),
  trusted: z.boolean(),
  attempt: z.number(),
  failures: z.number(),
  correlationId: z.string().nullable(),
  deadlineMs: z.number(),
});
export const workerClaimedSchema = z.object({
  result: z.enum(claimResults),
  /** Why nothing was claimed, where a reason is known. */
  cause: z.string().nullable(),
  /** The session that everything claimed is held in; null when there is none. */
  session: z.string().nullable(),
  /** Milliseconds without a claim or a refresh after which the session is lost, with all that it holds. */
  sessionTtlMs: z.number(),
  tickets: z.array(claimedTicketSchema),
});

export const workerRefreshSchema = z.strictObject({ claims: z.array(claim).min(1).max(500) });
export const workerRefreshedSchema = z.object({
  sessionTtlMs: z.number(),
  /** For each claim in order: whether it is still held. */
  held: z.array(z.boolean()),
});

export const workerProgressSchema = z.strictObject({
  claim,
  percent: z.number().min(0).max(100).optional(),
  detail: storableText(2_000).optional(),
});
export const workerProgressedSchema = z.object({ deadline: iso });

export const workerNoteSchema = z.strictObject({ claim, text: storableText(10_000) });
export const workerEventSchema = z.strictObject({
  claim,
  name: z.string().regex(/^[a-z][a-z0-9_.]{0,99}$/),
  data: json.default({}),
});
/** A step of the ledger; the deed itself is the worker's. */
export const workerOperationSchema = z.strictObject({
  claim,
  step: z.enum(['begin', 'dispatched', 'committed', 'abandoned', 'failed']),
  id: storableText(200),
  tool: storableText(200),
  sideEffects: z.enum(['none', 'idempotent', 'once']),
  /** What tells one request from another. */
  request: z.unknown().optional(),
  /** How often it had been begun, as the answer before said. */
  dispatches: z.number().int().min(0).max(2_147_483_646).default(0),
  result: z.unknown().optional(),
  error: storableText(2_000).optional(),
});
export const workerOperatedSchema = z.object({
  /** Sent along with the request: the outside world's idempotency key, the same over all attempts. */
  key: z.string(),
  status: z.enum(['allocated', 'dispatched', 'committed', 'abandoned']),
  dispatches: z.number(),
  /** Of its first beginning: what was `once` then is `once` now. */
  sideEffects: z.enum(['none', 'idempotent', 'once']),
  error: z.string().nullable(),
  result: z.unknown().optional(),
});
export const workerReleaseSchema = z.strictObject({ claim, reason: storableText(2_000) });
export const workerResolveSchema = z.strictObject({
  claim,
  resolution: z.enum([
    'completed',
    'failed_retryable',
    'failed_terminal',
    'blocked_needs_operator',
    'deferred_cost_limit',
    'released',
  ]),
  summary: storableText(10_000),
  result: json.optional(),
  failure: z
    .strictObject({
      class: z.enum(['logical', 'payload', 'policy', 'timeout', 'network', 'store', 'tool', 'budget']),
      reason: storableText(2_000).optional(),
    })
    .optional(),
  retryAfterMs: z
    .number()
    .int()
    .min(0)
    .max(366 * 86_400_000)
    .optional(),
  modelTier: storableText(100).optional(),
  tokens: count.optional(),
  costMicroUsd: count.optional(),
});
/** `already`: this was said before, and its answer was lost. */
export const workerEndedSchema = z.object({ verdict: z.enum(['ok', 'already']) });
export const workerToldSchema = z.object({ accepted: z.literal(true) });
