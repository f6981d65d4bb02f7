export {
  acknowledgeStop,
  enforceStop,
  listCommands,
  measureEffect,
  noteStopFailure,
  observeStop,
} from './acknowledgements.ts';
export type {
  CountSince,
  EffectCounts,
  StopAcknowledgement,
  StopCommandRecord,
  StopEffect,
  StopKey,
} from './acknowledgements.ts';
export { ceilingFragment } from './ceiling.ts';
export type { CeilingStanding } from './ceiling.ts';
export { causeTable } from './causes.ts';
export type { Cause, CauseDetail, CauseRole } from './causes.ts';
export { gateFragment, issueStop, readControl, stopKinds } from './commands.ts';
export type {
  ControlView,
  IssuedStop,
  IssuerKind,
  StopCommand,
  StopKind,
  StopLevel,
  StopVia,
  StopWish,
} from './commands.ts';
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
export {
  acceptEpoch,
  epochFragment,
  isEmptyStore,
  judgeEpoch,
  listAcceptances,
  raiseEpoch,
  readEpoch,
} from './epoch.ts';
export type { EpochAcceptance, EpochVerdict, RaiseEpoch, StoreEpoch } from './epoch.ts';
export { backupMade, bootFailed, drObserved, holdAdded, holdCleared, stateEvents } from './events.ts';
export { OperationalStateEmitError, OperationalStateHolder } from './holder.ts';
export type { HolderOptions, Transition, TransitionOptions } from './holder.ts';
export { addHold, clearHolds, liftHolds, named, openHolds, placeHold, wasCleared } from './holds.ts';
export type { ClearHolds, ControlContext, NewHold } from './holds.ts';
export { barredNextStates, movesFrom, startInputs, validNextStates } from './walk.ts';
