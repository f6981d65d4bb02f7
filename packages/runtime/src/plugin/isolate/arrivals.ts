import { z } from 'zod';
import { fault } from '../../fault/index.ts';
import type {
  CallCost,
  CallRequest,
  ChannelSpec,
  Consequences,
  EventDraft,
  EventQuery,
  NewMessage,
  NewTicket,
  ProbeSnapshot,
  ServiceTokenAnswer,
  TaskOutcome,
  TicketResult,
} from '../contract.ts';
import {
  defaultVerdicts,
  failureClasses,
  identitySpecSchema,
  probeCategories,
  probeStatuses,
  risks,
  ticketPriorities,
  ticketResolutions,
} from '../contract.ts';
import type { Frame } from './frame.ts';

/**
 * Everything that comes from a guest is a stranger's word: each shape is parsed here before the house sees it. Texts
 * are bounded, since what a guest writes ends in logs, rows and messages. Throws KORA_PLUGIN_INVALID naming the key.
 */
export function parsed<T>(schema: z.ZodType<T>, given: unknown): T {
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  const key = first === undefined || first.path.length === 0 ? 'it' : first.path.map(String).join('.');
  throw fault('KORA_PLUGIN_INVALID', `${key}: ${first?.message ?? 'malformed'}`);
}

const line = z.string().max(1_000);
const text = z.string().max(100_000);
const name = z.string().min(1).max(200);
const ms = z.number().int().positive();
const count = z.number().int().nonnegative();
const json = z.record(z.string(), z.unknown());

const wireError = z.object({
  code: line,
  message: z.string().transform((given) => given.slice(0, 4_000)),
  stack: z.exactOptional(z.string().transform((given) => given.slice(0, 16_000))),
  fix: z.exactOptional(line),
  details: z.exactOptional(json),
});

const id = z.number().int().nonnegative();

export const frameSchema: z.ZodType<Frame> = z.discriminatedUnion('t', [
  z.object({ t: z.literal('call'), id, method: name, params: z.unknown().optional() }),
  z.object({ t: z.literal('tell'), method: name, params: z.unknown().optional() }),
  z.object({ t: z.literal('abort'), id }),
  z.object({ t: z.literal('done'), id, value: z.unknown().optional() }),
  z.object({ t: z.literal('fail'), id, error: wireError }),
]);

const severity = z.enum(['critical', 'warning', 'info']);

export const newTicket: z.ZodType<NewTicket> = z.object({
  kind: name,
  title: line,
  objective: z.exactOptional(text),
  payload: z.exactOptional(json),
  priority: z.exactOptional(z.enum(ticketPriorities)),
  critical: z.exactOptional(z.boolean()),
  downshift: z.exactOptional(z.enum(['eligible', 'frontier_only'])),
  assignedTo: z.exactOptional(name),
  notBefore: z.exactOptional(name),
  blockedBy: z.exactOptional(z.array(z.number().int().positive()).max(100)),
  idempotencyKey: z.exactOptional(name),
  origin: z.exactOptional(name),
  trusted: z.exactOptional(z.boolean()),
  correlationId: z.exactOptional(name),
  causationId: z.exactOptional(name),
});

export const newMessage: z.ZodType<NewMessage> = z.object({
  key: name,
  thread: name,
  severity,
  title: line,
  body: text,
  source: name,
  correlationId: z.exactOptional(name),
  causationId: z.exactOptional(name),
  channel: z.exactOptional(name),
  fallback: z.exactOptional(z.array(name).max(10)),
  attachments: z.exactOptional(z.array(name).max(10)),
});

export const eventDraft: z.ZodType<EventDraft> = z.object({
  type: name,
  payload: json,
  actorId: z.exactOptional(name),
  correlationId: z.exactOptional(name),
  causationId: z.exactOptional(name),
  ticketId: z.exactOptional(z.number().int()),
  fence: z.exactOptional(z.number().int()),
});

export const eventQuery: z.ZodType<EventQuery> = z.object({
  after: z.exactOptional(z.number().int()),
  type: z.exactOptional(name),
  limit: z.exactOptional(z.number().int()),
  order: z.exactOptional(z.enum(['asc', 'desc'])),
});

export const incidentQuery: z.ZodType<{ readonly status?: 'open' | 'resolved'; readonly limit?: number }> =
  z.object({
    status: z.exactOptional(z.enum(['open', 'resolved'])),
    limit: z.exactOptional(z.number().int()),
  });

export const historyQuery: z.ZodType<{ readonly probe: string; readonly limit?: number }> = z.object({
  probe: name,
  limit: z.exactOptional(z.number().int()),
});

const claim = z.object({ ticketId: z.number().int(), fence: z.number().int() });
const callWords = { callId: name, claim: z.exactOptional(claim) };
const gatedWords = {
  ...callWords,
  capability: name,
  argumentsHash: name,
  approvalId: z.exactOptional(z.number().int()),
  reason: z.exactOptional(text),
};

export const callRequest: z.ZodType<CallRequest> = z.discriminatedUnion('door', [
  z.object({ door: z.literal('model_call'), ...callWords, route: name, estimateMicroUsd: z.number() }),
  z.object({ door: z.literal('tool_call'), ...gatedWords, tool: name }),
  z.object({ door: z.literal('autofix'), ...gatedWords, fix: name }),
  z.object({ door: z.literal('outbound_message'), ...gatedWords, channel: name }),
]);

