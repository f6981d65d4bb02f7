/**
 * `@kora/runtime/testkit`: the parts that `@kora/testkit` builds its runtime in memory from, so that a plugin meets the
 * same checks, names and errors there as in a real one. Made for that package: plugin authors import `@kora/testkit`.
 */

// What a plugin is, and its context over whatever offers the house's services.
export {
  buildContext,
  Contributions,
  handedOver,
  importModule,
  lendRuntime,
  loopback,
  panelResultSchema,
  panelViewSchema,
  parseConfigBlock,
  pluginApiOf,
  pluginOf,
  readManifest,
  reasonRequest,
  toolAnswer,
  versionGate,
} from './plugin/index.ts';
export type {
  Contributes,
  HouseServices,
  Manifest,
  ManifestProblem,
  PackageFacts,
  PluginOwner,
  Registered,
} from './plugin/index.ts';

// Time.
export { FakeClock, withDeadline } from './clock/index.ts';
export { Scope } from './scope/index.ts';

// The rules of the rooms that need no store.
export { bodyHash, canonicalJson, eventHash, genesisHash, hashedTime, Vocabulary } from './chain/index.ts';
export { BackgroundDaemonRegistry, checkCadence, nextDue, startOrder } from './daemon/index.ts';
export { conditionsOf, Envelopes, fixFor, targetAmong } from './fix/index.ts';
export type { FixQuestion } from './fix/index.ts';
export { Identities } from './identity/index.ts';
export { ancestorsOf, cycleFrom, effectOfTurns, fold, probeEvents, turnsAfter } from './probe/index.ts';
export type { ProbeMemory, Turns } from './probe/index.ts';
export { classifyFailure, countsAsOwn, nonsenseIn, ticketEvents } from './ticket/index.ts';
export { checkArtifact } from './artifact/index.ts';
export { ownCapabilities } from './capability/index.ts';
export { Prices } from './spend/index.ts';
export { fault } from './fault/index.ts';

// Thinking, but for the store.
export {
  asHistory,
  judgeVerdict,
  limitsOf,
  outcomeOf,
  reasonEvents,
  receiptOf,
  Tools as ToolHouse,
} from './reason/index.ts';
export type { CallFigures, RunEnd, RunFacts, ToolsOptions } from './reason/index.ts';

// Looking back.
export { fingerprintOf, isHeldOut, Looks, proposalDraft } from './promotion/index.ts';

// A database, for plugins that keep tables.
export { openMemoryStore } from './memory-store.ts';
export type { MemoryStore } from './memory-store.ts';
