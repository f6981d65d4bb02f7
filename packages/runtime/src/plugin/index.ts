/** The plugin room's face: which plugins there are, and the host that runs them. */

// The index: manifests only, no code runs. Used by the CLI without a runtime, and by `createKora`.
export { indexPlugins } from './plugin-index.ts';
export type { IndexOptions, IndexRow, PluginIndex, PluginSettings } from './plugin-index.ts';
export type { BundledSource, Origin } from './discover.ts';
export type { HostPackage } from './host-project.ts';
export type { Contributes, Manifest } from './manifest.ts';
export type { PackageManager } from './lockfile.ts';
export type { PluginReason, ReasonCode } from './reason.ts';
export { whyPlugin } from './why.ts';
export type { KnownPlugin, PluginWhy, SeenIndex } from './why.ts';

// The host: used by `createKora` alone.
export { pluginNow } from './attribution.ts';
export { PluginHost } from './host.ts';
export type { GuestOptions, PluginHostOptions } from './host-options.ts';
export { Approvals } from './approvals.ts';
export { Installations } from './installations.ts';
export type { Installed } from './installations.ts';
export type { PluginRow } from './plugin-row.ts';
export type { PluginUsage } from './usage.ts';
export type { SyncReport, SyncRow } from './sync-report.ts';
export { pluginEvents } from './events.ts';
export { secretShadow, secretVariable } from './secret-names.ts';
export { Panels } from './panel/panels.ts';
export type { PanelActionRow, PanelLook, PanelRow } from './panel/panels.ts';
export type { JsonSchema } from './json-schema.ts';
export { configFields, configValues, withHidden } from './config-form.ts';
export { configProblems, manifestSchema } from './config-schema.ts';
export { blockKeyClosed, boundsOfKey } from './config-doors.ts';
export { configChanged, operatorEvents, panelActed } from './operator-events.ts';
export type { PluginState } from './events.ts';
export { PluginStores } from './store/plugin-stores.ts';
export type { RefusedStore } from './store/plugin-stores.ts';
export type { Purged } from './store/purge.ts';
export { pluginCarrier } from './store/carry.ts';
export type { Registered } from './contributions.ts';
export type { HouseServices, PluginOwner, PluginPorts } from './surface.ts';
export type { HttpMountSpec, MountRequest, MountResponse, PluginLog } from './contract.ts';

// The parts of which `@kora/testkit` makes a house in memory, by way of the door `testkit.ts` alone.
export { parseConfigBlock } from './config-block.ts';
export { buildContext } from './context.ts';
export { pluginApiOf } from './contract.ts';
export { Contributions } from './contributions.ts';
export { importModule, pluginOf } from './entry.ts';
export { lendRuntime } from './lend.ts';
export * as handedOver from './isolate/arrivals.ts';
export { loopback } from './isolate/loopback.ts';
export { reasonRequest } from './isolate/reason-arrivals.ts';
export { toolAnswer } from './isolate/tool-arrivals.ts';
export { readManifest } from './manifest.ts';
export { panelResultSchema, panelViewSchema } from './panel/contract.ts';
export type { ManifestProblem, PackageFacts } from './manifest.ts';
export { versionGate } from './version-gate.ts';
