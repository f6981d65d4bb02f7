import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface TicketFacts {
  readonly queued: number;
  readonly inProgress: number;
  readonly deferred: number;
  readonly failedOrBlocked: number;
  readonly open: number;
  readonly failedLast7Days: number;
  /** Newest first; by number and kind, since a title may be the text of others. */
  readonly lastFailed: readonly { readonly ticketId: number; readonly kind: string }[];
  readonly blocked: readonly { readonly ticketId: number; readonly kind: string }[];
}

const schema = z.object({
  queued: z.number(),
  in_progress: z.number(),
  deferred: z.number(),
  failed_or_blocked: z.number(),
  open: z.number(),
  failed_last_7_days: z.number(),
  /** Null where none failed in a week, or none is blocked. */
  last_failed: z.string().nullable(),
  blocked: z.string().nullable(),
  failures: z.string(),
  summary: z.string(),
});

/** How much work there is, by where it stands. */
export function tickets(read: () => Promise<TicketFacts>): SnapshotSection {
  return {
    name: 'tickets',
    schema,
    read: async () => {
      const facts = await read();
      const { queued, inProgress, deferred, failedOrBlocked, open, failedLast7Days } = facts;
      const failed = failedLast7Days > 0 ? named(facts.lastFailed) : null;
      return {
        queued,
        in_progress: inProgress,
        deferred,
        failed_or_blocked: failedOrBlocked,
        open,
        failed_last_7_days: failedLast7Days,
        last_failed: failed,
        blocked: named(facts.blocked),
        failures:
          failed === null
            ? 'no ticket failed in the last 7 days'
            : `${failedLast7Days} failed in the last 7 days, last ${failed}`,
        summary: `${open} open: ${queued} queued, ${inProgress} in progress, ${deferred} deferred, ${failedOrBlocked} failed or blocked`,
      } satisfies z.infer<typeof schema>;
    },
  };
}

function named(rows: TicketFacts['blocked']): string | null {
  return rows.length === 0 ? null : rows.map(({ ticketId, kind }) => `#${ticketId} (${kind})`).join(', ');
}
