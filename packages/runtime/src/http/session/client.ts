import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** Signing in, and who is. */
export function sessionClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    pairing: (wish: z.input<typeof shape.pairingWishSchema> = {}) =>
      write('/api/pairing', shape.pairingSchema, wish),
    pair: (code: string) => write('/api/pair', z.object({ ok: z.literal(true) }), { code }),
    caller: () => read('/api/caller', shape.callerSchema),
    sessions: () => read('/api/sessions', shape.sessionsSchema),
    revokeSession: (sessionId: string, reason: string) =>
      write(`/api/sessions/${encodeURIComponent(sessionId)}/revoke`, shape.revokedSessionsSchema, { reason }),
    revokeSessions: (which: 'all' | 'others', reason: string) =>
      write('/api/sessions/revoke', shape.revokedSessionsSchema, { which, reason }),
    cspReports: () => read('/api/csp-reports', shape.cspReportsSchema),
  };
}
