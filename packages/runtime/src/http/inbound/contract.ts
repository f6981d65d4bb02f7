import { z } from 'zod';

const iso = z.string();

export const inboundStateSchema = z.enum([
  'received',
  'waiting',
  'working',
  'answered',
  'ended',
  'quarantined',
]);

/** A message that came in over a channel, and what became of it. */
export const inboundSchema = z.object({
  inboundId: z.number(),
  channel: z.string(),
  providerId: z.string(),
  conversation: z.string(),
  state: inboundStateSchema,
  sender: z.string().nullable(),
  trusted: z.boolean(),
  /** How the sender was made sure of; empty where it was not. */
  authenticatedBy: z.string(),
  /** Empty when it was never read, or is forgotten; in a list its first 2 000 characters. */
  text: z.string(),
  attachments: z.array(z.string()),
  receivedAt: iso,
  attempts: z.number(),
  error: z.string().nullable(),
  /** decision, ticket_answer, ticket, phrasebook, engine, nobody, refused or dropped. */
  outcome: z.string().nullable(),
  ticketId: z.number().nullable(),
  runId: z.string().nullable(),
  /** Why it is in quarantine. */
  reason: z.string().nullable(),
  /** Bytes that could not be read, as they are kept. */
  sealedBytes: z.number().nullable(),
  endedAt: iso.nullable(),
});
/** With what could not be read, opened here: a stranger's bytes, which nobody is to trust. */
export const inboundDetailSchema = inboundSchema.extend({ rawBase64: z.string().nullable() });
