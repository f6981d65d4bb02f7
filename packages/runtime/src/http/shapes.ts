import type { z } from 'zod';
import type {
  addedTicketsSchema,
  approvalSchema,
  artifactSchema,
  backupStatusSchema,
  boardTicketSchema,
  bootReportSchema,
  bootStatusSchema,
  bucketsSchema,
  callerSchema,
  capabilitiesSchema,
  capabilitySchema,
  causesSchema,
  causeStepSchema,
  checkpointOutcomeSchema,
  checkpointsSchema,
  consumerSchema,
  daemonSchema,
  decisionSchema,
  drStateSchema,
  eventDetailSchema,
  eventSchema,
  findingSchema,
  gateReportSchema,
  grantSchema,
  healthRollupSchema,
  heartbeatSchema,
  holdSchema,
  identitySchema,
  incidentEntrySchema,
  incidentStorySchema,
  incidentSchema,
  inclusionProofSchema,
  koraControlSchema,
  channelSchema,
  channelFirstSchema,
  channelSetUpSchema,
  channelSetupSchema,
  channelTestSchema,
  mcpTokenSchema,
  newChannelSetupSchema,
  messageSchema,
  newGrantSchema,
  occurrenceSchema,
  operationalStateSchema,
  pairingSchema,
  parkedSchema,
  pluginSchema,
  pluginWhySchema,
  pluginDisabledSchema,
  purgedPluginSchema,
  probeDaysSchema,
  probeHistorySchema,
  probeSchema,
  probeWindowSchema,
  prunedSchema,
  pruneRequestSchema,
  receiptSchema,
  reconciliationSchema,
  releasedReservationSchema,
  replayRequestedSchema,
  snapshotSchema,
  spendEntrySchema,
  forecastSchema,
  modelPriceRowSchema,
  spendReservationSchema,
  spendSchema,
  spendSliceSchema,
  spendStandingSchema,
  statusSchema,
  syncReportSchema,
  syncRowSchema,
  stopCommandSchema,
  stopInForceSchema,
  taskDetailSchema,
  taskSchema,
  ticketDetailSchema,
  toolDetailSchema,
  toolSchema,
  ticketSchema,
  verifySchema,
  sessionSchema,
  sessionsSchema,
} from './contract.ts';
import type { attentionSchema } from './page/contract.ts';
import type { alertPingSchema, alertSchema, alertsSchema } from './alert/contract.ts';
import type { fixAttemptSchema, fixOfferSchema, fixRehearsalSchema } from './fix/contract.ts';

