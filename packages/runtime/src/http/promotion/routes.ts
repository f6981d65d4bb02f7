import { z } from 'zod';
import { parseWith } from '../problem.ts';
import type { Reader, RoutesOptions, Writer } from '../routing.ts';
import { freshIf } from '../session/fresh.ts';
import { storableText } from '../words/contract.ts';
import type { PromotionDeed } from './house.ts';
import * as shape from './contract.ts';

const number = z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER);
const loop = storableText(64);
const query = z.object({
  loop: loop.optional(),
  decision: z.enum(shape.proposalDecisions).optional(),
  application: z.enum(shape.proposalApplications).optional(),
  limit: number.max(500).optional(),
  before: number.optional(),
});
const revisions = z.object({ from: number.optional(), to: number.optional() });

/** What the loops propose and what came of it. The loops stand before the numbers: `loops` is none. */
export function promotionReads(read: Reader, { house }: RoutesOptions): void {
  read('/promotions', { data: z.array(shape.promotionSchema), query }, (asked) => house().promotions(asked));
  read('/promotions/loops', { data: z.array(shape.promotionLoopSchema) }, () => house().promotionLoops());
  read('/promotions/:id', { data: shape.promotionDetailSchema }, (_, at) =>
    house().promotion(parseWith(number, at.req.param('id'), 'the id')),
  );
  read('/promotions/:id/diff', { data: shape.promotionDiffSchema, query: revisions }, (asked, at) =>
    house().promotionDiff(parseWith(number, at.req.param('id'), 'the id'), asked),
  );
}

/** The operator's word on a proposal; a number identifies one, and never authorises. */
export function promotionWrites(write: Writer, options: RoutesOptions): void {
  const { house } = options;
  const data = shape.promotionDetailSchema;
  write('/promotions/:id/approve', { body: shape.promotionApproveSchema, data }, async (wish, at) => {
    const id = parseWith(number, at.req.param('id'), 'the id');
    await freshIf(at, options, async () => (await house().promotion(id)).risk === 'high');
    return house().approvePromotion({ ...wish, id });
  });
  write('/promotions/:id/reject', { body: shape.promotionRejectSchema, data }, (wish, at) =>
    house().rejectPromotion({ ...wish, id: parseWith(number, at.req.param('id'), 'the id') }),
  );
  const deeds = {
    rollback: (wish: PromotionDeed) => house().rollBackPromotion(wish),
    retry: (wish: PromotionDeed) => house().retryPromotion(wish),
  };
  for (const [verb, deed] of Object.entries(deeds))
    write(`/promotions/:id/${verb}`, { body: shape.promotionDeedSchema, data }, (wish, at) =>
      deed({ ...wish, id: parseWith(number, at.req.param('id'), 'the id') }),
    );
  write(
    '/promotions/loops/:name/run',
    { body: shape.promotionRunRequestSchema, data: shape.promotionRunSchema },
    ({ reason }, at) => house().runPromotionLoop(parseWith(loop, at.req.param('name'), 'the loop'), reason),
  );
}
