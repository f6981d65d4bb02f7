/**
 * `@kora/runtime/client`: the API's schemas and a typed client. Browser-safe: nothing here imports from Node.
 */

// The client.
export { KoraApiError } from './http/api-error.ts';
export { createKoraClient } from './http/client.ts';
export type { KoraClient, KoraClientOptions } from './http/client.ts';
export type { AddManyOptions, NewTicketInput } from './http/ticket/add-many.ts';

// A worker in a process of its own.
export { createKoraWorker } from './http/worker/kora-worker.ts';
export type { KoraWorker, KoraWorkerOptions } from './http/worker/kora-worker.ts';
export type { RemoteOperation } from './http/worker/remote-operation.ts';
export type { RemoteResult, RemoteTicket } from './http/worker/remote-ticket.ts';
export { createWorkerClient } from './http/client.ts';
export type { InboundRow } from './http/inbound/client.ts';
export type { ChannelRow } from './http/channel/client.ts';
export type { DecisionRow } from './http/decision/client.ts';
export type { McpTokenRow } from './http/mcp/client.ts';
export type { WorkerTokenRow } from './http/worker/client.ts';

// The schemas, for whoever answers, stages or checks the API.
export {
  attentionSchema,
  chainBytesSchema,
  chainStandingSchema,
  diagnosticsSchema,
  laneHistorySchema,
  logLineSchema,
  logPageSchema,
  logNewsSchema,
  manyTicketsSchema,
  messageLogSchema,
  mostEnded,
  probeStripsSchema,
  resumePreviewSchema,
  spendDaySchema,
  stateTransitionSchema,
  stopPreviewSchema,
  taskPausedSchema,
  taskRunsSchema,
  ticketDeedsSchema,
  wakeSchema,
} from './http/page/contract.ts';
export { messageStorySchema } from './http/page/message-contract.ts';
export { lanePageSchema } from './http/ticket/contract.ts';
export {
  channelCheckSchema,
  channelFirstSchema,
  channelSchema,
  channelTestSchema,
} from './http/channel/contract.ts';
export { decidedSchema, waitingDecisionSchema } from './http/decision/contract.ts';
export { labelsOf as decisionLabelsOf } from './message/decision/labels.ts';
export { inboundSchema } from './http/inbound/contract.ts';
export { panelDoneSchema } from './http/panel/contract.ts';
export { configKeysSchema, configWrittenSchema } from './http/config/contract.ts';
export { pluginDisabledSchema } from './http/plugin/contract.ts';
export { pluginConfigWrittenSchema } from './http/plugin-config/contract.ts';
export {
  askSchema,
  cancelledSchema,
  enginesSchema,
  liveSignSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from './http/reason/contract.ts';
export {
  callerSchema,
  cspReportsSchema,
  pairingWishSchema,
  revokedSessionsSchema,
  scopes,
  scopeSchema,
  sessionSchema,
  sessionsSchema,
} from './http/session/contract.ts';
export type { Scope } from './http/session/contract.ts';
export type { CallerRow, SessionRow } from './http/shapes.ts';
export {
  anchorSchema,
  approvalSchema,
  artifactSchema,
  backupRequestSchema,
  backupStatusSchema,
  boardTicketSchema,
  bootReportSchema,
  bootStatusSchema,
  bucketsSchema,
  cadenceChangeSchema,
  capabilitiesSchema,
  capabilitySchema,
  toolDetailSchema,
  toolSchema,
  causesSchema,
  healthRollupSchema,
  mcpTokenMadeSchema,
  mcpTokenSchema,
  newMcpTokenSchema,
  newWorkerTokenSchema,
  workerTokenMadeSchema,
  workerTokenSchema,
  checkpointOutcomeSchema,
  checkpointSchema,
  checkpointsSchema,
  claimPermissionSchema,
  consumerSchema,
  daemonSchema,
  degradationReasonSchema,
  drStateSchema,
  effectSchema,
  epochSchema,
  eventDetailSchema,
  eventSchema,
  findingSchema,
  gateReportSchema,
  grantSchema,
  heartbeatSchema,
  holdSchema,
  identitySchema,
  incidentSchema,
  inclusionProofSchema,
  acknowledgeIncidentSchema,
  incidentEntrySchema,
  incidentStorySchema,
  silenceIncidentSchema,
  newProbeWindowSchema,
  probeDaysSchema,
  probeHistorySchema,
  probeWindowSchema,
  koraControlSchema,
  messageSchema,
  newGrantSchema,
  newTicketSchema,
  newTicketsSchema,
  occurrenceSchema,
  operationalStateSchema,
  pairingSchema,
  parkedSchema,
  panelLookSchema,
  panelSchema,
  pauseSchema,
  pluginConfigSchema,
  pluginReasonSchema,
  pluginSchema,
  pluginWhySchema,
  syncReportSchema,
  syncRowSchema,
  primaryStateSchema,
  probeSchema,
  problemSchema,
  prunedSchema,
  pruneRequestSchema,
  reading,
  reasonSchema,
  reassignSchema,
  reprioritiseSchema,
  receiptSchema,
  replayRequestedSchema,
  resumeSchema,
  snapshotSchema,
  reconcileSchema,
  reconciliationSchema,
  releasedReservationSchema,
  releaseReservationSchema,
  forecastSchema,
  modelPriceRowSchema,
  spendEntrySchema,
  spendSchema,
  spendStandingSchema,
  statusSchema,
  stopCommandSchema,
  stopInForceSchema,
  stopSchema,
  taskDetailSchema,
  taskSchema,
  ticketCountsSchema,
  ticketDetailSchema,
  ticketPrioritySchema,
  ticketSchema,
  ticketStatusSchema,
  transitionSchema,
  verifyLineSchema,
  verifySchema,
} from './http/contract.ts';
export {
  acknowledgeAlertSchema,
  alertPingSchema,
  alertSchema,
  alertsSchema,
  snoozeAlertSchema,
} from './http/alert/contract.ts';
export { fixAttemptSchema, fixesSchema, fixRehearsalSchema, fixWishSchema } from './http/fix/contract.ts';
export {
  promotionApproveSchema,
  promotionDeedSchema,
  promotionDetailSchema,
  promotionDiffSchema,
  promotionLoopSchema,
  promotionRejectSchema,
  promotionRunRequestSchema,
  promotionRunSchema,
  promotionSchema,
} from './http/promotion/contract.ts';

// What they describe.
export type { FormField, PanelView } from './plugin/panel/contract.ts';
export type { PanelListed, PanelLooked } from './http/panel/house.ts';
export type {
  PromotionDetail,
  PromotionDiff,
  PromotionLoopRow,
  PromotionRow,
  PromotionRunRow,
} from './http/promotion/house.ts';
export type { ConfigChange, ConfigField, ConfigKeys, ConfigWritten } from './http/config/house.ts';
export type { PluginConfig } from './http/plugin-config/house.ts';
export type {
  ApprovalRow,
  AttentionView,
  BackupStatus,
  BoardTicket,
  BootReport,
  BootStatus,
  Capabilities,
  ArtifactRow,
  CapabilityRow,
  ToolDetail,
  ToolRow,
  Causes,
  CauseStep,
  CheckpointMade,
  Checkpoints,
  ConsumerRow,
  DaemonRow,
  DrState,
  Effect,
  EventDetail,
  EventRow,
  Finding,
  FixAttemptRow,
  AlertPing,
  AlertRow,
  FixOfferRow,
  FixRehearsalView,
  GateReport,
  Heartbeat,
  GrantRow,
  HealthRollup,
  HoldRow,
  IdentityRow,
  IncidentEntryRow,
  IncidentRow,
  InclusionProof,
  KoraControl,
  MessageRow,
  OccurrenceRow,
  OperationalState,
  Pairing,
  ParkedRow,
  PluginRowView,
  PluginWhy,
  PurgedPlugin,
  SyncReport,
  SyncRow,
  ProbeDaysRow,
  ProbeHistory,
  ProbeRow,
  ProbeWindowRow,
  Pruned,
  PruneRequest,
  Receipt,
  ReplayRequested,
  Snapshot,
  Reconciliation,
  ReleasedReservation,
  ModelPriceRow,
  Spend,
  SpendEntryRow,
  SpendForecast,
  SpendSliceRow,
  SpendStanding,
  Status,
  StopCommandRow,
  StopInForce,
  TaskDetail,
  TaskRow,
  TicketBuckets,
  TicketDetail,
  TicketRow,
  VerifyResult,
} from './http/shapes.ts';

// What is answered for nothing, and how everything stands for whoever thinks.
export {
  phrasebookEditSchema,
  phrasebookPreviewRequestSchema,
  phrasebookPreviewSchema,
  phrasebookRevertSchema,
  phrasebookSchema,
  phrasebookTestSchema,
  phrasebookVersionSchema,
} from './http/phrasebook/contract.ts';
export type {
  PhrasebookPreview,
  PhrasebookTest,
  PhrasebookVersionRow,
  PhrasebookView,
} from './http/phrasebook/house.ts';
export type {
  AnswerView as ReasonAnswerRow,
  EnginesView as ReasonEngines,
  RunDetailView as ReasonRunDetail,
  RunView as ReasonRunRow,
} from './http/reason/house.ts';
export { keptSnapshotSchema, reasonSnapshotSchema } from './http/snapshot/contract.ts';
export type { KeptSnapshotRow, ReasonSnapshot } from './http/snapshot/house.ts';
