import { z } from 'zod';
import { bootReportSchema } from './boot/contract.ts';
import { eventSchema } from './chain/contract.ts';
import { approvalSchema } from './capability/contract.ts';
import { daemonSchema } from './daemon/contract.ts';
import { holdSchema, stopInForceSchema } from './control/contract.ts';
import { incidentStandingShape } from './incident/contract.ts';
import { pluginSchema } from './plugin/contract.ts';
import { spendStandingSchema } from './spend/contract.ts';
import { taskSchema } from './task/contract.ts';
import { bucketsSchema, ticketCountsSchema } from './ticket/contract.ts';
import { degradationReasonSchema } from './words/contract.ts';

export {
  forecastSchema,
  modelPriceRowSchema,
  reconcileSchema,
  reconciliationSchema,
  releasedReservationSchema,
  releaseReservationSchema,
  spendByOptions,
  spendEntrySchema,
  spendLimitSchema,
  spendReservationSchema,
  spendSchema,
  spendSliceSchema,
  spendStandingSchema,
} from './spend/contract.ts';
export { daemonSchema };
export { bootReportSchema, bootStatusSchema, gateReportSchema } from './boot/contract.ts';
export { backupRequestSchema, backupStatusSchema, epochSchema } from './backup/contract.ts';
export {
  approvalSchema,
  capabilitiesSchema,
  capabilitySchema,
  decisionSchema,
  grantSchema,
  newGrantSchema,
} from './capability/contract.ts';
export {
  anchorSchema,
  causesSchema,
  causeStepSchema,
  checkpointOutcomeSchema,
  checkpointSchema,
  checkpointsSchema,
  consumerSchema,
  eventDetailSchema,
  eventSchema,
  inclusionProofSchema,
  parkedSchema,
  prunedSchema,
  pruneRequestSchema,
  replayRequestedSchema,
  verifyLineSchema,
  verifySchema,
} from './chain/contract.ts';
export {
  drStateSchema,
  holdSchema,
  koraControlSchema,
  pauseSchema,
  resumeSchema,
  stopCommandSchema,
  stopInForceSchema,
  stopSchema,
} from './control/contract.ts';
export { healthRollupSchema } from './health/contract.ts';
export {
  addedTicketSchema,
  addedTicketsSchema,
  boardCountsSchema,
  boardTicketSchema,
  bucketSchema,
  bucketsSchema,
  mostTicketsAtOnce,
  newTicketSchema,
  newTicketsSchema,
  operationSchema,
  outcomeSchema,
  reassignSchema,
  relatedTicketSchema,
  reprioritiseSchema,
  ticketCountsSchema,
  ticketDetailSchema,
  ticketNoteSchema,
  ticketPrioritySchema,
  ticketSchema,
  ticketStatusSchema,
  timelineEntrySchema,
} from './ticket/contract.ts';
export { artifactSchema } from './artifact/contract.ts';
export {
  acknowledgeIncidentSchema,
  incidentEntrySchema,
  incidentStorySchema,
  silenceIncidentSchema,
} from './incident/contract.ts';
export {
  newProbeWindowSchema,
  probeDaysSchema,
  probeHistorySchema,
  probeWindowSchema,
} from './probe/contract.ts';
export { toolDetailSchema, toolSchema } from './tool/contract.ts';
export { panelLookSchema, panelSchema } from './panel/contract.ts';
export { configChangeSchema, configKeysSchema, configWrittenSchema } from './config/contract.ts';
export { pluginConfigSchema } from './plugin-config/contract.ts';
export {
  pluginDisabledSchema,
  pluginReasonSchema,
  pluginSchema,
  purgedPluginSchema,
  pluginWhySchema,
  syncReportSchema,
  syncRowSchema,
} from './plugin/contract.ts';
export {
  cadenceChangeSchema,
  cadenceSchema,
  occurrenceSchema,
  taskDetailSchema,
  taskSchema,
} from './task/contract.ts';
export { inboundDetailSchema, inboundSchema, inboundStateSchema } from './inbound/contract.ts';
export {
  channelCheckSchema,
  channelSchema,
  channelFirstSchema,
  channelSetUpSchema,
  channelSetupSchema,
  channelTestSchema,
  newChannelSetupSchema,
} from './channel/contract.ts';
export {
  decidedSchema,
  decisionAnswerSchema,
  waitingDecisionSchema,
  drillSchema,
  newDrillSchema,
} from './decision/contract.ts';
export { mcpTokenMadeSchema, mcpTokenSchema, newMcpTokenSchema } from './mcp/contract.ts';
export {
  callerSchema,
  cspReportsSchema,
  pairingSchema,
  pairingWishSchema,
  pairSchema,
  revokedSessionsSchema,
  revokeSessionSchema,
  revokeSessionsSchema,
  scopes,
  scopeSchema,
  sessionSchema,
  sessionsSchema,
} from './session/contract.ts';
export { newWorkerTokenSchema, workerTokenMadeSchema, workerTokenSchema } from './worker/contract.ts';
export {
  degradationReasonSchema,
  mutationSchema,
  reasonSchema,
  spanSchema,
  storableText,
} from './words/contract.ts';

