import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';

/** The part of the typed API that is about how probes were, and when nobody is to be told. */
export function probeClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    probeHistory: (name: string, query: { sinceMs?: number; points?: number } = {}) =>
      read(`/api/probes/${encodeURIComponent(name)}/history`, shape.probeHistorySchema, query),
    probeDays: (query: { days?: number } = {}) =>
      read('/api/probe-days', z.array(shape.probeDaysSchema), query),
    probeWindows: () => read('/api/probe-windows', z.array(shape.probeWindowSchema)),
    addProbeWindow: (wanted: z.input<typeof shape.newProbeWindowSchema>) =>
      write('/api/probe-windows', shape.probeWindowSchema, wanted),
    endProbeWindow: (windowId: number, reason: string) =>
      write(`/api/probe-windows/${windowId}/end`, shape.probeWindowSchema, { reason }),
  };
}
