import { z } from 'zod';
import { messageLogSchema } from './contract.ts';

const iso = z.string();

/** How a message is named in an address: `out-12`, `in-45`, and `refused-77` by its place on the chain. */
export const messageIdSchema = z.string().regex(/^(?:out|in|refused)-[1-9]\d{0,14}$/);

const other = z.object({ id: z.string(), title: z.string(), channel: z.string() });

/** What happened to a message, in one line of words. */
const messageStepSchema = z.object({
  seq: z.number(),
  at: iso,
  type: z.string(),
  words: z.string(),
  /** How a try to tell it ended; null for what was no try. */
  outcome: z.enum(['delivered', 'failed', 'moved', 'returned']).nullable(),
  channel: z.string().nullable(),
  /** Which try over that channel it was. */
  attempt: z.number().nullable(),
  /** Where it goes from there. */
  to: z.string().nullable(),
  error: z.string().nullable(),
});

/** What a message is about or belongs to, each with a page of its own. */
const messageAboutSchema = z.object({
  kind: z.enum(['incident', 'alert', 'wake', 'ticket', 'approval', 'decision', 'proposal', 'run']),
  id: z.string(),
  title: z.string().nullable(),
});

/** `GET /api/message-log/:id`: one message with its tries, what it answers and what it is about. */
export const messageStorySchema = z.object({
  id: z.string(),
  /** As the log has it, with its whole text. */
  message: messageLogSchema.shape.rows.element,
  /** Of one that went out. */
  told: z
    .object({
      key: z.string(),
      thread: z.string(),
      severity: z.enum(['critical', 'warning', 'info']),
      source: z.string(),
      correlationId: z.string().nullable(),
      receipt: z.string().nullable(),
      deliveredAt: iso.nullable(),
      /** Null once it is told. */
      nextTryAt: iso.nullable(),
      /** Channels that it still goes to in turn. */
      fallback: z.array(z.string()),
      /** The message that it was told within. */
      carriedBy: other.nullable(),
      /** The message by which it is told again, because it came back. */
      again: other.nullable(),
    })
    .nullable(),
  /** Of one that came in. */
  came: z
    .object({
      providerId: z.string(),
      conversation: z.string(),
      authenticatedBy: z.string(),
      outcome: z.string().nullable(),
      error: z.string().nullable(),
      endedAt: iso.nullable(),
    })
    .nullable(),
  /** Oldest first; null where nobody wrote it down. */
  steps: z.array(messageStepSchema).nullable(),
  answers: other.nullable(),
  answeredBy: z.array(other),
  about: z.array(messageAboutSchema),
});
