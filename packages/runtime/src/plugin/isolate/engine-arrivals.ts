import { z } from 'zod';
import { modelTiers, reasonErrors } from '../contract.ts';
import type {
  EngineAnswer,
  EngineSign,
  LearnedUse,
  ModelCallEnd,
  ModelCallStart,
  ModelChoice,
  ModelSpec,
} from '../contract.ts';

// What a guest says as an engine, bounded as everything that comes from there. See arrivals.ts.

const name = z.string().min(1).max(200);
const line = z.string().max(1_000);
const text = z.string().max(1_000_000);
const count = z.number().int().nonnegative();

const model: z.ZodType<ModelSpec> = z.object({
  name,
  provider: name,
  tier: z.enum(modelTiers),
  contextTokens: count,
  maxOutputTokens: count,
  price: z
    .object({
      input: z.number().nonnegative(),
      output: z.number().nonnegative(),
      cacheRead: z.number().nonnegative(),
      cacheWrite: z.number().nonnegative(),
    })
    .nullable(),
});

export interface EngineArrival {
  /** Under which its functions are called back. */
  readonly handle: number;
  readonly name: string;
  readonly models: ModelSpec[];
  readonly decides: boolean;
}

export const engine: z.ZodType<EngineArrival> = z.object({
  handle: count,
  name,
  models: z.array(model).max(200),
  decides: z.boolean(),
});

const learned: z.ZodType<LearnedUse> = z.object({
  kind: name,
  key: z.string().max(300),
  revision: z.int().min(1),
  as: z.enum(['used', 'compared']),
  wouldHave: z.string().max(2_000).nullable(),
});

export const modelChoice: z.ZodType<ModelChoice> = z.object({
  model: name.nullable(),
  tier: z.enum(modelTiers).nullable(),
  routing: line,
  learned: z.exactOptional(z.array(learned).max(20)),
});

export const engineAnswer: z.ZodType<EngineAnswer> = z.object({
  status: z.enum(['answered', 'incomplete', 'failed']),
  text,
  error: z.exactOptional(z.enum(reasonErrors)),
  model: z.exactOptional(name),
  tier: z.exactOptional(z.enum(modelTiers)),
  routing: z.exactOptional(line),
  promptVersion: z.exactOptional(name),
  dropped: z.exactOptional(z.array(line).max(100)),
  claims: z.exactOptional(
    z.array(z.object({ text: z.string().max(10_000), evidence: z.array(name).max(100) })).max(200),
  ),
  confidence: z.exactOptional(z.number()),
  learned: z.exactOptional(z.array(learned).max(20)),
});

const sign: z.ZodType<EngineSign> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text'), delta: z.string().max(100_000) }),
  z.object({ kind: z.enum(['model_call', 'tool_call', 'waiting']), what: z.string().transform(cut) }),
]);

export const engineSign: z.ZodType<{ runId: string; sign: EngineSign }> = z.object({ runId: name, sign });

const named = { runId: name, callId: name };

export const callStart: z.ZodType<ModelCallStart> = z.object({
  ...named,
  model: name,
  inputTokens: z.number(),
  maxOutputTokens: z.number(),
  request: z.unknown(),
});

/** What a provider says it counted is judged where it is priced. */
export const callEnd: z.ZodType<ModelCallEnd> = z.object({
  ...named,
  outcome: z.enum(['ok', ...reasonErrors]),
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cacheReadTokens: z.number(),
      cacheWriteTokens: z.number(),
    })
    .nullable(),
  response: z.unknown(),
  stopReason: z.exactOptional(line),
  firstTokenMs: z.exactOptional(z.number()),
  headroom: z.exactOptional(z.number()),
});

export const toolAsked: z.ZodType<{
  runId: string;
  callId: string;
  tool: string;
  input: unknown;
  reason?: string;
}> = z.object({ ...named, tool: name, input: z.unknown(), reason: z.exactOptional(text) });

function cut(given: string): string {
  return given.slice(0, 1_000);
}
