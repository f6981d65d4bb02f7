import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';

/** The part of the typed API that is about what waits for the operator. */
export function decisionClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    /** What waits; with `all`, also what is over. */
    decisions: ({ all, limit }: { readonly all?: boolean; readonly limit?: number } = {}) =>
      read('/api/decisions', z.array(shape.waitingDecisionSchema), {
        limit,
        ...(all === true ? { all: 1 } : {}),
      }),
    decision: (decisionId: number) => read(`/api/decisions/${decisionId}`, shape.waitingDecisionSchema),
    answerDecision: (wish: z.input<typeof shape.decisionAnswerSchema>) =>
      write('/api/decisions/answer', shape.decidedSchema, wish),
    startDrill: (wish: z.input<typeof shape.newDrillSchema>) =>
      write('/api/page/drill', shape.drillSchema, wish),
  };
}

export type DecisionRow = z.infer<typeof shape.waitingDecisionSchema>;
