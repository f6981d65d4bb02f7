export { canonicalJson } from './canonical.ts';
export type { CauseLink, Causes, CauseStep } from './causes.ts';
export { Chain } from './chain.ts';
export type { ChainOptions } from './chain.ts';
export type { AnchorStatus } from './checkpoint/anchor/keeper.ts';
export type { Checkpointer, CheckpointOutcome, CheckpointStatus } from './checkpoint/checkpointer.ts';
export { chainRewound } from './checkpoint/events.ts';
export type { AcceptedRewinding } from './checkpoint/given-up.ts';
export type { InclusionProof } from './checkpoint/inclusion.ts';
export { openCheckpoints } from './checkpoint/open.ts';
export type { Rewinding } from './checkpoint/rewound.ts';
export { classified } from './contract.ts';
export type {
  ChainEvent,
  EventDraft,
  EventLinks,
  EventQuery,
  EventType,
  PublicEvent,
  Sensitivity,
} from './contract.ts';
export { chainEvents } from './events.ts';
export type { Pruned, Pruning } from './retain/prune.ts';
export type { Redaction } from './retain/redact.ts';
export { exportEvents } from './retain/export.ts';
export type { Exported, ExportOptions } from './retain/export.ts';
export { stageFragment } from './seal/stage.ts';
export type { ChainOwner, StagedBody, StageFragment } from './seal/stage.ts';
export type { ConsumerState, ParkedEvent, Reaction, Subscription } from './subscribe/contract.ts';
export type { ParkedChoice } from './subscribe/parked.ts';
export { TailVerifier } from './verify/tail.ts';
export type { TailStatus, TailVerifierOptions } from './verify/tail.ts';
export { verifyChain, verifyOn } from './verify/verify.ts';
export type { HashedEvent, HashedRange } from './verify/hashed.ts';
export { findingOf } from './verify/contract.ts';
export type {
  ChainPoint,
  CheckpointClaim,
  Completeness,
  Damage,
  Verification,
  VerifyOptions,
} from './verify/contract.ts';
export { Scrubber } from './scrub.ts';
export { draft, eventType, readPayload, storable, Vocabulary } from './vocabulary.ts';
export { bodyHash, eventHash, genesisHash, hashedTime } from './form.ts';
