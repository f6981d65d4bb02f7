import type { z } from 'zod';
import type { CallAnswer, CallRequest } from '../admission/contract.ts';
import type { BootGateSpec, ServiceTokenSpec } from '../boot/contract.ts';
import type { ArtifactContext } from '../artifact/contract.ts';
import type { ApprovalStatus, CapabilitySpec } from '../capability/contract.ts';
import type { ChainEvent, EventDraft, EventQuery, EventType } from '../chain/contract.ts';
import type { BackgroundDaemonEntry, PeriodicTaskSpec } from '../daemon/contract.ts';
import type { IdentityProvider, ResolvedIdentity } from '../identity/contract.ts';
import type { McpContext } from '../mcp/contract.ts';
import type { ChannelSpec, NewMessage } from '../message/contract.ts';
import type { FixEnvelope } from '../fix/contract.ts';
import type { Incident, ProbeResult, ProbeSpec, ProbeState } from '../probe/contract.ts';
import type { ChangeKindSpec, LoopSpec, PromotionContext } from '../promotion/contract.ts';
import type { EngineContext, EngineSpec, ModelUsage, ReasonContext } from '../reason/contract.ts';
import type { ToolSpec } from '../reason/tool/contract.ts';
import type { Consequences, NewTicket, TicketHandler } from '../ticket/contract.ts';
import type { HttpMountSpec } from './mount/contract.ts';
import type { CockpitPanelSpec } from './panel/contract.ts';
import type { PluginMigrations, PluginStore } from './store/contract.ts';

// The words of other rooms that a plugin meets; this room reads them here and nowhere else.
export type { Artifact, ArtifactContext, ArtifactWithContent, NewArtifact } from '../artifact/contract.ts';
export { artifactTypes, largestArtifact } from '../artifact/contract.ts';
export type { ApprovalStatus, CapabilitySpec } from '../capability/contract.ts';
export { defaultVerdicts, risks } from '../capability/contract.ts';
export type { CallAnswer, CallRequest } from '../admission/contract.ts';
export type { BootGateSpec, ServiceTokenAnswer, ServiceTokenSpec } from '../boot/contract.ts';
export type { ChainEvent, EventDraft, EventQuery, EventType } from '../chain/contract.ts';
export type {
  BackgroundDaemonEntry,
  CoordinatorView,
  PeriodicTaskSpec,
  RuntimeGlance,
  TaskOutcome,
} from '../daemon/contract.ts';
export type { IdentityProvider, IdentitySpec, ResolvedIdentity } from '../identity/contract.ts';
export { identitySpecSchema } from '../identity/contract.ts';
export type { McpContext } from '../mcp/contract.ts';
export type { ChannelSpec, NewMessage, OutboundMessage } from '../message/contract.ts';
export type { ProbeSnapshot, ProbeSpec } from '../probe/contract.ts';
export type {
  ChangeKindSpec,
  ChangePlace,
  ChangeSet,
  Examination,
  HistoryLook,
  HistoryPage,
  HistoryQuery,
  LoopHistory,
  LoopSpec,
  Measure,
  Observed,
  PromotionContext,
  ProposalDraft,
} from '../promotion/contract.ts';
export { measureVerdicts } from '../promotion/contract.ts';
export { modelTiers, reasonErrors, reasonRoutes } from '../reason/contract.ts';
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
  LearnedUse,
  RunLimits,
  ToolAnswer,
  ToolCall,
  ToolOutcome,
  ToolSpec,
  ToolView,
  Turn,
  Verdict,
} from '../reason/contract.ts';
export { probeCategories, probeStatuses } from '../probe/contract.ts';
export type {
  Consequences,
  NewTicket,
  OperationSeen,
  OperationSpec,
  SideEffects,
  TicketHandler,
  TicketProgress,
  TicketResult,
  TicketWork,
} from '../ticket/contract.ts';
export { failureClasses, sideEffects, ticketPriorities, ticketResolutions } from '../ticket/contract.ts';

export type { HttpMountSpec, MountRequest, MountResponse } from './mount/contract.ts';
export type {
  PluginMigration,
  PluginMigrations,
  PluginStore,
  StoreAnswer,
  StoreRunOptions,
  StoreStatement,
} from './store/contract.ts';

/** The number of this contract. A plugin is refused when its manifest names another. */
export const pluginApi = 1;

/** Undoes one registration. Calling it twice is harmless. */
export interface Registration {
  dispose(): Promise<void>;
}

