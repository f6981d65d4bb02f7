import { z } from 'zod';
import { reasonSchema, spanSchema, storableText } from '../words/contract.ts';

const iso = z.string();

const spread = {
  /** Looks that were made; unconfigured ones made none. */
  looks: z.number(),
  good: z.number(),
  /** Milliseconds, a fortieth off at most; null when no look said how long it took. */
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
};

/** How a probe was: in parts of equal length, oldest first, and over the usual windows. */
export const probeHistorySchema = z.object({
  probe: z.string(),
  from: iso,
  until: iso,
  widthMs: z.number(),
  /** Parts in which nobody looked are left out. */
  spans: z.array(z.object({ at: iso, ...spread })),
  availability: z.array(
    z.object({
      windowMs: z.number(),
      /** The share of good looks, 0 to 1; null when none was made. */
      availability: z.number().nullable(),
      ...spread,
    }),
  ),
});

const tally = { looks: z.number(), good: z.number() };

/** How one probe was: on each day of UTC on which somebody looked, oldest first, and over the usual windows. */
export const probeDaysSchema = z.object({
  probe: z.string(),
  days: z.array(z.object({ at: iso, ...tally })),
  windows: z.array(z.object({ windowMs: z.number(), ...tally })),
});

/** A time in which looks go on and no incident opens. */
export const probeWindowSchema = z.object({
  windowId: z.number(),
  /** Null: every probe. */
  probe: z.string().nullable(),
  startsAt: iso,
  endsAt: iso,
  reason: z.string(),
  by: z.string(),
});

export const newProbeWindowSchema = reasonSchema.extend({
  probe: storableText(200).nullable(),
  /** Left out, it begins now. */
  from: z.iso.datetime({ offset: true }).optional(),
  forMs: spanSchema,
});
