import { z } from 'zod';
import { mutationSchema, storableText } from '../words/contract.ts';

const iso = z.string();
const json = z.record(z.string(), z.unknown());
const ticketId = z.number().int().positive();
const actor = storableText(200);

/** How many tickets one request may add. */
export const mostTicketsAtOnce = 5_000;
/** Tickets that one may wait for. */
const mostNeeded = 100;

export const bucketSchema = z.enum([
  'queued',
  'in_progress',
  'deferred',
  'failed_or_blocked',
  'recently_resolved',
]);

/** Which comes first, the most urgent one first. */
export const ticketPrioritySchema = z.enum(['frontier', 'high', 'normal', 'low']);

/** Every status a ticket can have. */
export const ticketStatusSchema = z.enum([
  'assigned',
  'waiting',
  'claimed',
  'in_progress',
  'released',
  'failed_retryable',
  'deferred_cost_limit',
  'blocked_needs_operator',
  'completed',
  'failed_terminal',
  'cancelled',
]);

/** Open tickets by bucket; the sums of DOMAIN §6. */
export const ticketCountsSchema = z.object({
  queued: z.number(),
  in_progress: z.number(),
  deferred: z.number(),
  failed_or_blocked: z.number(),
});

/** A ticket as it stands. Times are the store's; null means that it has not happened. */
export const ticketSchema = z.object({
  ticketId: z.number(),
  kind: z.string(),
  title: z.string(),
  objective: z.string(),
  payload: json,
  priority: ticketPrioritySchema,
  critical: z.boolean(),
  /** Whether a cheaper model may work it when money is short. */
  downshift: z.enum(['eligible', 'frontier_only']),
  assignedTo: z.string(),
  status: z.string(),
  bucket: bucketSchema,
  statusReason: z.string().nullable(),
  notRunnableReason: z.string().nullable(),
  fence: z.number(),
  /** Claims of the store's present epoch. */
  attempts: z.number(),
  /** After so many of them it waits for the operator. */
  attemptCeiling: z.number(),
  /** Logical ones, of which three end it. */
  failures: z.number(),
  /** Attempts that ended badly, by what kind of failure it was, over its whole life. */
  failureCountByReason: z.record(z.string(), z.number()),
  /** Of the last attempt that said so; null: by rules alone, or not told. */
  modelTier: z.string().nullable(),
  origin: z.string(),
  trusted: z.boolean(),
  idempotencyKey: z.string().nullable(),
  correlationId: z.string().nullable(),
  createdAt: iso,
  assignedAt: iso,
  claimedAt: iso.nullable(),
  /** When it was last put off for want of budget. */
  deferredAt: iso.nullable(),
  nextEligibleAt: iso.nullable(),
  /** When its holder loses it unless it tells progress; null while nobody holds it. */
  deadline: iso.nullable(),
  /** What its holder told last, and when. */
  progress: json.nullable(),
  progressAt: iso.nullable(),
  resolvedAt: iso.nullable(),
  summary: z.string().nullable(),
  result: json.nullable(),
});

/** A ticket on the board: the names that panels of it have always had go with those of the API. */
export const boardTicketSchema = ticketSchema.extend({
  id: z.number(),
  criticality: z.enum(['eligible', 'frontier_only']),
  state: z.string(),
  created_at: iso,
  assigned_at: iso,
  claimed_at: iso.nullable(),
  deferred_at: iso.nullable(),
  next_eligible_at: iso.nullable(),
  /** Among the recently resolved: when its last attempt ended, also one that ended nothing. */
  resolved_at: iso.nullable(),
  /** How its last attempt ended; null before the first has. */
  resolution: z.string().nullable(),
  /** Claims ever made. */
  claim_count: z.number(),
  work_attempt_count: z.number(),
  model_tier_used: z.string().nullable(),
  failure_count_by_reason: z.record(z.string(), z.number()),
});

/** The four counts add up to `open` and `failed_last_7_days`; each lane lists its first 200. */
export const boardCountsSchema = ticketCountsSchema.extend({
  /** Tickets that are not at their end. */
  open: z.number(),
  /** Ended as failed within the last seven days, and not opened again. */
  failed_last_7_days: z.number(),
});

