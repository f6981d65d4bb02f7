/**
 * `@kora/runtime/plugin`: all a plugin author needs to know. Types, `definePlugin`, the error class; no runtime code.
 * Each group names the room it comes from; the order is that of a plugin author's first day.
 */
export { definePlugin, pluginApi } from './plugin/contract.ts';
export type {
  CallCost,
  HttpMountSpec,
  MountRequest,
  MountResponse,
  Plugin,
  PluginContext,
  PluginDefinition,
  PluginLog,
  PluginMigration,
  PluginMigrations,
  PluginStore,
  Registration,
  StoreAnswer,
  StoreRunOptions,
  StoreStatement,
  SubscriptionSpec,
} from './plugin/contract.ts';
export type {
  BackgroundDaemonEntry,
  Cadence,
  CoordinatorView,
  PeriodicTaskSpec,
  RuntimeGlance,
  TaskContext,
  TaskOutcome,
} from './daemon/contract.ts';
export { foldOf, probeCategories, probeStatuses } from './probe/contract.ts';
export type {
  Incident,
  ProbeCategory,
  ProbeResult,
  ProbeSnapshot,
  ProbeSpec,
  ProbeState,
  ProbeStatus,
} from './probe/contract.ts';
export { alertWakePayload, alertWakeRequested } from './alert/contract.ts';
export type { AlertWakePayload } from './alert/contract.ts';
export { fixCodes, fixModes, fixOutcomes } from './fix/contract.ts';
export type {
  FixAttempt,
  FixCall,
  FixCondition,
  FixEnvelope,
  FixMode,
  FixObservation,
  FixOutcome,
  FixSituation,
  FixState,
  FixTarget,
} from './fix/contract.ts';
export { failureClasses, sideEffects, ticketPriorities, ticketStatuses } from './ticket/contract.ts';
export type {
  Consequences,
  FailureClass,
  NewTicket,
  OperationSeen,
  OperationSpec,
  SideEffects,
  TicketHandler,
  TicketPriority,
  TicketProgress,
  TicketResult,
  TicketStatus,
  TicketWork,
} from './ticket/contract.ts';
export type {
  BootGateAnswer,
  BootGateSpec,
  GateReason,
  ServiceTokenAnswer,
  ServiceTokenSpec,
} from './boot/contract.ts';
export type {
  ChannelOffers,
  ChannelSpec,
  DecisionAnswer,
  InboundDoor,
  NewInbound,
  NewMessage,
  OutboundMessage,
  RefusedInbound,
  SendRefusal,
  Severity,
} from './message/contract.ts';
export { mcpTools } from './mcp/contract.ts';
export type {
  McpCall,
  McpCaller,
  McpContext,
  McpInputs,
  McpServerSeen,
  McpTool,
  McpTurnedAway,
} from './mcp/contract.ts';
export { modelTiers, reasonErrors, reasonRoutes } from './reason/contract.ts';
export type {
  Claim,
  EngineAnswer,
  EngineContext,
  EngineRequest,
  EngineSign,
  EngineSpec,
  Evidence,
  ModelCallEnd,
  ModelCallStart,
  ModelChoice,
  ModelPrice,
  ModelSpec,
  ModelTier,
  ModelUsage,
  Quoted,
  ReasonAnswer,
  ReasonContext,
  ReasonError,
  ReasonRequest,
  ReasonRoute,
  Receipt,
  RunLimits,
  ToolAnswer,
  ToolCall,
  ToolOutcome,
  ToolSpec,
  ToolView,
  Turn,
  Verdict,
} from './reason/contract.ts';
export { artifactTypes, largestArtifact } from './artifact/contract.ts';
export type {
  Artifact,
  ArtifactContext,
  ArtifactType,
  ArtifactWithContent,
  NewArtifact,
} from './artifact/contract.ts';
export { identitySpecSchema } from './identity/contract.ts';
export type { ApprovalStatus, CapabilitySpec, DefaultVerdict, Risk } from './capability/contract.ts';
export type {
  IdentityProvider,
  IdentityQuery,
  IdentitySpec,
  ResolvedIdentity,
} from './identity/contract.ts';
export type {
  CockpitPanelSpec,
  FormField,
  PanelAction,
  PanelInput,
  PanelResult,
  PanelView,
} from './plugin/panel/contract.ts';
export { quoteUntrusted } from './reason/quote/contract.ts';
export { blockKinds, denyCauses } from './admission/contract.ts';
export type { BlockKind, CallAnswer, CallRequest, DenyCause, Refusal } from './admission/contract.ts';
export { classified } from './chain/contract.ts';
export type {
  ChainEvent,
  EventDraft,
  EventLinks,
  EventQuery,
  EventType,
  Sensitivity,
} from './chain/contract.ts';
export { KoraError, messageOf } from './fault/contract.ts';
export type { FaultOptions } from './fault/contract.ts';
export { every } from './promotion/every.ts';
export { phraseOf, spokenValues, wordsAsked } from './reason/phrasebook/phrase.ts';
export type { Phrase } from './reason/phrasebook/phrase.ts';
export { measureVerdicts, proposalApplications, proposalDecisions } from './promotion/contract.ts';
export type {
  ChangeKindSpec,
  ChangeLine,
  ChangePlace,
  ChangeSeen,
  ChangeSet,
  Examination,
  Figure,
  Gain,
  HistoryLook,
  HistoryPage,
  HistoryQuery,
  LearnedUse,
  LoopHistory,
  LoopSettings,
  LoopSpec,
  Measure,
  Observed,
  Overlay,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
  PromotionContext,
  ProposalApplication,
  ProposalDecision,
  ProposalDraft,
} from './promotion/contract.ts';
