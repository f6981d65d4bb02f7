/** The promotion room's face: what repeats is proposed to be made cheaper or better, tried, kept or taken back. */
export { promotionEvents } from './events.ts';
export { fingerprintOf } from './digest.ts';
export { proposalDraft } from './draft.ts';
export { isHeldOut } from './history/held-out.ts';
export { Looks } from './looks.ts';
export { pruneProposals } from './rows.ts';
export { pruneRuns } from './run-rows.ts';
export { Promotion } from './promotion.ts';
export type { AskedProposal, HistoryReads, HistoryWindow, PageQuery, PromotionPorts } from './ports.ts';
export type {
  ChangeKindSpec,
  ChangeLine,
  ChangePlace,
  ChangeSeen,
  ChangeSet,
  Examination,
  Figure,
  Gain,
  HistoryPage,
  LearnedUse,
  LoopSettings,
  Measure,
  Overlay,
  PastAttempt,
  PastEvent,
  PastIncident,
  PastQuestion,
  PastToolCall,
  ProposalApplication,
  ProposalDecision,
} from './contract.ts';
export type {
  LoopRun,
  LoopView,
  OverlayView,
  ProposalDeed,
  ProposalDetail,
  ProposalQuery,
  ProposalStep,
  ProposalView,
  ProposalWord,
  RevisionDiff,
  Within,
} from './view.ts';
export { historyReads } from './history/reads.ts';
