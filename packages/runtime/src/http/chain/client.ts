import { z } from 'zod';
import { KoraApiError } from '../api-error.ts';
import * as shape from '../contract.ts';
import type { VerifyResult } from '../shapes.ts';
import { linesOf } from './read-lines.ts';

export type Query = Readonly<Record<string, string | number | undefined>>;

/** How the client asks, whatever it asks. */
export interface ChainCalls {
  read<T extends z.ZodType>(path: string, data: T, query?: Query): Promise<z.infer<T>>;
  write<T extends z.ZodType>(path: string, data: T, body: object): Promise<z.infer<T>>;
  open(path: string, query: Query, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export interface VerifyQuery {
  readonly from?: number;
  /** What an earlier pass proved: this one begins behind it. */
  readonly after?: ChainPoint;
}

export interface ChainPoint {
  readonly seq: number;
  readonly hash: string;
}

export interface Following {
  readonly signal: AbortSignal;
  readonly onProgress: (proven: ChainPoint, head: ChainPoint) => void;
}

/** The part of the typed API that is about the event log. */
export function chainClient({ read, write, open }: ChainCalls) {
  const id = (value: string | number): string => encodeURIComponent(String(value));
  const consumer = (name: string, verb: string): string => `/api/chain/consumers/${id(name)}/${verb}`;
  return {
    events: (
      query: { type?: string; after?: number; before?: number; limit?: number; order?: 'asc' | 'desc' } = {},
    ) => read('/api/chain-events', z.array(shape.eventSchema), query),
    event: (seq: number, options: { readonly proof?: boolean } = {}) =>
      read(
        `/api/chain-events/${id(seq)}`,
        shape.eventDetailSchema,
        options.proof === true ? { proof: 1 } : {},
      ),
    causes: (seq: number) => read(`/api/chain-events/${id(seq)}/causes`, shape.causesSchema),
    verify: (query: VerifyQuery = {}) => read('/api/chain/verify', shape.verifySchema, verifyQuery(query)),
    /** The same, telling how far it is. Throws KoraApiError; without a time limit of its own. */
    verifyFollowed: async (query: VerifyQuery, { signal, onProgress }: Following): Promise<VerifyResult> => {
      const body = await open('/api/chain/verify/stream', verifyQuery(query), signal);
      for await (const text of linesOf(body)) {
        const line = shape.verifyLineSchema.parse(JSON.parse(text));
        if ('result' in line) return line.result;
        onProgress(line.proven, line.head);
      }
      throw new KoraApiError(503, {
        code: 'KORA_UNREACHABLE',
        message: 'the verification broke off before its end',
        hint: 'kora doctor',
      });
    },
    /** The export as bytes; whole only when its last line begins with `{"end":`. */
    exportChain: (query: { from?: number; to?: number }, signal: AbortSignal) =>
      open('/api/chain/export', query, signal),
    checkpoints: (limit = 20) => read('/api/chain/checkpoints', shape.checkpointsSchema, { limit }),
    makeCheckpoint: () => write('/api/chain/checkpoint', shape.checkpointOutcomeSchema, {}),
    consumers: () => read('/api/chain/consumers', z.array(shape.consumerSchema)),
    parked: (name?: string) => read('/api/chain/parked', z.array(shape.parkedSchema), { consumer: name }),
    /** One parked event, or all of the consumer. */
    replayParked: (name: string, reason: string, seq?: number) =>
      write(
        consumer(name, 'replay'),
        shape.replayRequestedSchema,
        seq === undefined ? { reason } : { reason, seq },
      ),
    skipParked: (name: string, reason: string, seq: number) =>
      write(consumer(name, 'skip'), shape.receiptSchema, { reason, seq }),
    forgetConsumer: (name: string) => write(consumer(name, 'forget'), shape.receiptSchema, {}),
    redact: (seq: number, reason: string) =>
      write(`/api/chain-events/${id(seq)}/redact`, shape.receiptSchema, { reason }),
    prune: (request: z.input<typeof shape.pruneRequestSchema>) =>
      write('/api/chain/prune', shape.prunedSchema, request),
  };
}

function verifyQuery({ from, after }: VerifyQuery): Query {
  return { from, afterSeq: after?.seq, afterHash: after?.hash };
}
