import type { AlertHouse } from './alert/house.ts';
import type { ArtifactHouse } from './artifact/house.ts';
import type { CapabilityHouse } from './capability/house.ts';
import type { ChainHouse } from './chain/house.ts';
import type { ChannelHouse } from './channel/house.ts';
import type { ConfigHouse } from './config/house.ts';
import type { ControlHouse } from './control/house.ts';
import type { DaemonHouse } from './daemon/house.ts';
import type { DecisionHouse } from './decision/house.ts';
import type { FixHouse } from './fix/house.ts';
import type { HealthHouse } from './health/house.ts';
import type { IncidentHouse } from './incident/house.ts';
import type { InboundHouse } from './inbound/house.ts';
import type { McpHouse } from './mcp/house.ts';
import type { PageHouse } from './page/house.ts';
import type { PanelHouse } from './panel/house.ts';
import type { PhrasebookHouse } from './phrasebook/house.ts';
import type { PluginConfigHouse } from './plugin-config/house.ts';
import type { PluginHouse } from './plugin/house.ts';
import type { PromotionHouse } from './promotion/house.ts';
import type { ProbeHouse } from './probe/house.ts';
import type { SnapshotHouse } from './snapshot/house.ts';
import type { SessionHouse } from './session/house.ts';
import type { ReasonHouse } from './reason/house.ts';
import type { SpendHouse, SpendMutation } from './spend/house.ts';
import type { WorkerHouse } from './worker/house.ts';
import type * as shape from './shapes.ts';
import type { TaskHouse } from './task/house.ts';
import type { TicketHouse } from './ticket/house.ts';
import type { ToolHouse } from './tool/house.ts';

/** The API's questions, as `kora.ts` answers them from the rooms. Every answer is read when it is asked. */
export interface House
  extends SpendHouse,
    AlertHouse,
    ArtifactHouse,
    CapabilityHouse,
    ChainHouse,
    ChannelHouse,
    DaemonHouse,
    ConfigHouse,
    ControlHouse,
    DecisionHouse,
    FixHouse,
    HealthHouse,
    IncidentHouse,
    InboundHouse,
    McpHouse,
    ProbeHouse,
    PageHouse,
    PromotionHouse,
    PanelHouse,
    PhrasebookHouse,
    SnapshotHouse,
    PluginConfigHouse,
    PluginHouse,
    ReasonHouse,
    SessionHouse,
    TaskHouse,
    TicketHouse,
    ToolHouse,
    WorkerHouse {
  readonly build: string;
  status(): Promise<shape.Status>;
  effects(): shape.Effect;
  snapshot(): Promise<shape.Snapshot>;
  operationalState(): Promise<shape.OperationalState>;
  bootStatus(): Promise<shape.BootStatus>;
  checkBoot(): Promise<shape.BootReport>;
  probes(): Promise<shape.ProbeRow[]>;
  runProbe(name: string): Promise<shape.ProbeRow>;
  incidents(query: IncidentsRequest): Promise<shape.IncidentRow[]>;
  identities(): Promise<shape.IdentityRow[]>;
  useIdentity(name: string, reason: string): Promise<shape.Receipt>;
  messages(query: MessagesRequest): Promise<shape.MessageRow[]>;
  findings(): Promise<shape.Finding[]>;
  /** Begins a backup into a folder of the runtime's machine; answers at once. */
  startBackup(directory: string): Promise<shape.BackupStatus>;
  backup(): shape.BackupStatus;
  /** Raises the store's epoch: every home asks before it goes on, this one too. */
  bumpEpoch(request: SpendMutation): Promise<{ epoch: number }>;
  /** Starts the orderly end; answers before it happens. */
  down(reason: string): Promise<shape.Receipt>;
  heartbeat(): Promise<shape.Heartbeat>;
}

export interface IncidentsRequest {
  readonly status?: 'open' | 'resolved' | undefined;
  readonly limit?: number | undefined;
}

export interface MessagesRequest {
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}
