import { z } from 'zod';
import { measureVerdicts } from '../contract.ts';
import type { Examination, HistoryQuery, LoopSpec, Measure, Observed, ProposalDraft } from '../contract.ts';

// What a guest says as a loop, bounded as everything that comes from there. See arrivals.ts.

const name = z.string().min(1).max(300);
const line = z.string().max(1_000);
const text = z.string().max(10_000);
const count = z.number().int().nonnegative();

export const loop: z.ZodType<
  Pick<LoopSpec, 'name' | 'means' | 'kinds' | 'settings'> & { readonly handle: number }
> = z.object({
  handle: count,
  name,
  means: line,
  kinds: z.array(name).max(20),
  settings: z.object({
    enabled: z.boolean(),
    everyHours: z.number(),
    windowDays: z.number(),
    expiryDays: z.number(),
    trialHours: z.number(),
    applyLowRisk: z.boolean(),
  }),
});

const figures = z
  .array(z.object({ name, before: z.number().nullable(), after: z.number().nullable(), samples: count }))
  .max(50);
const gain = z.object({ microUsdPerDay: z.number(), secondsPerDay: z.number() });

/** Drafts are parsed one by one by whoever judges them: a bad one takes no other with it. */
export const observed: z.ZodType<Observed> = z.object({
  observed: count,
  drafts: z.array(z.unknown() as unknown as z.ZodType<ProposalDraft>).max(200),
  notes: z.exactOptional(z.array(z.object({ key: name, text })).max(100)),
});

export const examination: z.ZodType<Examination> = z.object({
  passed: z.boolean(),
  why: text,
  figures,
  gain,
});

export const measure: z.ZodType<Measure> = z.object({
  verdict: z.enum(measureVerdicts),
  why: text,
  figures,
  gain,
});

const historyShape = {
  look: z.object({
    lookId: name,
    since: name,
    until: name,
    part: z.enum(['shown', 'held_out', 'all']),
  }),
  after: z.exactOptional(line),
  limit: z.exactOptional(z.number()),
};

export const historyQuery: z.ZodType<HistoryQuery> = z.object(historyShape);

export const questionQuery: z.ZodType<
  HistoryQuery & { readonly with?: 'snapshot'; readonly runs?: readonly string[] }
> = z.object({
  ...historyShape,
  with: z.exactOptional(z.literal('snapshot')),
  runs: z.exactOptional(z.array(name).max(100)),
});

export const placesQuery: z.ZodType<{ readonly kind: string }> = z.object({ kind: name });

export const eventHistoryQuery: z.ZodType<
  HistoryQuery & { readonly types: readonly string[]; readonly splitBy?: string }
> = z.object({
  ...historyShape,
  types: z.array(name).max(50),
  splitBy: z.exactOptional(name),
});
