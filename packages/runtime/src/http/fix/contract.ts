import { z } from 'zod';
import { mutationSchema, storableText } from '../words/contract.ts';

const iso = z.string();
const state = z.record(z.string(), z.unknown()).nullable();
const mode = z.enum(['off', 'approve', 'auto']);

/** What must hold before something is mended, and what was seen. */
export const fixConditionSchema = z.object({ name: z.string(), holds: z.boolean(), saw: z.string() });

/** What may be done about what one probe finds broken. */
export const fixOfferSchema = z.object({
  probe: z.string(),
  fix: z.string(),
  title: z.string(),
  plugin: z.string(),
  mode,
  capability: z.string(),
  perTargetPerHour: z.number(),
  /** What of it was learned, and by which proposal; null where it is as its plugin brings it. */
  learned: z
    .object({
      proposalId: z.number(),
      revision: z.number(),
      sets: z.array(z.enum(['mode', 'perTargetPerHour'])),
    })
    .nullish(),
  verifyMs: z.number(),
  canRollBack: z.boolean(),
  /** What it could be done to now: out of the last look, empty while nothing fails. */
  targets: z.array(z.object({ id: z.string(), title: z.string() })),
});

export const fixAttemptSchema = z.object({
  attemptId: z.number(),
  probe: z.string(),
  fix: z.string(),
  plugin: z.string(),
  capability: z.string(),
  mode,
  /** The learned change of the envelope that it was made under. */
  learned: z.object({ proposalId: z.number(), revision: z.number() }).nullish(),
  target: z.string(),
  incidentId: z.number().nullable(),
  wakeId: z.string().nullable(),
  /** `operator`, `wake`, or the plugin whose engine asked. */
  askedBy: z.string(),
  session: z.string().nullable(),
  ticketId: z.number().nullable(),
  reason: z.string(),
  status: z.enum(['waiting', 'running', 'ended']),
  outcome: z
    .enum(['mended', 'not_mended', 'rolled_back', 'execution_failed', 'rejected', 'unknown'])
    .nullable(),
  /** Why it was refused or came to nothing. */
  code: z.string().nullable(),
  detail: z.string().nullable(),
  /** The one command that leads on from there; null where nothing is amiss. */
  remedy: z.string().nullable(),
  /** The approval it waits for, or was let through by. */
  approvalId: z.number().nullable(),
  conditions: z.array(fixConditionSchema),
  before: state,
  after: state,
  askedAt: iso,
  beganAt: iso.nullable(),
  endedAt: iso.nullable(),
});

export const fixesSchema = z.object({
  fixes: z.array(fixOfferSchema),
  /** Newest first. */
  attempts: z.array(fixAttemptSchema),
});

/** What would come of it now: nothing was written, asked or done. */
export const fixRehearsalSchema = z.object({
  verdict: z.enum(['would_run', 'would_ask', 'refused']),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  /** The one command that leads on where it would be refused. */
  remedy: z.string().nullable(),
  probe: z.string(),
  fix: z.string().nullable(),
  target: z.string().nullable(),
  capability: z.string().nullable(),
  incidentId: z.number().nullable(),
  conditions: z.array(fixConditionSchema),
  before: state,
});

const question = {
  probe: storableText(64),
  /** Left out where the probe has one fix only. */
  fix: storableText(64).optional(),
  /** Left out where the last look names one thing only. */
  target: storableText(128).optional(),
};

export const fixQuestionSchema = z.strictObject(question);
export const fixWishSchema = mutationSchema.extend(question);
