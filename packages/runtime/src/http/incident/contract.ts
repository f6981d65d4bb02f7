import { z } from 'zod';
import { incidentEntryKinds } from '../../probe/contract.ts';
import { reasonSchema, spanSchema } from '../words/contract.ts';

const iso = z.string();

/** What is known of an incident beside what it was from the start; left out by runtimes that do not say it. */
export const incidentStandingShape = {
  /** The wake of the incident that leads its storm; its own when it leads, or stands alone. */
  stormId: z.string().nullish(),
  /** While it is a consequence: the probe whose failure explains it, and that one's incident once there is one. */
  causedBy: z.string().nullish(),
  consequenceOf: z.number().nullish(),
  flappingSince: iso.nullish(),
  /** Who said that they know, and why. */
  acknowledgedBy: z.string().nullish(),
  acknowledgeReason: z.string().nullish(),
  /** Until then only its end is told. */
  silencedUntil: iso.nullish(),
  silenceReason: z.string().nullish(),
  /** `recovered`, `probe removed`, `probe unconfigured`; null while it is open. */
  endedBy: z.string().nullish(),
  /** How often it came back after it had ended. */
  reopened: z.number().nullish(),
};

/** One line of an incident's timeline. */
export const incidentEntrySchema = z.object({
  at: iso,
  kind: z.enum(incidentEntryKinds),
  text: z.string(),
  /** Null for what Kora did by itself. */
  by: z.string().nullable(),
  eventId: z.string().nullable(),
});

/** Something that happened around an incident, and where it can be looked up. */
export const incidentStorySchema = z.object({
  at: iso,
  kind: z.enum([...incidentEntryKinds, 'look', 'wake', 'reasoning', 'message', 'attempt', 'event']),
  text: z.string(),
  /** Null for what Kora did by itself. */
  by: z.string().nullable(),
  /** The event by its place on the chain, the message as its address names it. */
  source: z.object({ kind: z.enum(['event', 'message', 'run', 'wake', 'probe']), id: z.string() }).nullable(),
});

/** Known; with `forMs` quiet for so long, too. */
export const acknowledgeIncidentSchema = reasonSchema.extend({ forMs: spanSchema.optional() });
/** Known, and quiet for so long: thirty days at most. */
export const silenceIncidentSchema = reasonSchema.extend({ forMs: spanSchema });