export const settlement: z.ZodType<{ readonly callId: string } & CallCost> = z.object({
  callId: name,
  costMicroUsd: z.number().optional(),
  usage: z
    .object({
      inputTokens: z.number(),
      outputTokens: z.number(),
      cacheReadTokens: z.number(),
      cacheWriteTokens: z.number(),
    })
    .optional(),
  model: name.optional(),
});

const consequencesShape = {
  tickets: z.exactOptional(z.array(newTicket).max(100)),
  messages: z.exactOptional(z.array(newMessage).max(100)),
  events: z.exactOptional(z.array(eventDraft).max(100)),
};

/** Null is how "nothing" crosses. */
export const reaction: z.ZodType<Consequences | null> = z.object(consequencesShape).nullable();

export const ticketResult: z.ZodType<TicketResult> = z.object({
  ...consequencesShape,
  resolution: z.enum(ticketResolutions),
  summary: text,
  result: z.exactOptional(json),
  failure: z.exactOptional(z.object({ class: z.enum(failureClasses), reason: z.exactOptional(text) })),
  retryAfterMs: z.exactOptional(count),
  modelTier: z.exactOptional(name),
  tokens: z.exactOptional(count),
  costMicroUsd: z.exactOptional(count),
});

export const probeSnapshot: z.ZodType<ProbeSnapshot> = z.object({
  status: z.enum(probeStatuses),
  latencyMs: z.exactOptional(z.number().nonnegative()),
  details: json,
  error: z.exactOptional(text),
  category: z.exactOptional(z.enum(probeCategories)),
});

export const tokenAnswer: z.ZodType<ServiceTokenAnswer> = z.object({
  state: z.enum(['ok', 'refused', 'unavailable']),
  detail: line,
  expiresAt: z.exactOptional(name),
});

export const taskOutcome: z.ZodType<TaskOutcome | null> = z.enum(['ok', 'noop']).nullable();
export const receipt: z.ZodType<Awaited<ReturnType<ChannelSpec['send']>>> = z.object({ receipt: line });
export const identityAnswer: z.ZodType<z.infer<typeof identitySpecSchema> | null> =
  identitySpecSchema.nullable();
/** Of calls whose answer says only that they ended. */
export const nothing: z.ZodType = z.unknown();

const handle = z.number().int().nonnegative();

export const approvalWait: z.ZodType<{ approvalId: number }> = z.object({
  approvalId: z.number().int().positive(),
});

const cadence = z.union([
  z.object({ everyMs: ms }),
  z.object({ cron: name, zone: z.exactOptional(name) }),
  z.object({ at: name }),
]);

const taskShape = {
  name,
  cadence,
  purpose: z.enum(['observe', 'act']),
  scope: z.exactOptional(z.enum(['runtime', 'fleet'])),
  timeoutMs: z.exactOptional(ms),
  jitterMs: z.exactOptional(z.number().nonnegative()),
  overlap: z.exactOptional(z.literal('skip')),
  catchUp: z.exactOptional(z.enum(['none', 'once'])),
};

/** What a guest registers: the data of it, and the handle under which its functions are called back. */
export const registrations = {
  daemon: z.object({
    handle,
    name,
    startupTimeoutMs: z.exactOptional(ms),
    shutdownTimeoutMs: z.exactOptional(ms),
    fatalOnStartupFailure: z.exactOptional(z.boolean()),
    dependsOn: z.exactOptional(z.array(name).max(100)),
    scope: z.exactOptional(z.enum(['runtime', 'fleet'])),
    livenessMs: z.exactOptional(ms),
    tasks: z.array(z.object({ handle, ...taskShape })).max(100),
  }),
  task: z.object({ handle, ...taskShape }),
  identity: z.object({ handle, name }),
  probe: z.object({
    handle,
    name,
    kind: name,
    target: line,
    everyMs: ms,
    timeoutMs: z.exactOptional(ms),
    consecutive: z.exactOptional(ms),
    severity: z.exactOptional(severity),
    dependsOn: z.exactOptional(z.array(name).max(50)),
    host: z.exactOptional(line),
    scope: z.exactOptional(z.enum(['runtime', 'fleet'])),
  }),
  channel: z.object({ handle, name, listens: z.boolean().default(false) }),
  token: z.object({ handle, name }),
  capability: z.object({
    handle,
    id: name,
    title: line,
    risk: z.enum(risks),
    defaultVerdict: z.enum(defaultVerdicts),
  }),
  handler: z.object({
    handle,
    kind: name,
    concurrency: z.exactOptional(ms),
    deadlineMs: z.exactOptional(ms),
    prefetch: z.exactOptional(count),
    budgetMicroUsd: z.exactOptional(count),
  }),
  events: z.object({
    handle,
    types: z.array(z.object({ type: name, version: ms, means: line, schema: json })).max(200),
  }),
  subscription: z.object({
    handle,
    consumer: name,
    types: z.array(z.string().max(200)).max(200),
    from: z.exactOptional(z.union([z.enum(['now', 'beginning']), ms])),
    deadlineMs: z.exactOptional(ms),
    batch: z.exactOptional(ms),
  }),
};

export const disposal: z.ZodType<{ handle: number }> = z.object({ handle });

export const logLine: z.ZodType<{
  level: 'info' | 'warn' | 'error';
  message: string;
  fields?: Record<string, unknown>;
}> = z.object({
  level: z.enum(['info', 'warn', 'error']),
  message: z.string(),
  fields: z.exactOptional(json),
});