/**
 * The shapes of the HTTP API, shared by the runtime that answers, the CLI and the page: browser-safe, no imports but
 * zod. A value that is not known is null and reads "unknown"; zero is only ever a measured zero.
 */

const iso = z.string();
const json = z.record(z.string(), z.unknown());

/** Every read is wrapped: how true it is, and as of when. */
export function reading<T extends z.ZodType>(data: T) {
  return z.object({
    status: z.enum(['live', 'stale', 'unavailable']),
    asOf: iso,
    reason: z.string().optional(),
    data,
  });
}

/** Every refusal of the API. */
export const problemSchema = z.object({
  error: z.object({
    type: z.string(),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    details: json.optional(),
  }),
});

export const primaryStateSchema = z.enum(['booting', 'ready', 'active', 'paused', 'stopped']);
export const claimPermissionSchema = z.enum(['none', 'critical_only', 'normal']);

export const statusSchema = z.object({
  primaryState: primaryStateSchema,
  claimPermission: claimPermissionSchema,
  degradationReasons: z.array(degradationReasonSchema),
  holds: z.array(holdSchema),
  stopLevel: z.number(),
  /** Who stopped it and why; null while no stop is in force. */
  stop: stopInForceSchema.nullable(),
  /** Calls that wait for the operator's word. */
  approvalsWaiting: z.number(),
  /** All that waits for it: calls, tickets that stand, drills. */
  decisionsWaiting: z.number(),
  since: iso,
  uptimeMs: z.number(),
  version: z.string(),
  pid: z.number(),
  runtimeId: z.string(),
  workspace: z.string(),
  home: z.string(),
  store: z.string(),
  identity: z.string().nullable(),
  /** Where the pages of untrusted plugins are; null while there are none. */
  guestUrl: z.string().nullable(),
  daemons: z.object({ running: z.number(), failed: z.number(), quarantined: z.number() }),
  tickets: ticketCountsSchema.nullable(),
  probes: z.object({ total: z.number(), failing: z.number(), unknown: z.number() }).nullable(),
  openIncidents: z.number().nullable(),
  /** Null until a runtime has set a pool. */
  spend: spendStandingSchema.nullable(),
  chain: z
    .object({ seq: z.number(), unsealed: z.number(), lastCheckpoint: z.string().nullable() })
    .nullable(),
});

export interface Effect {
  readonly label: string;
  readonly children: readonly Effect[];
}
export const effectSchema: z.ZodType<Effect> = z.object({
  label: z.string(),
  children: z.array(z.lazy(() => effectSchema)),
});

export const transitionSchema = z.object({
  n: z.number(),
  at: iso,
  from: primaryStateSchema,
  to: primaryStateSchema,
  claimPermission: claimPermissionSchema,
  degradationReasons: z.array(degradationReasonSchema),
  cause: z.string(),
  trigger: z.string(),
  note: z.string().nullable(),
});
export const operationalStateSchema = z.object({
  primaryState: primaryStateSchema,
  claimPermission: claimPermissionSchema,
  degradationReasons: z.array(degradationReasonSchema),
  holds: z.array(holdSchema),
  stopLevel: z.number(),
  since: iso,
  /** Other primary states that a single cause can lead to from here. */
  valid_next_states: z.array(
    z.object({ to_state: primaryStateSchema, cause: z.string(), trigger: z.string() }),
  ),
  /** The others, each with what is in its way. */
  barred_next_states: z.array(z.object({ to_state: primaryStateSchema, reason: z.string() })),
  /** The trigger of the transition that stopped the process. */
  stopped_reason: z.string().nullable(),
  transition_history: z.array(transitionSchema),
});