/** A durable reader of the chain: what `react` answers lands in one transaction with the moved cursor. */
export interface SubscriptionSpec {
  /** Unique in the workspace; the runtime writes the plugin's id before it. */
  readonly consumer: string;
  /** Types or prefixes; `[]` is everything. */
  readonly types: readonly string[];
  /**
   * Where a consumer that was never seen begins; a number is the first sequence it may see. Default `now`: history does
   * not replay by accident.
   */
  readonly from?: 'now' | 'beginning' | number;
  /** Milliseconds one reaction may take before it counts as failed; default 30 s. Failed five times, an event is parked. */
  readonly deadlineMs?: number;
  /** How many reactions may land in one transaction; default 1. Together or not at all, and then one by one. */
  readonly batch?: number;
  /** May be asked about an event again, after a crash or a failure; what it answers lands once. The signal is its deadline. */
  react(event: ChainEvent, signal?: AbortSignal): Promise<Consequences | void>;
}

export interface PluginLog {
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/**
 * Everything a plugin may do. Each registration is recorded under the plugin and undone in reverse when it goes.
 * Everything is asynchronous and plain data, so that a guest in a process of its own has the same context.
 */
export interface PluginContext<Config> {
  readonly id: string;
  readonly workspace: string;
  /** The plugin's own block of the configuration, parsed by its schema. */
  readonly config: Config;
  /** The same block as the operator wrote it, without what the schema adds: what stands here is their own word. */
  readonly written: unknown;
  readonly log: PluginLog;
  /** Aborts when the plugin goes. */
  readonly signal: AbortSignal;
  /**
   * Makes the plugin's own tables, in a schema of its own; before anything else is registered. Each migration is applied
   * once, in order. The tables stay when the plugin goes. Throws KORA_PLUGIN_STORE_REFUSED where the database gives it no
   * place, KORA_MIGRATION_FAILED, KORA_MIGRATION_CHANGED, KORA_SCHEMA_NEWER.
   */
  registerMigrations(migrations: PluginMigrations): Promise<Registration>;
  registerBackgroundDaemon(entry: BackgroundDaemonEntry): Promise<Registration>;
  registerPeriodicTask(task: PeriodicTaskSpec): Promise<Registration>;
  registerIdentityProvider(provider: IdentityProvider): Promise<Registration>;
  registerProbe(probe: ProbeSpec): Promise<Registration>;
  registerChannel(channel: ChannelSpec): Promise<Registration>;
  /** What `work` is given as payload is what the handler's `payload` makes of it. */
  registerTicketHandler<Payload extends Readonly<Record<string, unknown>>>(
    handler: TicketHandler<Payload>,
  ): Promise<Registration>;
  registerEventTypes(types: readonly EventType[]): Promise<Registration>;
  /** On the operator's port for trusted plugins; of others under `/plugins/<id>` on the port of guests. */
  registerHttpMount(mount: HttpMountSpec): Promise<Registration>;
  subscribe(subscription: SubscriptionSpec): Promise<Registration>;
  /** Trusted plugins only: a gate may stop the boot. Runs after the runtime's own, before its smoke test. */
  registerBootGate(gate: BootGateSpec): Promise<Registration>;
  registerServiceToken(token: ServiceTokenSpec): Promise<Registration>;
  /**
   * Trusted plugins only: what may be done about what one probe finds broken. The runtime examines each attempt by the
   * envelope's own code, asks the door, looks afterwards whether it is well, and tells all of it. Throws
   * KORA_PLUGIN_INVALID, KORA_FIX_TAKEN.
   */
  registerFix(fix: FixEnvelope): Promise<Registration>;
  /** Adds a capability to the matrix: what it names is denied, or asked about, until the operator grants it. */
  registerCapability(capability: CapabilitySpec): Promise<Registration>;
  /** Shows something on the plugin's page of the cockpit, as data that the page draws. */
  registerCockpitPanel(panel: CockpitPanelSpec): Promise<Registration>;
  /**
   * Something that a model may ask for, under a capability of the matrix; the plugin's own are registered first. Throws
   * KORA_TOOL_INVALID, KORA_TOOL_TAKEN.
   */
  registerTool<Input>(tool: ToolSpec<Input>): Promise<Registration>;
  /**
   * Brings whoever thinks here. One serves the workspace at a time. Throws KORA_PLUGIN_INVALID for one that is malformed
   * and for a name that is taken.
   */
  registerEngine(engine: EngineSpec): Promise<Registration>;
  /**
   * A loop that looks at the past and proposes a change; the runtime runs it on a kept schedule, shows its proposals to the
   * operator, tries what is approved and takes it back where it does harm. Throws KORA_PLUGIN_INVALID, KORA_LOOP_TAKEN.
   */
  registerLoop(loop: LoopSpec): Promise<Registration>;
  /**
   * Trusted plugins only: a kind of change that loops may propose, to something the plugin owns. Throws KORA_PLUGIN_INVALID,
   * KORA_CHANGE_KIND_TAKEN.
   */
  registerChangeKind(kind: ChangeKindSpec): Promise<Registration>;
  /**
   * A secret that the manifest names in `secrets`; undefined when the operator has not said it. Ask each time it is needed
   * and keep no copy. Throws KORA_SECRET_UNDECLARED, and KORA_CREDENTIALS_LOCKED while a stop of level 5 is in force.
   */
  secret(name: string): Promise<string | undefined>;
  readonly identity: {
    /**
     * Who speaks in this workspace now: name, texts, and the hash that names the exact texts. Throws
     * KORA_IDENTITY_AMBIGUOUS, KORA_IDENTITY_UNKNOWN or KORA_IDENTITY_INVALID while nobody can.
     */
    current(): Promise<ResolvedIdentity>;
  };
  /** The plugin's own tables, once it has registered their migrations. */
  readonly store: PluginStore;
  /** Files that messages and tools may carry: in the store, named by id, and never a path. */
  readonly artifacts: ArtifactContext;
  readonly approvals: {
    /**
     * Waits until the operator has answered about a call of this plugin that was refused `approval_pending`, or its time
     * is over. `approved`: the same call, admitted again, is let through once. `pending` when the signal aborted first.
     */
    wait(approvalId: number, signal?: AbortSignal): Promise<ApprovalStatus>;
  };
  readonly chain: {
    /** Stages an event of a type this plugin registered; durable when it resolves. */
    append(draft: EventDraft): Promise<void>;
    read(query: EventQuery): Promise<readonly ChainEvent[]>;
  };
  readonly tickets: {
    add(ticket: NewTicket): Promise<{ readonly ticketId: number }>;
  };
  readonly notify: {
    /** Accepts a message to the operator; durable when it resolves. */
    send(message: NewMessage): Promise<void>;
    /** Whether the operator's quiet hours go on, in which information waits. */
    isQuiet(): Promise<boolean>;
  };
  /**
   * Asks the door before a call to a model, a tool or anybody but the operator. Who asks is the runtime's to say; leave is
   * for this call, now. Refused with `approval_pending`, ask again with the approval once the operator has decided.
   */
  admit(request: CallRequest): Promise<CallAnswer>;
  /**
   * What a model call that was let through cost, once: in whole micro-dollars, or by what the provider counted, which is
   * priced then; with neither it is what was reserved, as an estimate. Throws KORA_SPEND_CALL_UNKNOWN, KORA_SPEND_INVALID.
   */
  settle(callId: string, cost: CallCost): Promise<void>;
  /** Trusted plugins only: what programs outside ask of the house, in the name of the token each shows. */
  readonly mcp: McpContext;
  /** Asks whoever thinks here: an answer with a receipt, also where nobody does. */
  readonly reason: ReasonContext;
  /** For whoever registered an engine: the way of its model and tool calls, by run. */
  readonly engine: EngineContext;
  /**
   * The past, for the loops of this plugin, while they are asked about it; of an untrusted one once the operator has granted
   * it `cap_read_runtime`.
   */
  readonly promotion: PromotionContext;
  readonly probes: {
    list(): Promise<readonly ProbeState[]>;
    incidents(query: {
      readonly status?: 'open' | 'resolved';
      readonly limit?: number;
    }): Promise<readonly Incident[]>;
    /** Looks at one probe, newest first, at most 1000. */
    history(query: { readonly probe: string; readonly limit?: number }): Promise<readonly ProbeResult[]>;
  };
  readonly clock: {
    /** Milliseconds since 1970. */
    now(): number;
    /** True after the time, false when aborted. */
    sleep(ms: number, signal?: AbortSignal): Promise<boolean>;
  };
}

/** What is said about a model call that is over. */
export interface CallCost {
  readonly costMicroUsd?: number | undefined;
  readonly usage?: ModelUsage | undefined;
  /** As the engine or `spend.prices` calls it. */
  readonly model?: string | undefined;
}

export interface PluginDefinition<Config = unknown> {
  readonly id: string;
  /** Parses the plugin's block of the configuration; without it the block must be absent or empty. */
  readonly config?: z.ZodType<Config>;
  /** Registers everything the manifest declares. A throw undoes all of it. */
  register(context: PluginContext<Config>): Promise<void> | void;
}

const brand: unique symbol = Symbol.for('kora.plugin');

/** What an entry module exports as its default: a definition with a mark that survives two copies of this package. */
export interface Plugin {
  readonly [brand]: typeof pluginApi;
  readonly id: string;
  readonly config: z.ZodType | undefined;
  register(context: PluginContext<unknown>): Promise<void> | void;
}

/** Defines a plugin; the entry module's default export. */
export function definePlugin<Config>(definition: PluginDefinition<Config>): Plugin {
  return {
    [brand]: pluginApi,
    id: definition.id,
    config: definition.config,
    // The host parses `config` with this plugin's own schema before it calls, so the block has the shape Config.
    register: (context) => definition.register(context as PluginContext<Config>),
  };
}

/** Whether a module's default export is a plugin, and of which contract number. */
export function pluginApiOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const mark = (value as { readonly [brand]?: unknown })[brand];
  return typeof mark === 'number' ? mark : undefined;
}
