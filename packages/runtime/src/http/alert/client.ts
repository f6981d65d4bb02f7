import type { ChainCalls } from '../chain/client.ts';
import { alertSchema, alertsSchema } from './contract.ts';

/** The part of the typed API that is about alerts. */
export function alertClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  const path = (alertId: number, verb = ''): string =>
    `/api/alerts/${encodeURIComponent(String(alertId))}${verb}`;
  return {
    alerts: (
      query: {
        readonly status?: string;
        readonly severity?: string;
        readonly category?: string;
        readonly limit?: number;
      } = {},
    ) => read('/api/alerts', alertsSchema, { ...query }),
    alert: (alertId: number) => read(path(alertId), alertSchema),
    acknowledgeAlert: (alertId: number, reason: string) =>
      write(path(alertId, '/ack'), alertSchema, { reason }),
    snoozeAlert: (alertId: number, reason: string, forMs: number) =>
      write(path(alertId, '/snooze'), alertSchema, { reason, forMs }),
  };
}
