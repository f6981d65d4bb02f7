export { addTicket } from './add.ts';
export type { AddContext, AddedTicket } from './add.ts';
export { claimTickets, reapTickets } from './claim.ts';
export type { Claim, ClaimRequest } from './claim.ts';
export { countHeld, countReleased } from './count.ts';
export type { CountOf } from './count.ts';
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
export { cancelTicket, forceRetry } from './operate.ts';
export { releaseTicket, resolveTicket } from './resolve.ts';
export type { ResolveContext, Verdict } from './resolve.ts';
export { readWorkSigns } from './signs.ts';
export type { WorkSigns } from './signs.ts';
export {
  countBuckets,
  findTicket,
  listOutcomes,
  listTickets,
  readBuckets,
  ticketsByKey,
} from './view.ts';
export type { Bucket, OutcomeView, TicketView } from './view.ts';
export { TicketWorker } from './worker.ts';
export type { WorkerOptions } from './worker.ts';
