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
  /** What of it is still to be said: at once, after the cooldown of its category, with the digest. */
  owed: z.enum(['now', 'cooldown', 'digest']).nullable(),
  toldAt: iso.nullable(),
  acknowledgedAt: iso.nullable(),
  acknowledgedBy: z.string().nullable(),
  acknowledgeReason: z.string().nullable(),
  snoozedUntil: iso.nullable(),
  snoozeReason: z.string().nullable(),
  /** How often it was told again because nobody had acknowledged it. */
  escalations: z.number(),
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
