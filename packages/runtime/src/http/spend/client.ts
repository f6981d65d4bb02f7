import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import type { OnceOptions } from '../control/client.ts';
import type { EntriesRequest, ForecastRequest, SpendBy } from './house.ts';

/** The part of the typed API that is about money. */
export function spendClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    spend: (query: { readonly by?: SpendBy; readonly windowMs?: number } = {}) =>
      read('/api/spend', shape.spendSchema, { ...query }),
    spendPrices: () => read('/api/spend/prices', z.array(shape.modelPriceRowSchema)),
    spendForecast: (query: ForecastRequest = {}) =>
      read('/api/spend/forecast', shape.forecastSchema, { ...query }),
    spendEntries: (query: EntriesRequest = {}) =>
      read('/api/spend/entries', z.array(shape.spendEntrySchema), { ...query }),
    reconcileSpend: (reportedMicroUsd: number, reason: string, options: OnceOptions = {}) =>
      write('/api/spend/reconcile', shape.reconciliationSchema, { reportedMicroUsd, reason, ...options }),
    refreshSpend: (reason: string, options: OnceOptions = {}) =>
      write('/api/spend/refresh', shape.spendStandingSchema, { reason, ...options }),
    releaseReservation: (callId: string, reason: string, options: OnceOptions = {}) =>
      write('/api/spend/release', shape.releasedReservationSchema, { callId, reason, ...options }),
  };
}
