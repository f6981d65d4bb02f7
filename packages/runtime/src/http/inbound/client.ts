import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** The part of the typed API that is about what came in over channels. */
export function inboundClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    inbound: {
      /** The newest first. */
      list: (
        query: {
          readonly state?: InboundRow['state'];
          readonly channel?: string;
          readonly limit?: number;
        } = {},
      ) => read('/api/inbound', z.array(shape.inboundSchema), query),
      show: (inboundId: number) => read(`/api/inbound/${inboundId}`, shape.inboundDetailSchema),
      /** Out of quarantine, to be handled. */
      release: (inboundId: number, reason: string) =>
        write(`/api/inbound/${inboundId}/release`, shape.inboundSchema, { reason }),
      /** Out of quarantine, for good. */
      drop: (inboundId: number, reason: string) =>
        write(`/api/inbound/${inboundId}/drop`, shape.inboundSchema, { reason }),
    },
  };
}

export type InboundRow = z.infer<typeof shape.inboundSchema>;
