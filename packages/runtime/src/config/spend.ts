import { z } from 'zod';

const usd = z.number().min(0).max(1_000_000_000);
/** Dollars for a million tokens. */
const priceUsd = z.number().min(0).max(100_000);
const name = z.string().min(1).max(200);

/** The `spend` block. */
export const spendSchema = z
  .strictObject({
    /** Dollars that models may cost in a calendar month, in UTC; to the millionth. */
    poolUsd: z.number().min(0.000_001).max(1_000_000_000).default(200),
    /** The share of the pool that only critical work may draw on. */
    criticalShare: z.number().min(0).max(0.9).default(0.05),
    /** `smooth`: what can wait spends no faster than the month goes by, with a day ahead. `off`: first come, first served. */
    pacing: z.enum(['smooth', 'off']).default('smooth'),
    /** What bounds spending beside the pool; what is left out does not. Days are days in UTC. */
    limits: z
      .strictObject({
        /** Dollars in a day. */
        dayUsd: usd.optional(),
        /** Dollars in the name of one ticket, over all of its attempts. */
        ticketUsd: usd.optional(),
        /** Dollars in a day, by route. */
        routes: z.record(name, usd).default({}),
        /** Dollars in a day, by the plugin that calls. */
        plugins: z.record(name, usd).default({}),
      })
      .prefault({}),
    /** What models cost, by their names: dollars for a million tokens. It wins over what the engine says. */
    prices: z
      .record(
        name,
        z.strictObject({
          input: priceUsd,
          output: priceUsd,
          /** Left out: as dear as input. */
          cacheRead: priceUsd.optional(),
          /** Left out: twice as dear as input. */
          cacheWrite: priceUsd.optional(),
        }),
      )
      .default({}),
  })
  .prefault({});
