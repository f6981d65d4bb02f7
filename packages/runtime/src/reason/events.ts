import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const tool = classified({
  public: {
    tool: z.string(),
    session: z.string(),
    route: z.string(),
    status: z.enum(['ok', 'not_allowed', 'execution_error']),
    /** How it ended, in full: `refused`, `repeated`, `timed_out`, … */
    outcome: z.string().optional(),
    /** Of a refusal at the door. */
    cause: z.string().optional(),
    /** How many facts it read. */
    evidence: z.number().optional(),
    duration_ms: z.number(),
    /** Of the identity under which it was thought: `hash` of `context.identity.current()`. */
    identity_hash: z.string().optional(),
  },
  /** What the arguments were like: their names, and how long each is. */
  internal: { arguments: z.unknown().optional() },
});
export const toolCalled: EventType<z.infer<typeof tool>> = eventType(
  'reasoning.tool_called',
  'The model asked for a tool; of its arguments only the shape is recorded.',
  tool,
);

const override = classified({
  public: { route: z.string(), model: z.string(), source: z.string() },
  internal: { reason: z.string() },
});
const overrideApplied: EventType<z.infer<typeof override>> = eventType(
  'reasoning.override_applied',
  'The operator asked for a certain model, and the router took it.',
  override,
);

const sent = classified({
  public: { message_id: z.number(), session: z.string(), attachments: z.number() },
  internal: { subject: z.string() },
});
export const operatorWritten: EventType<z.infer<typeof sent>> = eventType(
  'tool.email_to_operator_sent',
  'A tool of the model wrote to the operator; the message went into the outbox.',
  sent,
);

const phrasebook = classified({
  public: {
    /** The one that answers from now on. */
    version: z.number(),
    entries_before: z.number(),
    entries_after: z.number(),
    proposal: z.string().nullable(),
  },
  internal: { reason: z.string() },
});
export const phrasebookUpdated: EventType<z.infer<typeof phrasebook>> = eventType(
  'phrasebook.updated',
  'The phrasebook was edited, reverted, or took over a proposal.',
  phrasebook,
);

const completed = classified({
  public: {
    run_id: z.string(),
    route: z.string(),
    status: z.enum(['answered', 'incomplete', 'refused', 'failed']),
    by: z.enum(['phrasebook', 'engine', 'nobody']),
    error: z.string().nullable(),
    model: z.string().nullable(),
    tier: z.string().nullable(),
    routing: z.string().nullable(),
    calls: z.number(),
    tokens: z.number(),
    cost_usd: z.number(),
    /** Some of the cost is an estimate. */
    estimated: z.boolean(),
    seconds: z.number(),
    rung: z.string(),
    identity_hash: z.string().nullable(),
    prompt_version: z.string().nullable(),
    phrasebook_version: z.number().nullable(),
  },
  internal: { wake: z.string() },
});
export const runCompleted: EventType<z.infer<typeof completed>> = eventType(
  'reasoning.run_completed',
  'A question was answered, left incomplete, refused or failed; with what it took.',
  completed,
);

export const reasonEvents: readonly EventType[] = [
  toolCalled,
  overrideApplied,
  operatorWritten,
  phrasebookUpdated,
  runCompleted,
];
