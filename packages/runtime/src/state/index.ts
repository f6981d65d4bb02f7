export { causeTable } from './causes.ts';
export type { Cause, CauseRole } from './causes.ts';
export { claimPermissions, degradationReasons, derive, primaryStates } from './derive.ts';
export type {
  ClaimPermission,
  DegradationReason,
  DerivedState,
  Hold,
  HoldCause,
  PrimaryState,
  StateInputs,
} from './derive.ts';
export { acceptEpoch, isEmptyStore, judgeEpoch, listAcceptances, raiseEpoch, readEpoch } from './epoch.ts';
export type { EpochAcceptance, EpochVerdict, RaiseEpoch, StoreEpoch } from './epoch.ts';
export { drObserved, holdAdded, holdCleared, stateEvents } from './events.ts';
export { OperationalStateHolder } from './holder.ts';
export type { Transition, TransitionOptions } from './holder.ts';
export { addHold, clearHolds, openHolds, wasCleared } from './holds.ts';
export type { ClearHolds, NewHold } from './holds.ts';
