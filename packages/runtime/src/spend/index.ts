export { closeAccountOf, closeAccounts, openAccounts, readAccounts, spendsFragment } from './account.ts';
export type { OpenAccounts } from './account.ts';
export { boundsOf } from './bounds.ts';
export type { SpendBounds, SpendLimits } from './bounds.ts';
export { budgetPort } from './budget.ts';
export type { Settle } from './charge.ts';
export { burnOf } from './burn.ts';
export type { Burn } from './burn.ts';
export { spendEvents } from './events.ts';
export type { Reserve, Reserved, Unreserved, Usage } from './journal.ts';
export { readEntries } from './entries.ts';
export type { EntriesQuery, SpendEntry } from './entries.ts';
export { forecastOf, runsPerDayOf } from './forecast.ts';
export type { Figure, Forecast } from './forecast.ts';
export { measureCalls } from './measured.ts';
export type { Measured } from './measured.ts';
export { microUsdOf, usdOf } from './money.ts';
export { Prices } from './prices.ts';
export type { ConfiguredPrice, Priced, PriceRow } from './prices.ts';
export { spendDays } from './days.ts';
export type { SpendDay } from './days.ts';
export { rungOf, rungs, tierOf } from './rung.ts';
export type { EffectiveTier, Rung } from './rung.ts';
export type { RunSpend } from './run-spend.ts';
export { Spend } from './spend.ts';
export type { CostHold, Once, Reconciled, Settled, SpendOptions } from './spend.ts';
export type { Free, SpendStanding } from './standing.ts';
export { tierLimit } from './tier-limit.ts';
export type { Downshift, TierLimit } from './tier-limit.ts';
export { pruneUsed, readLimits } from './used.ts';
export type { LimitView } from './used.ts';
export {
  mostSlices,
  openReservations,
  reconciliations,
  sliceScopes,
  spendBy,
  spentWithin,
} from './windows.ts';
export type { CountedTokens, OpenReservation, Reconciliation, SliceScope, SpendSlice } from './windows.ts';