export const probeSchema = z.object({
  name: z.string(),
  kind: z.string(),
  target: z.string(),
  pluginName: z.string(),
  everyMs: z.number(),
  status: z.enum(['healthy', 'degraded', 'unhealthy', 'unreachable', 'unconfigured']).nullable(),
  since: iso.nullable(),
  lastGoodAt: iso.nullable(),
  checkedAt: iso.nullable(),
  latencyMs: z.number().nullable(),
  error: z.string().nullable(),
  details: json,
  incidentId: z.number().nullable(),
  /** Probes that it needs; left out when there are none. */
  dependsOn: z.array(z.string()).optional(),
  host: z.string().optional(),
  /** When the last maintenance window that is on for it ends; null while none is. */
  windowEndsAt: iso.nullable().optional(),
});
export const incidentSchema = z.object({
  incidentId: z.number(),
  probe: z.string(),
  target: z.string(),
  category: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  title: z.string(),
  detail: z.string(),
  status: z.enum(['open', 'resolved']),
  wakeId: z.string(),
  openedAt: iso,
  failingSince: iso,
  lastGoodAt: iso.nullable(),
  acknowledgedAt: iso.nullable(),
  resolvedAt: iso.nullable(),
  failures: z.number(),
  ticketId: z.number().nullable(),
  ...incidentStandingShape,
});

export const messageSchema = z.object({
  messageId: z.number(),
  key: z.string(),
  channel: z.string(),
  thread: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  title: z.string(),
  body: z.string(),
  source: z.string(),
  correlationId: z.string().nullable(),
  /** Ids of artifacts. */
  attachments: z.array(z.string()),
  status: z.enum(['pending', 'delivered', 'failed', 'withdrawn']),
  attempts: z.number(),
  error: z.string().nullable(),
  createdAt: iso,
  deliveredAt: iso.nullable(),
});

export const identitySchema = z.object({
  name: z.string(),
  pluginName: z.string(),
  active: z.boolean(),
  agentName: z.string(),
  agentVersion: z.string(),
  hash: z.string(),
  soulMd: z.string(),
  systemPrompt: z.string(),
  /** Why it cannot speak now: its texts are empty then. */
  problem: z.string().nullable(),
});

export const findingSchema = z.object({
  id: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  path: z.string().nullable(),
  hint: z.string().nullable(),
});

/** What a mutation answers: `accepted` is not `done`; the event that records it follows on the chain. */
export const receiptSchema = z.object({ accepted: z.literal(true), eventSeq: z.number().nullable() });

/** How the gates stand, for anybody who asks. */
export const readinessSchema = bootReportSchema
  .pick({ outcome: true, waitingFor: true, degradationReasons: true, gates: true })
  .extend({ ready: z.boolean() });

/** Everything the page needs to draw its first picture, read at one sequence; the stream goes on after `seq`. */
export const snapshotSchema = z.object({
  seq: z.number(),
  build: z.string(),
  status: statusSchema,
  boot: bootReportSchema,
  daemons: z.array(daemonSchema),
  tasks: z.array(taskSchema),
  tickets: bucketsSchema,
  probes: z.array(probeSchema),
  incidents: z.array(incidentSchema),
  /** The open ones, oldest first. */
  approvals: z.array(approvalSchema),
  messages: z.array(messageSchema),
  plugins: z.array(pluginSchema),
  events: z.array(eventSchema),
});

/** `event: heartbeat` of the stream, every 5 s: lets a page tell a quiet runtime from a lost one. */
export const heartbeatSchema = z.object({
  serverNow: iso,
  seq: z.number(),
  build: z.string(),
  primaryState: primaryStateSchema,
  /** Streams of events that are open, and milliseconds from a seal to its reader; only in a stream. */
  streams: z.number().optional(),
  eventLagMs: z.number().nullable().optional(),
  /** Milliseconds that the store took to answer for this beat. */
  storeMs: z.number().optional(),
});
