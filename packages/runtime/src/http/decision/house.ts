import type { z } from 'zod';
import type * as shape from './contract.ts';

type Decision = z.infer<typeof shape.waitingDecisionSchema>;

/** What waits for the operator, and the operator's word. */
export interface DecisionHouse {
  decisions(query: {
    readonly all?: boolean | undefined;
    readonly limit?: number | undefined;
  }): Promise<Decision[]>;
  decision(decisionId: number): Promise<Decision>;
  answerDecision(
    wish: z.infer<typeof shape.decisionAnswerSchema>,
  ): Promise<z.infer<typeof shape.decidedSchema>>;
  /** Pages for practice. */
  startDrill(wish: z.infer<typeof shape.newDrillSchema>): Promise<z.infer<typeof shape.drillSchema>>;
}
