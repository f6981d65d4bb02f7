import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';
import type { OnceOptions } from '../control/client.ts';

/** The part of the typed API that is about money. */
export function spendClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    spend: (query: { readonly by?: 'route' | 'plugin' | 'day'; readonly windowMs?: number } = {}) =>
      read('/api/spend', shape.spendSchema, { ...query }),
    reconcileSpend: (reportedMicroUsd: number, reason: string, options: OnceOptions = {}) =>
      write('/api/spend/reconcile', shape.reconciliationSchema, { reportedMicroUsd, reason, ...options }),
    refreshSpend: (reason: string, options: OnceOptions = {}) =>
      write('/api/spend/refresh', shape.spendStandingSchema, { reason, ...options }),
    releaseReservation: (callId: string, reason: string, options: OnceOptions = {}) =>
      write('/api/spend/release', shape.releasedReservationSchema, { callId, reason, ...options }),
  };
}