export const bucketsSchema = z.object({
  in_progress: z.array(boardTicketSchema),
  queued: z.array(boardTicketSchema),
  deferred: z.array(boardTicketSchema),
  /** Attempts that ended last, 20 at most; outside the sums, so a ticket may stand here and in a lane. */
  recently_resolved: z.array(boardTicketSchema),
  failed_or_blocked: z.array(boardTicketSchema),
  counts: boardCountsSchema,
});

/** One attempt that ended. */
export const outcomeSchema = z.object({
  fence: z.number(),
  resolution: z.string(),
  summary: z.string(),
  failureClass: z.string().nullable(),
  failureReason: z.string().nullable(),
  modelTier: z.string().nullable(),
  tokens: z.number().nullable(),
  costUsd: z.number().nullable(),
  claimedAt: iso.nullable(),
  at: iso,
  runtimeId: z.string(),
});

/** One effect on the world outside, as the ledger has it. */
export const operationSchema = z.object({
  operationId: z.string(),
  tool: z.string(),
  sideEffects: z.enum(['none', 'idempotent', 'once']),
  status: z.enum(['allocated', 'dispatched', 'committed', 'abandoned']),
  /** Of the claim that moved it last. */
  fence: z.number(),
  /** How often it was sent. */
  dispatches: z.number(),
  error: z.string().nullable(),
  allocatedAt: iso,
  dispatchedAt: iso.nullable(),
  endedAt: iso.nullable(),
});

export const ticketNoteSchema = z.object({ fence: z.number(), text: z.string(), at: iso });

/** A ticket on the other side of a dependency. */
export const relatedTicketSchema = z.object({
  ticketId: z.number(),
  title: z.string(),
  status: z.string(),
});

export const timelineEntrySchema = z.object({
  at: iso,
  what: z.enum(['added', 'claimed', 'attempt', 'operation', 'note', 'operator', 'dependency', 'event']),
  /** One line. */
  words: z.string(),
  fence: z.number().nullable(),
  /** The event on the chain that says so; null where a row alone does. */
  seq: z.number().nullable(),
});

export const ticketDetailSchema = ticketSchema.extend({
  outcomes: z.array(outcomeSchema),
  operations: z.array(operationSchema),
  notes: z.array(ticketNoteSchema),
  /** What must be completed before it may be claimed. */
  blockedBy: z.array(relatedTicketSchema),
  /** What waits for it, the first 100. */
  blocks: z.array(relatedTicketSchema),
  /** All of it in the order of time; the newest 500. */
  timeline: z.array(timelineEntrySchema),
});

export const newTicketSchema = z.strictObject({
  kind: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/)
    .default('general'),
  title: z.string().trim().min(1).max(500),
  objective: z.string().max(20_000).default(''),
  payload: json.default({}),
  priority: ticketPrioritySchema.default('normal'),
  critical: z.boolean().default(false),
  downshift: z.enum(['eligible', 'frontier_only']).optional(),
  /** Whose work it is; left out: any runtime of the workspace. */
  assignedTo: actor.optional(),
  /** Not claimable before. */
  notBefore: z.iso.datetime({ offset: true }).optional(),
  /** Tickets that must be completed first. */
  blockedBy: z.array(ticketId).max(mostNeeded).optional(),
  /** A second ticket with the key is the first one. */
  idempotencyKey: storableText(200).optional(),
});

/** All of them or none: what is wrong is told with its place among them. */
export const newTicketsSchema = z.strictObject({
  tickets: z.array(newTicketSchema).min(1).max(mostTicketsAtOnce),
});

export const addedTicketSchema = z.object({
  ticketId: z.number(),
  /** False where the key belongs to an earlier ticket, which this is. */
  created: z.boolean(),
});
/** In the order in which they were sent. */
export const addedTicketsSchema = z.object({ tickets: z.array(addedTicketSchema) });

export const reassignSchema = mutationSchema.extend({ assignedTo: actor });
export const reprioritiseSchema = mutationSchema.extend({ priority: ticketPrioritySchema });

/** Part of one lane of the board: `GET /api/sea-tickets/lane`. */
export const lanePageSchema = z.object({
  tickets: z.array(boardTicketSchema.extend({ costMicroUsd: z.number().nullable() })),
  /** How many the lane holds that fit what was asked; null where it was not counted. */
  total: z.number().nullable(),
  next: z.string().nullable(),
});
