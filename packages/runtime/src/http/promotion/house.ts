import type { z } from 'zod';
import type * as shape from './contract.ts';

export type PromotionRow = z.infer<typeof shape.promotionSchema>;
export type PromotionDetail = z.infer<typeof shape.promotionDetailSchema>;
export type PromotionDiff = z.infer<typeof shape.promotionDiffSchema>;
export type PromotionLoopRow = z.infer<typeof shape.promotionLoopSchema>;
export type PromotionRunRow = z.infer<typeof shape.promotionRunSchema>;

/** A word about one proposal. */
export type PromotionDeed = z.infer<typeof shape.promotionDeedSchema> & { readonly id: number };

/** What the loops propose, and the operator's word on it. */
export interface PromotionHouse {
  promotions(query: PromotionsRequest): Promise<PromotionRow[]>;
  promotion(id: number): Promise<PromotionDetail>;
  promotionDiff(
    id: number,
    query: { readonly from?: number | undefined; readonly to?: number | undefined },
  ): Promise<PromotionDiff>;
  promotionLoops(): Promise<PromotionLoopRow[]>;
  approvePromotion(
    wish: z.infer<typeof shape.promotionApproveSchema> & { readonly id: number },
  ): Promise<PromotionDetail>;
  rejectPromotion(
    wish: z.infer<typeof shape.promotionRejectSchema> & { readonly id: number },
  ): Promise<PromotionDetail>;
  rollBackPromotion(wish: PromotionDeed): Promise<PromotionDetail>;
  retryPromotion(wish: PromotionDeed): Promise<PromotionDetail>;
  /** Waits for the whole cycle. */
  runPromotionLoop(name: string, reason: string): Promise<PromotionRunRow>;
}

export interface PromotionsRequest {
  readonly loop?: string | undefined;
  readonly decision?: PromotionRow['decision'] | undefined;
  readonly application?: PromotionRow['application'] | undefined;
  readonly limit?: number | undefined;
  /** Only those with a lower number. */
  readonly before?: number | undefined;
}
