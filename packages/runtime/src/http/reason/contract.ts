import { z } from 'zod';
import { storableText } from '../words/contract.ts';

const iso = z.string();
const name = storableText(200);
const routes = z.string();
const tier = z.enum(['small', 'standard', 'large']);
const error = z.string();

/** A question of the operator's, or of whoever holds the token. */
export const askSchema = z.strictObject({
  text: z.string().min(1).max(60_000),
  route: z.enum(['cli', 'cockpit']).default('cli'),
  /** The same key is thought about once, and answered again from the record. */
  key: name.optional(),
  conversation: z.strictObject({ channel: name, thread: name }).optional(),
  verdict: z.boolean().optional(),
  phrasebook: z.boolean().optional(),
  limits: z
    .strictObject({
      iterations: z.number().int().min(1).max(5).optional(),
      deadlineMs: z.number().int().min(1).max(900_000).optional(),
      costMicroUsd: z.number().int().min(0).nullable().optional(),
    })
    .optional(),
});

/** What an answer took. Amounts are millionths of a dollar. */
export const answerReceiptSchema = z.object({
  calls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  costMicroUsd: z.number(),
  estimated: z.boolean(),
  durationMs: z.number(),
  rung: z.string(),
  wake: z.string(),
  model: z.string().nullable(),
  tier: tier.nullable(),
  routing: z.string().nullable(),
  tools: z.array(z.string()),
  identityHash: z.string().nullable(),
  promptVersion: z.string().nullable(),
  phrasebookVersion: z.number().nullable(),
  /** What was learned and had a say: `used` decided, `compared` would have said something else than what was done. */
  learned: z
    .array(
      z.object({
        kind: z.string(),
        key: z.string(),
        revision: z.number(),
        as: z.enum(['used', 'compared']),
        wouldHave: z.string().nullable(),
      }),
    )
    .optional(),
});

export const verdictSchema = z.object({
  claims: z.array(
    z.object({
      text: z.string(),
      evidence: z.array(z.string()),
      proven: z.boolean(),
      unread: z.array(z.string()),
    }),
  ),
  confidence: z.number(),
});

const refusal = z.object({ cause: z.string(), scope: z.string().optional() });

export const reasonAnswerSchema = z.object({
  runId: z.string(),
  status: z.enum(['answered', 'incomplete', 'refused', 'failed']),
  by: z.enum(['phrasebook', 'engine', 'nobody']),
  text: z.string(),
  error: error.nullable(),
  /** The door's word, where it was the door. */
  refusal: refusal.optional(),
  /** In words, where there is more to say than the code does. */
  why: z.string().nullable(),
  verdict: verdictSchema.nullable(),
  receipt: answerReceiptSchema,
});

export const reasonRunSchema = reasonAnswerSchema.omit({ refusal: true, status: true }).extend({
  status: z.enum(['open', 'answered', 'incomplete', 'refused', 'failed']),
  refusal: refusal.nullable(),
  route: routes,
  asker: z.string(),
  engine: z.string().nullable(),
  conversationId: z.number().nullable(),
  ticketId: z.number().nullable(),
  question: z.string(),
  /** The tools that its engine was offered; null where none was asked, or an older build ran it. */
  advertised: z.array(z.string()).nullable().optional(),
  startedAt: iso,
  endedAt: iso.nullable(),
  /** When all but the receipt was forgotten. */
  forgottenAt: iso.nullable(),
});

export const reasonCallSchema = z.object({
  callId: z.string(),
  ordinal: z.number(),
  model: z.string(),
  reservedMicroUsd: z.number(),
  /** Null: nobody said how it ended. */
  outcome: z.string().nullable(),
  stopReason: z.string().nullable(),
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cacheReadTokens: z.number(),
      cacheWriteTokens: z.number(),
    })
    .nullable(),
  costMicroUsd: z.number().nullable(),
  estimated: z.boolean().nullable(),
  firstTokenMs: z.number().nullable(),
  request: z.unknown(),
  response: z.unknown(),
  startedAt: iso,
  endedAt: iso.nullable(),
});

export const reasonToolCallSchema = z.object({
  ordinal: z.number(),
  callId: z.string(),
  tool: z.string(),
  input: z.unknown(),
  status: z.string(),
  outcome: z.unknown(),
  durationMs: z.number(),
  at: iso,
});

export const reasonRunDetailSchema = reasonRunSchema.extend({
  /** What the engine was handed, and what it said. */
  inputs: z.unknown(),
  answer: z.unknown(),
  modelCalls: z.array(reasonCallSchema),
  toolCalls: z.array(reasonToolCallSchema),
  evidence: z.array(z.object({ id: z.string(), what: z.string() })),
});

/** A run decided again from its record, without asking a model; what differs is said. */
export const reasonReplaySchema = z.object({
  runId: z.string(),
  steps: z.array(z.object({ what: z.string(), words: z.string() })),
  /** The router's choice, asked of the engine that serves now; null where it cannot be asked again. */
  choice: z
    .object({
      recorded: z.object({ model: z.string().nullable(), routing: z.string().nullable() }),
      now: z.object({ model: z.string().nullable(), tier: tier.nullable(), routing: z.string() }).nullable(),
    })
    .nullable(),
  verdict: verdictSchema.nullable(),
  receipt: answerReceiptSchema,
  differences: z.array(z.string()),
});

export const engineSchema = z.object({
  name: z.string(),
  plugin: z.string(),
  serves: z.boolean(),
  models: z.array(
    z.object({
      name: z.string(),
      provider: z.string(),
      tier,
      contextTokens: z.number(),
      maxOutputTokens: z.number(),
    }),
  ),
});
/** `why`: where nobody serves, what is in the way. */
export const enginesSchema = z.object({ engines: z.array(engineSchema), why: z.string().nullable() });

export const conversationSchema = z.object({
  conversationId: z.number(),
  channel: z.string(),
  thread: z.string(),
  turns: z.number(),
  startedAt: iso,
  lastAt: iso,
});
export const conversationDetailSchema = conversationSchema.extend({
  /** Oldest first. */
  said: z.array(
    z.object({
      n: z.number(),
      direction: z.enum(['inbound', 'outbound']),
      text: z.string(),
      runId: z.string(),
      at: iso,
    }),
  ),
});

/** What is told of runs while they go on; kept nowhere. */
export const liveSignSchema = z
  .object({ runId: z.string(), key: z.string().nullable(), route: routes })
  .and(
    z.union([
      z.object({ kind: z.enum(['began', 'model_call', 'tool_call', 'waiting']), what: z.string() }),
      z.object({ kind: z.literal('text'), delta: z.string() }),
      z.object({ kind: z.literal('ended'), what: z.string(), costMicroUsd: z.number() }),
    ]),
  );

export const cancelledSchema = z.object({ runId: z.string(), cancelled: z.boolean() });
