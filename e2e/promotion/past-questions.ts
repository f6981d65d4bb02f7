import type { PastQuestion } from '@kora/runtime/plugin';
import type { Asked } from './questions.ts';
import { standing } from './standing.ts';

/** Questions as a loop reads them, for a past in memory. */
export function pastOf(asked: readonly Asked[]): Promise<PastQuestion[]> {
  return Promise.all(
    asked.map(async ({ question }): Promise<PastQuestion> => {
      const { runId, atMs, durationMs, route, text, answer, model, routing, calls, strangers, moment } =
        question;
      return {
        runId,
        at: new Date(atMs + durationMs).toISOString(),
        route,
        text,
        answer,
        status: 'answered',
        by: 'engine',
        error: null,
        model,
        tier: model === 'middle' ? 'standard' : model,
        routing,
        calls,
        costMicroUsd: question.costMicroUsd,
        durationMs,
        tools: question.tools.map(({ name }) => name),
        advertised: [],
        untrusted: strangers,
        learned: [],
        snapshot: await standing(moment),
      };
    }),
  );
}
