import { z } from 'zod';
import type { ChainCalls } from '../chain/client.ts';
import * as shape from './contract.ts';
import type { PromotionsRequest } from './house.ts';

type Deed = z.input<typeof shape.promotionDeedSchema>;

/** The part of the typed API that is about what the loops propose. `patient` waits for a whole cycle. */
export function promotionClient({
  read,
  write,
  patient,
}: Pick<ChainCalls, 'read' | 'write'> & { readonly patient: ChainCalls['write'] }) {
  const deed = (verb: string) => (id: number, wish: Deed) =>
    write(`/api/promotions/${id}/${verb}`, shape.promotionDetailSchema, wish);
  return {
    promotions: (query: PromotionsRequest = {}) =>
      read('/api/promotions', z.array(shape.promotionSchema), { ...query }),
    promotion: (id: number) => read(`/api/promotions/${id}`, shape.promotionDetailSchema),
    promotionDiff: (id: number, query: { readonly from?: number; readonly to?: number } = {}) =>
      read(`/api/promotions/${id}/diff`, shape.promotionDiffSchema, query),
    promotionLoops: () => read('/api/promotions/loops', z.array(shape.promotionLoopSchema)),
    approvePromotion: (id: number, wish: z.input<typeof shape.promotionApproveSchema>) =>
      write(`/api/promotions/${id}/approve`, shape.promotionDetailSchema, wish),
    rejectPromotion: (id: number, wish: z.input<typeof shape.promotionRejectSchema>) =>
      write(`/api/promotions/${id}/reject`, shape.promotionDetailSchema, wish),
    rollBackPromotion: deed('rollback'),
    retryPromotion: deed('retry'),
    runPromotionLoop: (name: string, reason: string) =>
      patient(`/api/promotions/loops/${encodeURIComponent(name)}/run`, shape.promotionRunSchema, { reason }),
  };
}
