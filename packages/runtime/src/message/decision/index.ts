export { newCode, readCode } from './codes.ts';
export type {
  Answering,
  Decided,
  Decider,
  DecisionStatus,
  DecisionView,
  Ended,
  Marked,
  Verdict,
} from './contract.ts';
export { Decisions } from './decisions.ts';
export type { DecisionsOptions } from './decisions.ts';
export { endDrill, hurryDrills, startDrill } from './drill.ts';
export { askDecision, waitsOrDenied } from './rows.ts';
export type { NewDecision } from './rows.ts';
