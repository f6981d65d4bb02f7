import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import { linesOf } from '../chain/read-lines.ts';
import {
  cancelledSchema,
  conversationDetailSchema,
  conversationSchema,
  enginesSchema,
  liveSignSchema,
  reasonAnswerSchema,
  reasonReplaySchema,
  reasonRunDetailSchema,
  reasonRunSchema,
} from './contract.ts';
import type { askSchema } from './contract.ts';

export interface ReasonCalls extends Pick<ChainCalls, 'read' | 'open'> {
  /** Waits as long as thinking may take. */
  readonly patient: ChainCalls['write'];
}

/** The part of the typed API that is about thinking. */
export function reasonClient({ read, open, patient }: ReasonCalls) {
  const run = (runId: string, verb = ''): string => `/api/reason/runs/${encodeURIComponent(runId)}${verb}`;
  return {
    /** Waits for the answer, however long it may take by its limits; given up, it is given up there too. */
    ask: (question: z.input<typeof askSchema>) => patient('/api/reason/ask', reasonAnswerSchema, question),
    runs: (
      query: {
        readonly ticketId?: number;
        readonly conversationId?: number;
        readonly status?: string;
        readonly before?: string;
        readonly limit?: number;
      } = {},
    ) => read('/api/reason/runs', z.array(reasonRunSchema), query),
    run: (runId: string) => read(run(runId), reasonRunDetailSchema),
    replayRun: (runId: string) => read(run(runId, '/replay'), reasonReplaySchema),
    cancelRun: (runId: string, reason: string) => patient(run(runId, '/cancel'), cancelledSchema, { reason }),
    engines: () => read('/api/reason/engines', enginesSchema),
    conversations: (limit = 50) => read('/api/conversations', z.array(conversationSchema), { limit }),
    conversation: (conversationId: number, limit = 50) =>
      read(`/api/conversations/${encodeURIComponent(conversationId)}`, conversationDetailSchema, { limit }),
    /**
     * Runs while they go on, until the signal aborts or the runtime ends: all of them, or that of one key or run. The first
     * answer is undefined: from then on nothing is missed.
     */
    liveRuns: async function* (
      query: { readonly key?: string; readonly run?: string },
      signal: AbortSignal,
    ): AsyncGenerator<z.infer<typeof liveSignSchema> | undefined, void> {
      const body = await open('/api/reason/live', query, signal);
      yield undefined;
      let event = '';
      for await (const line of linesOf(body)) {
        if (line.startsWith('event: ')) event = line.slice(7);
        if (event === 'sign' && line.startsWith('data: '))
          yield liveSignSchema.parse(JSON.parse(line.slice(6)));
      }
    },
  };
}
