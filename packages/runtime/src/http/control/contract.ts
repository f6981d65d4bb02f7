import { z } from 'zod';
import { mutationSchema, spanSchema } from '../words/contract.ts';

const iso = z.string();

export const holdSchema = z.object({
  holdId: z.number(),
  cause: z.enum(['operator', 'cost', 'dr', 'chain']),
  owner: z.string(),
  reason: z.string(),
  since: iso,
  expiresAt: iso.nullable(),
});

export const pauseSchema = mutationSchema.extend({ forMs: spanSchema.optional() });
export const resumeSchema = mutationSchema.extend({ holdId: z.number().int().positive().optional() });
/** Level 0 is not asked for by its number: it is what a bare resume issues. */
export const stopSchema = mutationSchema.extend({
  level: z.number().int().min(1).max(5),
  /** Left out, it stays until the operator resumes. */
  forMs: spanSchema.optional(),
});

export const stopCommandSchema = z.object({
  commandId: z.string(),
  /** Its place among the commands of the workspace, without gaps. */
  sequence: z.number(),
  level: z.number(),
  kind: z.enum(['reset', 'pause', 'drain', 'abort', 'kill']),
  reason: z.string(),
  issuerActor: z.string(),
  issuerKind: z.string(),
  via: z.enum(['api', 'sentinel', 'watchdog']),
  createdAt: iso,
  expiresAt: iso.nullable(),
});

/** Rows counted in the store, since the command was issued. */
export const stopEffectSchema = z.object({
  claimsReleased: z.number(),
  claimsHeld: z.number(),
  callsRefused: z.number(),
});

/** What one runtime says of one command. A time is null until it has happened. */
export const stopAcknowledgementSchema = z.object({
  runtimeId: z.string(),
  observedAt: iso,
  acknowledgedAt: iso.nullable(),
  enforcedAt: iso.nullable(),
  /** Null until it was measured. */
  effect: stopEffectSchema.nullable(),
  measuredAt: iso.nullable(),
  /** Why it could not be enforced, the last time that it could not. */
  failure: z.string().nullable(),
});

export const stopRecordSchema = stopCommandSchema.extend({
  /** The sequence of the reset that ended it. */
  supersededBy: z.number().nullable(),
  acknowledgements: z.array(stopAcknowledgementSchema),
});

/** The strictest stop in force: a command, or what lies in the home of this runtime. */
export const stopInForceSchema = z.object({
  level: z.number(),
  reason: z.string(),
  by: z.string(),
  via: z.enum(['api', 'sentinel', 'watchdog']),
  since: iso,
  expiresAt: iso.nullable(),
});

/** `STOP` in the home of this runtime, while it lies there. */
export const sentinelSchema = z.object({
  level: z.number(),
  reason: z.string(),
  at: iso.nullable(),
  by: z.string(),
});

export const koraControlSchema = z.object({
  /** The highest level in force, by a command or by the sentinel of this home. */
  stopLevel: z.number(),
  /** In force, the strictest first. */
  inForce: z.array(stopCommandSchema),
  holds: z.array(holdSchema),
  sentinel: sentinelSchema.nullable(),
  /** While a level 5 is in force, secrets of services stay unresolved. */
  credentialsLocked: z.boolean(),
  /** Newest first. */
  commands: z.array(stopRecordSchema),
});

export const drStateSchema = z.object({
  match_status: z.enum(['clean', 'mismatch_detected', 'accepted_elsewhere', 'another_store', 'unknown']),
  /** What the home accepted last; null for a home that never saw a store. */
  known_epoch: z.number().nullable(),
  /** What the store says; null while it does not answer. */
  observed_epoch: z.number().nullable(),
  /** The hold that waits for the operator. */
  hold: holdSchema.nullable(),
  /** The latest mismatch on the chain, by whichever runtime. */
  last_mismatch: z
    .object({ seq: z.number(), at: iso, observed_epoch: z.number(), known_epoch: z.number() })
    .nullable(),
  acceptances: z.array(z.object({ epoch: z.number(), by: z.string(), at: iso })),
  /** Copies that running houses of this workspace made, the newest first; null while the store does not answer. */
  backups: z
    .array(
      z.object({
        seq: z.number(),
        at: iso,
        directory: z.string(),
        rows: z.number(),
        bytes: z.number(),
        epoch: z.number(),
        /** Where its chain ends. */
        chainSeq: z.number(),
        /** Whether that is an event of the chain as it is now; null where it was pruned. */
        isOfThisChain: z.boolean().nullable(),
        /** Whether the folder is still there; null for one of another machine. */
        isThere: z.boolean().nullable(),
      }),
    )
    .nullable()
    .optional(),
});
