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
  /** Of the pool: only critical work draws on it. */
  criticalUsd: usd,
  /** What may be spent by now, where what can wait keeps the month's pace; null where it need not. */
  paceUsd: usd.nullable(),
  /** Calls that were refused for want of money, or to keep the pace, in the last 24 hours. */
  refusedLast24h: z.number(),
  /** While claims begin one at a time because money came back; null when they do not. */
  ramp: z.object({ since: iso, until: iso, lastClaimAt: iso.nullable() }).nullable(),
});

/** What spend can be told apart by; `outcome` is how questions ended, `run` is one question. */
export const spendByOptions = [
  'route',
  'plugin',
  'model',
  'tier',
  'ticket',
  'incident',
  'run',
  'outcome',
  'day',
] as const;

export const spendSliceSchema = z.object({
  /** `reconciled` for what only the provider knew of, `none` for calls that have no such thing. */
  key: z.string(),
  calls: z.number(),
  /** Of these calls: what they cost is estimated. */
  estimatedCalls: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  cacheReadTokens: z.number(),
  cacheWriteTokens: z.number(),
  spentUsd: usd,
  /** Questions that were thought about, those that were thought about again by a larger model, and those answered. */
  questions: z.object({ asked: z.number(), escalated: z.number(), answered: z.number() }).nullable(),
});

/** One bound beside the pool, in dollars, and what is used of it. */
export const spendLimitSchema = z.object({
  scope: z.enum(['day', 'route', 'plugin', 'ticket']),
  key: z.string(),
  limitUsd: usd,
  /** Today, spent and reserved; for tickets, of the one that has used most. */
  usedUsd: usd,
});

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
      by: z.enum(spendByOptions),
      windowMs: z.number().nullable(),
      rows: z.array(spendSliceSchema),
    })
    .nullable(),
  /** What tickets in hand have set aside and not spent; it is in `reservedUsd` too. */
  accounts: z.object({ open: z.number(), remainingUsd: usd }),
  /** How fast the month is spent, and where that leads; null in its first day. */
  burn: z.object({ perDayUsd: usd, projectedUsd: usd }).nullable(),
  limits: z.array(spendLimitSchema),
  /** What was refused for want of money, or to keep the pace, in the last 24 hours; what was refused most first. */
  refusals: z.array(z.object({ cause: z.string(), caller: z.string(), count: z.number() })),
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

/** What a million tokens cost, in dollars. */
const tokenPriceSchema = z.object({ input: usd, output: usd, cacheRead: usd, cacheWrite: usd });

export const modelPriceRowSchema = z.object({
  model: z.string(),
  provider: z.string().nullable(),
  tier: z.string().nullable(),
  /** `configured` by the operator, said by the `engine`, or as dear as the `dearest` known because nobody said. */
  basis: z.enum(['configured', 'engine', 'dearest']),
  /** Null: it has none, and no other model has one; its calls are refused. */
  price: tokenPriceSchema.nullable(),
});

/** A number, and what it rests on; null where nobody measured or said it. */
const figureSchema = z.object({ value: z.number(), restsOn: z.string() }).nullable();

export const forecastSchema = z.object({
  runsPerDay: figureSchema,
  callsPerRun: figureSchema,
  usdPerCall: figureSchema,
  perRunUsd: usd.nullable(),
  perDayUsd: usd.nullable(),
  perMonthUsd: usd.nullable(),
  poolUsd: usd,
});

/** One line of the journal. Amounts in whole millionths of a dollar. */
export const spendEntrySchema = z.object({
  entryId: z.number(),
  at: iso,
  period: z.string(),
  kind: z.enum(['reserve', 'settle', 'release', 'reconcile', 'pool', 'open', 'close']),
  callId: z.string().nullable(),
  caller: z.string(),
  route: z.string().nullable(),
  ticketId: z.number().nullable(),
  fence: z.number().nullable(),
  runId: z.string().nullable(),
  model: z.string().nullable(),
  tier: z.string().nullable(),
  spentMicroUsd: z.number(),
  reservedMicroUsd: z.number(),
  accountMicroUsd: z.number(),
  usage: z.record(z.string(), z.number()).nullable(),
  estimated: z.boolean().nullable(),
  reportedMicroUsd: z.number().nullable(),
  poolMicroUsd: z.number().nullable(),
  reason: z.string().nullable(),
});
