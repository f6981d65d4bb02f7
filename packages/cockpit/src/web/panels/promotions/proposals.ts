import type { Filter } from '../../shell/query.ts';
import { matches } from '../../shell/query.ts';
import type { PromotionDetail, PromotionRow } from '@kora/runtime/client';

/** What of the list stays in the address. */
export const promotionFilterKeys = ['q', 'view', 'loop', 'decision', 'application', 'risk'] as const;
export type PromotionFilter = Filter<(typeof promotionFilterKeys)[number]>;

/** The events after which a proposal is other than it was. */
export const promotionEvents: readonly string[] = ['promotion.'];

export const decisions = ['pending', 'approved', 'rejected', 'expired', 'superseded'] as const;
export const applications = ['not_started', 'applied', 'kept', 'replaced', 'failed', 'rolled_back'] as const;

/** What waits for a word, or is on trial, or could not be done: everything else is history. */
export function isOpen({ decision, application }: Pick<PromotionRow, 'decision' | 'application'>): boolean {
  return decision === 'pending' || application === 'applied' || application === 'failed';
}

/** The proposals that a filter lets through: the queue by what runs out first, history as it came. */
export function filtered(rows: readonly PromotionRow[], filter: PromotionFilter): readonly PromotionRow[] {
  const found = rows.filter(
    (row) =>
      matches(filter.q, row.title, row.why, row.change.kind, row.change.key, `#${row.id}`) &&
      (filter.loop === '' || row.loop === filter.loop) &&
      (filter.risk === '' || row.risk === filter.risk) &&
      (filter.decision === '' || row.decision === filter.decision) &&
      (filter.application === '' || row.application === filter.application) &&
      (filter.view === 'history' || isOpen(row)),
  );
  return filter.view === 'history' ? found : found.sort(queueOrder);
}

/** What waits for a word stands before what is on trial; of each, what runs out first. */
function queueOrder(a: PromotionRow, b: PromotionRow): number {
  const waits = (row: PromotionRow): number => (row.decision === 'pending' ? 0 : 1);
  return waits(a) - waits(b) || a.expiresAt.localeCompare(b.expiresAt);
}

/** The exact content that was read. An approval names it, and nothing else is agreed to. */
export interface Read {
  readonly revision: number;
  readonly digest: string;
}

/** Whether what is there now is other than what was read. */
export function isOther(read: Read, { revision, digest }: Read): boolean {
  return read.revision !== revision || read.digest !== digest;
}

/** What the operator may do about it now. */
export function verbsOf({
  decision,
  application,
}: Pick<PromotionDetail, 'decision' | 'application'>): readonly (
  | 'approve'
  | 'reject'
  | 'retry'
  | 'rollback'
)[] {
  if (decision === 'pending') return ['approve', 'reject'];
  if (application === 'failed') return ['retry'];
  return application === 'applied' || application === 'kept' ? ['rollback'] : [];
}

/** A figure as it reads, before → after. */
export function figureText(value: number | null): string {
  if (value === null) return 'unknown';
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 1 ? 3 : 2);
}
