import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { freshForDecision } from '../session/fresh.ts';
import * as shape from './contract.ts';

const id = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const query = z.object({
  all: z
    .enum(['0', '1'])
    .transform((flag) => flag === '1')
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

export function decisionReads(read: Reader, { house }: RoutesOptions): void {
  read('/decisions', { data: z.array(shape.waitingDecisionSchema), query }, (asked) =>
    house().decisions(asked),
  );
  read('/decisions/:id', { data: shape.waitingDecisionSchema }, (_, at) =>
    house().decision(parseWith(id, at.req.param('id'), 'the id')),
  );
}

export function decisionWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  const answers = { body: shape.decisionAnswerSchema, data: shape.decidedSchema };
  write('/decisions/answer', answers, async (wish, at) => {
    if (wish.verdict === 'approve') await freshForDecision(at, options, wish.decisionId);
    return house().answerDecision(wish);
  });
  write('/page/drill', { body: shape.newDrillSchema, data: shape.drillSchema }, (wish) =>
    house().startDrill(wish),
  );
}
