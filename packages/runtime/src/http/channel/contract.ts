import { z } from 'zod';
import { reasonSchema } from '../words/contract.ts';

const iso = z.string();

/** What a plugin wants to be told before its channel works. */
export const channelSetupSchema = z.object({
  plugin: z.string(),
  title: z.string(),
  /** What to do first, line by line. */
  guide: z.array(z.string()),
  fields: z.array(
    z.object({
      /** A key of the plugin's block in kora.json, dotted; of a secret, its name. */
      key: z.string(),
      prompt: z.string(),
      /** Where to get it. */
      where: z.string().nullable(),
      secret: z.boolean(),
      kind: z.enum(['text', 'number', 'flag', 'list']),
      pattern: z.string().nullable(),
      optional: z.boolean(),
    }),
  ),
});

/** A way to the operator, and how it does. */
export const channelSchema = z.object({
  name: z.string(),
  /** Whether this runtime has it. */
  here: z.boolean(),
  /** Its place in the order in which the operator is told, from 1; null where it is named nowhere. */
  place: z.number().nullable(),
  /** Whether kora.json, as it is now, says of its place what is in force. */
  isPlaceInForce: z.boolean(),
  downSince: iso.nullable(),
  error: z.string().nullable(),
  /** Until when its provider asked for patience. */
  notBefore: iso.nullable(),
  /** Quiet hours go on: what may wait is sent after them. */
  quiet: z.boolean(),
  deliveredAt: iso.nullable(),
  /** Messages that wait for it. */
  waiting: z.number(),
  setup: channelSetupSchema.nullable(),
});

export const channelCheckSchema = z.object({
  ok: z.boolean(),
  detail: z.string(),
  /** The command that mends it. */
  fix: z.string().optional(),
});

/** A message that was really sent. */
export const channelTestSchema = z.object({
  messageId: z.number(),
  delivered: z.boolean(),
  receipt: z.string().nullable(),
  error: z.string().nullable(),
});

export const newChannelSetupSchema = reasonSchema.extend({
  /** By key; what is not given stays as it is. */
  values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  secrets: z.record(z.string(), z.string().min(1).max(20_000)),
});
export const channelSetUpSchema = z.object({
  /** Files that were written; of a secret never what it is. */
  files: z.array(z.string()),
  applied: z.enum(['restarted', 'failed', 'next_start']),
  reason: z.string().nullable(),
});

/** Over which channels the operator is told from now on, in turn. */
export const channelFirstSchema = z.object({
  /** Where it is written. */
  file: z.string(),
  channels: z.array(z.string()),
  /** Routes of alerts that are configured by themselves, and go another way. */
  ownRoutes: z.array(z.enum(['direct', 'critical', 'warning'])),
});
