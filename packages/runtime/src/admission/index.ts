export { Admission } from './admission.ts';
export type { Admitted } from './admission.ts';
export { blockedBy } from './blocks.ts';
export { doorLines } from './table.ts';
export type { Block, Cell, DoorLine } from './table.ts';
export { callDoors, denyCauses } from './contract.ts';
export type {
  CallAnswer,
  CallDoor,
  CallRequest,
  BlockKind,
  DenyCause,
  Door,
  DoorContexts,
  HeldClaim,
  Look,
  Refusal,
} from './contract.ts';
export type { Pass } from './pass.ts';
export { noBudget, noCapabilities } from './ports.ts';
export type {
  AdmissionOptions,
  AdmissionState,
  BudgetPort,
  CapabilityPort,
  RefusalSink,
  Refused,
} from './ports.ts';
export { doorCensus } from './census.ts';
export type { CensusRow, DoorCensus } from './census.ts';
export { admissionEvents } from './events.ts';
export { countRefusals, pruneRefusals, RefusalBook, refusalsFor } from './refusals.ts';
export type { RefusalBookOptions, RefusalCount, RefusalQuery } from './refusals.ts';
