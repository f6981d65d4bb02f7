/**
 * `@kora/runtime/client`: the API's schemas and a typed client. Browser-safe: nothing here imports from Node.
 */

// The client.
export { createKoraClient, KoraApiError } from './http/client.ts';
export type { KoraClient, KoraClientOptions } from './http/client.ts';

// The schemas, for whoever answers, stages or checks the API.
export {
  bootReportSchema,
  bootStatusSchema,
  bucketsSchema,
  claimPermissionSchema,
  consumerSchema,
  daemonSchema,
  degradationReasonSchema,
  effectSchema,
  eventSchema,
  findingSchema,
  gateReportSchema,
  heartbeatSchema,
  holdSchema,
  identitySchema,
  incidentSchema,
  messageSchema,
  newTicketSchema,
  occurrenceSchema,
  operationalStateSchema,
  pairingSchema,
  pauseSchema,
  pluginSchema,
  primaryStateSchema,
  probeSchema,
  problemSchema,
  reading,
  reasonSchema,
  receiptSchema,
  resumeSchema,
  snapshotSchema,
  statusSchema,
  taskSchema,
  ticketCountsSchema,
  ticketDetailSchema,
  ticketSchema,
  transitionSchema,
  verifySchema,
} from './http/contract.ts';

// What they describe.
export type {
  BootReport,
  BootStatus,
  ConsumerRow,
  DaemonRow,
  Effect,
  EventRow,
  Finding,
  GateReport,
  Heartbeat,
  HoldRow,
  IdentityRow,
  IncidentRow,
  MessageRow,
  OccurrenceRow,
  OperationalState,
  Pairing,
  PluginRowView,
  ProbeRow,
  Receipt,
  Snapshot,
  Status,
  TaskRow,
  TicketBuckets,
  TicketDetail,
  TicketRow,
  VerifyResult,
} from './http/shapes.ts';
