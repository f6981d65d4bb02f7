export { Reason } from './ask.ts';
export type { ReasonOptions } from './ask.ts';
export { reasonRoutes } from './contract.ts';
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
} from './contract.ts';
export { listConversations, readConversation } from './conversation/rows.ts';
export { readBefore } from './evidence/rows.ts';
export { operatorWritten, reasonEvents } from './events.ts';
export { readRecord } from './replay/record.ts';
export type { FullRecord } from './replay/record.ts';
export { replay } from './replay/replay.ts';
export type { Replay } from './replay/replay.ts';
export { retainReason } from './retain.ts';
export { answerOf, listRuns } from './run/rows.ts';
export type { RunRecord } from './run/rows.ts';
export { outcomesBy, outcomeScopes } from './outcomes.ts';
export type { OutcomeScope, OutcomeSlice } from './outcomes.ts';
export type {
  Asker,
  PhrasebookPort,
  ReasonPorts,
  RunFacts,
  SnapshotPort,
  ToolDone,
  ToolRequest,
  ToolsPort,
} from './ports.ts';
export type { LiveSign } from './run/live.ts';
export { isCompared, knownTo } from './learned/compared.ts';
export { LearnedFields } from './learned/fields.ts';
export { phrasebookEntryOf } from './learned/phrasebook-entry.ts';
export { snapshotFieldOf } from './learned/snapshot-field.ts';
export { toolsTrimmedOf } from './learned/tools-trimmed.ts';
export { Phrasebook } from './phrasebook/phrasebook.ts';
export type { Once as PhrasebookOnce } from './phrasebook/phrasebook.ts';
export { pastQuestions } from './phrasebook/questions.ts';
export type { Snapshot, SnapshotSection } from './snapshot/contract.ts';
export { keepSnapshot, keptSnapshot, keptSnapshots, ticketSamples } from './snapshot/kept.ts';
export { sections } from './snapshot/sections/all.ts';
export { Snapshots } from './snapshot/snapshots.ts';
export type { RegisteredTool } from './tool/registry.ts';
export { Tools } from './tool/tools.ts';
export type { ToolsOptions } from './tool/tools.ts';

// The rules of a run that need no store, for runs in memory.
export { asHistory } from './conversation/history.ts';
export { judgeVerdict } from './evidence/judge.ts';
export { receiptOf } from './receipt.ts';
export type { CallFigures } from './receipt.ts';
export { limitsOf } from './run/limits.ts';
export type { RunEnd } from './run/live-run.ts';
export { outcomeOf } from './run/outcome.ts';
export { openCalls, runsOfTickets } from './run/open-calls.ts';
export type { OpenCalls, RunOfTicket } from './run/open-calls.ts';
