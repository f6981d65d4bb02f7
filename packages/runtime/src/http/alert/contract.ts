import { z } from 'zod';
import { alertCategories, alertSources, alertStatuses } from '../../alert/contract.ts';
import { reasonSchema, spanSchema } from '../words/contract.ts';

const iso = z.string();
const severity = z.enum(['critical', 'warning', 'info']);

export const alertSchema = z.object({
  alertId: z.number(),
  source: z.enum(alertSources),
  key: z.string(),
  /** The runtime that alone can see it; null for what every runtime of the workspace sees. */
  owner: z.string().nullable(),
  category: z.enum(alertCategories),
  severity,
  title: z.string(),
  detail: z.string(),
  next: z.string(),
  incidentId: z.number().nullable(),
  thread: z.string(),
  wakeId: z.string().nullable(),
  status: z.enum(alertStatuses),
  /** How often it began, returns within ten minutes included. */
  returns: z.number(),
  firstSeenAt: iso,
  /** When it began this time. */
  since: iso,
  lastSeenAt: iso,
  resolvedAt: iso.nullable(),
  /** What of it is still to be said: at once, after the cooldown of its category, with the digest, after quiet hours. */
  owed: z.enum(['now', 'cooldown', 'digest', 'quiet']).nullable(),
  /** When a message about it went into the outbox. */
  toldAt: iso.nullable(),
  /** The first receipt of the latest message, and the channel that gave it: without one it was told to nobody. */
  heardAt: iso.nullable(),
  heardOver: z.string().nullable(),
  acknowledgedAt: iso.nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgeReason: z.string().nullable(),
  snoozedUntil: iso.nullable(),
  snoozeReason: z.string().nullable(),
  /** How often it was told again because nobody had acknowledged it. */
  escalations: z.number(),
  /** Null when nobody is to be reminded. */
  nextReminder: z
    .object({
      at: iso,
      channel: z.string(),
      /** Which one of how many. */
      reminder: z.number(),
      of: z.number(),
    })
    .nullable(),
  /** Messages about it, the newest first, at most 20. */
  tellings: z.array(
    z.object({
      messageId: z.number().optional(),
      title: z.string(),
      /** The channel that took it, or that it waits for. */
      channel: z.string(),
      saidAt: iso,
      /** Null while no channel has taken it. */
      receipt: z.string().nullable(),
      receiptAt: iso.nullable(),
      attempts: z.number(),
      error: z.string().nullable(),
    }),
  ),
});

/** The sign of life that this runtime gives outside. */
export const alertPingSchema = z.object({
  runtimeId: z.string(),
  place: z.string(),
  triedAt: iso.nullable(),
  answeredAt: iso.nullable(),
  failures: z.number(),
  error: z.string().nullable(),
  /** Why none is given now; null while they are. */
  withheld: z.string().nullable(),
});

/** `ping` is null where no sign of life is configured, or none was given yet. */
export const alertsSchema = z.object({ alerts: z.array(alertSchema), ping: alertPingSchema.nullable() });

export const alertsQuerySchema = z.object({
  status: z.enum(alertStatuses).optional(),
  severity: severity.optional(),
  category: z.enum(alertCategories).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

export const acknowledgeAlertSchema = reasonSchema;
/** Quiet for so long: thirty days at most. */
export const snoozeAlertSchema = reasonSchema.extend({ forMs: spanSchema });
