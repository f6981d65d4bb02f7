import { z } from 'zod';
import { mutationSchema, storableText } from '../words/contract.ts';

const iso = z.string();
const usd = z.number();

/** How the spend of the current calendar month stands, in dollars. */
export const spendStandingSchema = z.object({
  rung: z.enum(['normal', 'warn_75', 'downshift_90', 'hard_stop_100']),
  /** What the rung leaves of the models that are configured. */
  effectiveTier: z.enum(['as configured', 'one tier down', 'smallest', 'none (halted)']),
  spentUsd: usd,
  poolUsd: usd,
  /** Of calls that are under way, or whose end nobody saw. */
  reservedUsd: usd,
  /** First day of the month, in UTC by the database's clock. */
  period: z.string(),
  endsAt: iso,
  /** Tickets that were put off until there is money. */
  deferredTickets: z.number(),
  /** While claims begin one at a time because money came back; null when they do not. */
  ramp: z.object({ since: iso, until: iso, lastClaimAt: iso.nullable() }).nullable(),
});

export const spendSliceSchema = z.object({ key: z.string(), calls: z.number(), spentUsd: usd });

export const spendReservationSchema = z.object({
  callId: z.string(),
  caller: z.string(),
  route: z.string(),
  period: z.string(),
  reservedUsd: usd,
  since: iso,
});

/** What was reported, beside what the journal said before it. */
export const reconciliationSchema = z.object({
  period: z.string(),
  reportedUsd: usd,
  spentBeforeUsd: usd,
  raisedUsd: usd,
});

export const spendSchema = spendStandingSchema.extend({
  spentLast24hUsd: usd,
  /** Only where it was asked for: the month, or the last `windowMs` milliseconds, told apart. */
  slices: z
    .object({
      by: z.enum(['route', 'plugin', 'day']),
      windowMs: z.number().nullable(),
      rows: z.array(spendSliceSchema),
    })
    .nullable(),
  /** What tickets in hand have set aside and not spent; it is in `reservedUsd` too. */
  accounts: z.object({ open: z.number(), remainingUsd: usd }),
  /** Oldest first, the first hundred. */
  reservations: z.array(spendReservationSchema),
  /** Newest first, the last ten. */
  reconciliations: z.array(reconciliationSchema.extend({ at: iso, by: z.string(), reason: z.string() })),
});

export const reconcileSchema = mutationSchema.extend({
  /** What the provider says was spent this month, in millionths of a dollar. */
  reportedMicroUsd: z.number().int().min(0).max(1_000_000_000_000_000),
});
export const releaseReservationSchema = mutationSchema.extend({ callId: storableText(200) });
export const releasedReservationSchema = z.object({ callId: z.string(), releasedUsd: usd });
