export { addTicket, addTickets, addTicketsAlone, mostAdded } from './queue/add.ts';
export type { AddContext, AddedTicket } from './queue/add.ts';
export { claimTickets } from './queue/claim.ts';
export type { Claim, ClaimRequest, ClaimWant } from './queue/claim.ts';
export { claimContractVersion, claimResults, claimTicket } from './queue/claim-one.ts';
export type { ClaimAnswer, ClaimResult, NamedClaimRequest } from './queue/claim-one.ts';
export { affordDeferred, isPaidWorkHeld, readDeferred } from './queue/paid.ts';
export type { DeferredStanding } from './queue/paid.ts';
export { ClaimHints } from './queue/hints.ts';
export { reapTickets } from './queue/reap.ts';
export type { Reaped } from './queue/reap.ts';
export { countEnded, countHeld, countReleased, heldTickets } from './view/count.ts';
export type { CountOf } from './view/count.ts';
export { ticketStatuses } from './contract.ts';
export type {
  Consequences,
  NewTicket,
  TicketHandler,
  TicketResult,
  TicketStatus,
  TicketWork,
} from './contract.ts';
export { ticketEvents } from './events.ts';
export type { Operation, OperationStatus } from './ledger/contract.ts';
export { Ledger } from './ledger/ledger.ts';
export { performOperation } from './ledger/perform.ts';
export type { LedgerOptions } from './ledger/ledger.ts';
export { Notes } from './ledger/notes.ts';
export type { OperateContext, OperatorRequest } from './operate/action.ts';
export { releaseDeferred } from './operate/deferred.ts';
export { cancelTicket, forceRetry } from './operate/operate.ts';
export { noteTicket } from './operate/note.ts';
export { reassignTicket, unblockTicket } from './operate/parked.ts';
export { reprioritiseTicket } from './operate/priority.ts';
export type { ReprioritiseRequest } from './operate/priority.ts';
export { releaseClaim } from './operate/release.ts';
export type { ReassignRequest } from './operate/parked.ts';
export { freeDependents } from './queue/dependencies.ts';
export { ensurePartitions, retireTickets } from './queue/partitions.ts';
export type { Retired, Retiring } from './queue/partitions.ts';
export { endingOf, givenBack } from './queue/ending.ts';
export type { ClaimKey, EndedClaim, Ending, EndingContext } from './queue/ending.ts';
export { releaseTicket, resolveBatch, resolveTicket } from './queue/resolve.ts';
export type { ResolveContext, Verdict } from './queue/resolve.ts';
export type { LiveSession } from './session/live-session.ts';
export { Sessions } from './session/sessions.ts';
export type { SessionOptions } from './session/sessions.ts';
export { attemptCeiling, classify as classifyFailure, counts as countsAsOwn } from './queue/retry.ts';
export { nonsenseIn } from './worker/answer.ts';
export type { Classified } from './queue/retry.ts';
export { remoteEvents } from './remote/events.ts';
export type { OperationView } from './remote/remote-operation.ts';
export { remoteSessionTtlMs } from './remote/remote-session.ts';
export { RemoteWorkers } from './remote/remote-workers.ts';
export type { TokenedClaim } from './remote/remote-workers.ts';
export { readWorkSigns } from './view/signs.ts';
export type { WorkSigns } from './view/signs.ts';
export { countBuckets, readBoard } from './view/board.ts';
export type { Board, BoardCounts } from './view/board.ts';
export { readLane } from './view/lane.ts';
export type { LaneOrder, LanePage, LanePlace, LaneQuery, LaneTicket } from './view/lane.ts';
export { listOutcomes, readHistory } from './view/history.ts';
export type { OutcomeView, TicketHistory } from './view/history.ts';
export { timelineOf } from './view/timeline.ts';
export type { TimelineEntry } from './view/timeline.ts';
export { newestOperations } from './view/operations.ts';
export type { LedgerEntry } from './view/operations.ts';
export { lastResolutions } from './view/resolutions.ts';
export { findTicket, listTickets, ticketsByKey } from './view/view.ts';
export type { Bucket, TicketListing, TicketView } from './view/view.ts';
export { TicketWorker } from './worker/worker.ts';
export type { WorkerOptions } from './worker/worker.ts';