// What each schema of the contract describes, named for whoever handles it.
export type Status = z.infer<typeof statusSchema>;
export type BootReport = z.infer<typeof bootReportSchema>;
export type BootStatus = z.infer<typeof bootStatusSchema>;
export type GateReport = z.infer<typeof gateReportSchema>;
export type OperationalState = z.infer<typeof operationalStateSchema>;
export type TicketRow = z.infer<typeof ticketSchema>;
export type TicketDetail = z.infer<typeof ticketDetailSchema>;
export type BoardTicket = z.infer<typeof boardTicketSchema>;
export type AddedTickets = z.infer<typeof addedTicketsSchema>;
export type TicketBuckets = z.infer<typeof bucketsSchema>;
export type DaemonRow = z.infer<typeof daemonSchema>;
export type TaskRow = z.infer<typeof taskSchema>;
export type TaskDetail = z.infer<typeof taskDetailSchema>;
export type OccurrenceRow = z.infer<typeof occurrenceSchema>;
export type ProbeRow = z.infer<typeof probeSchema>;
export type IncidentRow = z.infer<typeof incidentSchema>;
export type IncidentEntryRow = z.infer<typeof incidentEntrySchema>;
export type IncidentStoryRow = z.infer<typeof incidentStorySchema>;
export type ProbeDaysRow = z.infer<typeof probeDaysSchema>;
export type ProbeHistory = z.infer<typeof probeHistorySchema>;
export type ProbeWindowRow = z.infer<typeof probeWindowSchema>;
export type MessageRow = z.infer<typeof messageSchema>;
export type EventRow = z.infer<typeof eventSchema>;
export type EventDetail = z.infer<typeof eventDetailSchema>;
export type InclusionProof = z.infer<typeof inclusionProofSchema>;
export type ParkedRow = z.infer<typeof parkedSchema>;
export type Checkpoints = z.infer<typeof checkpointsSchema>;
export type CheckpointMade = z.infer<typeof checkpointOutcomeSchema>;
export type PruneRequest = z.infer<typeof pruneRequestSchema>;
export type Pruned = z.infer<typeof prunedSchema>;
export type ReplayRequested = z.infer<typeof replayRequestedSchema>;
export type VerifyResult = z.infer<typeof verifySchema>;
export type ConsumerRow = z.infer<typeof consumerSchema>;
export type PluginRowView = z.infer<typeof pluginSchema>;
export type PluginWhy = z.infer<typeof pluginWhySchema>;
export type PluginDisabled = z.infer<typeof pluginDisabledSchema>;
export type PurgedPlugin = z.infer<typeof purgedPluginSchema>;
export type SyncReport = z.infer<typeof syncReportSchema>;
export type SyncRow = z.infer<typeof syncRowSchema>;
export type IdentityRow = z.infer<typeof identitySchema>;
export type Spend = z.infer<typeof spendSchema>;
export type SpendEntryRow = z.infer<typeof spendEntrySchema>;
export type SpendForecast = z.infer<typeof forecastSchema>;
export type ModelPriceRow = z.infer<typeof modelPriceRowSchema>;
export type SpendStanding = z.infer<typeof spendStandingSchema>;
export type SpendSliceRow = z.infer<typeof spendSliceSchema>;
export type SpendReservation = z.infer<typeof spendReservationSchema>;
export type Reconciliation = z.infer<typeof reconciliationSchema>;
export type ReleasedReservation = z.infer<typeof releasedReservationSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type BackupStatus = z.infer<typeof backupStatusSchema>;
export type Receipt = z.infer<typeof receiptSchema>;
export type Pairing = z.infer<typeof pairingSchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Heartbeat = z.infer<typeof heartbeatSchema>;
export type StopCommandRow = z.infer<typeof stopCommandSchema>;
export type StopInForce = z.infer<typeof stopInForceSchema>;
export type KoraControl = z.infer<typeof koraControlSchema>;
export type DrState = z.infer<typeof drStateSchema>;
export type AttentionView = z.infer<typeof attentionSchema>;
export type ApprovalRow = z.infer<typeof approvalSchema>;
export type ArtifactRow = z.infer<typeof artifactSchema>;
export type AlertRow = z.infer<typeof alertSchema>;
export type AlertPing = z.infer<typeof alertPingSchema>;
export type Alerts = z.infer<typeof alertsSchema>;
export type FixOfferRow = z.infer<typeof fixOfferSchema>;
export type FixAttemptRow = z.infer<typeof fixAttemptSchema>;
export type FixRehearsalView = z.infer<typeof fixRehearsalSchema>;
export type ToolRow = z.infer<typeof toolSchema>;
export type ToolDetail = z.infer<typeof toolDetailSchema>;
export type Capabilities = z.infer<typeof capabilitiesSchema>;
export type CapabilityRow = z.infer<typeof capabilitySchema>;
export type Causes = z.infer<typeof causesSchema>;
export type CauseStep = z.infer<typeof causeStepSchema>;
export type HealthRollup = z.infer<typeof healthRollupSchema>;
export type Decision = z.infer<typeof decisionSchema>;
export type ChannelRow = z.infer<typeof channelSchema>;
export type ChannelSetup = z.infer<typeof channelSetupSchema>;
export type ChannelTest = z.infer<typeof channelTestSchema>;
export type ChannelFirst = z.infer<typeof channelFirstSchema>;
export type ChannelSetUp = z.infer<typeof channelSetUpSchema>;
export type NewChannelSetup = z.infer<typeof newChannelSetupSchema>;
export type McpTokenRow = z.infer<typeof mcpTokenSchema>;
export type GrantRow = z.infer<typeof grantSchema>;
export type NewGrant = z.infer<typeof newGrantSchema>;
export type HoldRow = z.infer<typeof holdSchema>;
export type { Effect } from './contract.ts';
export type SessionRow = z.infer<typeof sessionSchema>;
export type Sessions = z.infer<typeof sessionsSchema>;
export type CallerRow = z.infer<typeof callerSchema>;
