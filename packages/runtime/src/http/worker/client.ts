import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** The part of the typed API that says who may work tickets from another process. */
export function workerClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    workers: {
      /** Tokens that are good now; with `all`, also those that are over. */
      list: (query: { readonly all?: boolean } = {}) =>
        read('/api/worker-tokens', z.array(shape.workerTokenSchema), query.all === true ? { all: 1 } : {}),
      /** The token stands in the answer, this once. */
      add: (wish: z.input<typeof shape.newWorkerTokenSchema>) =>
        write('/api/worker-tokens', shape.workerTokenMadeSchema, wish),
      /** Its sessions end, and what they held is claimable again. */
      revoke: (workerTokenId: number, reason: string) =>
        write(`/api/worker-tokens/${workerTokenId}/revoke`, shape.workerTokenSchema, { reason }),
    },
  };
}

export type WorkerTokenRow = z.infer<typeof shape.workerTokenSchema>;

export type WorkerCalls = ReturnType<typeof workerCalls>;

/** The routes of a worker, typed: what `createKoraWorker` is made of, for whoever wants another loop. */
export function workerCalls({ write }: Pick<ChainCalls, 'write'>) {
  const at = (verb: string): string => `/api/worker/${verb}`;
  return {
    claim: (wish: z.input<typeof shape.workerClaimSchema>) =>
      write(at('claim'), shape.workerClaimedSchema, wish),
    refresh: (claims: readonly string[]) => write(at('refresh'), shape.workerRefreshedSchema, { claims }),
    progress: (wish: z.input<typeof shape.workerProgressSchema>) =>
      write(at('progress'), shape.workerProgressedSchema, wish),
    note: (wish: z.input<typeof shape.workerNoteSchema>) => write(at('note'), shape.workerToldSchema, wish),
    event: (wish: z.input<typeof shape.workerEventSchema>) =>
      write(at('event'), shape.workerToldSchema, wish),
    operation: (wish: z.input<typeof shape.workerOperationSchema>) =>
      write(at('operation'), shape.workerOperatedSchema, wish),
    release: (wish: z.input<typeof shape.workerReleaseSchema>) =>
      write(at('release'), shape.workerEndedSchema, wish),
    resolve: (wish: z.input<typeof shape.workerResolveSchema>) =>
      write(at('resolve'), shape.workerEndedSchema, wish),
  };
}
