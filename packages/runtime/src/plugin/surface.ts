import type { Admission } from '../admission/index.ts';
import type { EventDraft, PluginContext } from './contract.ts';

/** Whose registration it is. Trust is the host's decision, by origin and configuration, never by name. */
export interface PluginOwner {
  readonly id: string;
  readonly trusted: boolean;
  /** The secrets that its manifest names; others are not its to ask for. */
  readonly secrets?: readonly string[];
  /** Named where its tables were changed by another version of it. */
  readonly version?: string;
  readonly packageName?: string;
}

/** What the house offers one owner: the context without what the plugin room itself adds. */
export type HouseServices = Omit<
  PluginContext<unknown>,
  'id' | 'config' | 'written' | 'log' | 'signal' | 'workspace'
>;

/** What of the context registers nothing: reads, writes and questions. */
export type ReadsAndWrites = Pick<
  PluginContext<unknown>,
  | 'chain'
  | 'tickets'
  | 'notify'
  | 'admit'
  | 'settle'
  | 'approvals'
  | 'probes'
  | 'clock'
  | 'secret'
  | 'identity'
  | 'store'
  | 'artifacts'
  | 'reason'
  | 'engine'
  | 'mcp'
  | 'promotion'
>;

/** What `kora.ts` hands the plugin room, so that it needs no other room's inside. */
export interface PluginPorts {
  readonly workspace: string;
  /** No plugin's code runs without leave. */
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  /** The rooms' registrations and reads, attributed to the owner. Each call validates and throws coded errors. */
  services(owner: PluginOwner): HouseServices;
  /** It has registered all it brings: its daemons may have started before, or while. */
  registered?(pluginId: string): void;
  /** Stages a `kora.plugin.*` event. */
  record(draft: EventDraft): Promise<void>;
}
