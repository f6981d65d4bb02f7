export { addTicket } from './queue/add.ts';
export type { AddContext, AddedTicket } from './queue/add.ts';
export { claimTickets, reapTickets } from './queue/claim.ts';
export type { Claim, ClaimRequest } from './queue/claim.ts';
export { countHeld, countReleased } from './view/count.ts';
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
export { cancelTicket, forceRetry } from './operate/operate.ts';
export { endingOf, givenBack } from './queue/ending.ts';
export type { ClaimKey, EndedClaim, Ending, EndingContext } from './queue/ending.ts';
export { releaseTicket, resolveBatch, resolveTicket } from './queue/resolve.ts';
export type { ResolveContext, Verdict } from './queue/resolve.ts';
export type { LiveSession } from './session/live-session.ts';
export { Sessions } from './session/sessions.ts';
export type { SessionOptions } from './session/sessions.ts';
export { attemptCeiling, classify, counts, failureCeiling, retryDelay } from './queue/retry.ts';
export type { Classified } from './queue/retry.ts';
export { readWorkSigns } from './view/signs.ts';
export type { WorkSigns } from './view/signs.ts';
export {
  countBuckets,
  findTicket,
  listOutcomes,
  listTickets,
  readBuckets,
  ticketsByKey,
} from './view/view.ts';
export type { Bucket, OutcomeView, TicketView } from './view/view.ts';
export { TicketWorker } from './worker/worker.ts';
export type { WorkerOptions } from './worker/worker.ts';
