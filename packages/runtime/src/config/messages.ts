import { z } from 'zod';

const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of the day, such as 22:00');

const zone = z.string().refine((name) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}, 'no time zone that is known here; one is Europe/Zurich');

/** The `messages` block: how the operator is told. */
export const messagesSchema = z
  .strictObject({
    /** Channels in the order they are tried; the inbox is always there at the end. */
    channels: z
      .array(z.string().regex(/^[a-z][a-z0-9_-]*$/, 'the name of a channel'))
      .min(1, 'at least one channel: inbox is always there')
      .max(10)
      .refine((names) => new Set(names).size === names.length, 'names a channel twice')
      .default(['inbox']),
    /** Hours in which information waits; what is critical never does. */
    quietHours: z
      .strictObject({
        from: clock,
        to: clock,
        zone,
        warnings: z.enum(['tell', 'wait']).default('tell'),
      })
      .refine(({ from, to }) => from !== to, 'from and to are the same time')
      .optional(),
    /** Messages that one channel is given in a minute by a runtime; what is critical goes at once. */
    perMinute: z.number().int().min(1).max(100_000).default(60),
    /** Of what waited longer, each thread is told by its newest message. */
    staleMinutes: z.number().int().min(1).max(10_080).default(10),
    /** More threads than that, after so long, are one message. */
    burst: z.number().int().min(1).max(1_000).default(5),
  })
  .prefault({});

export type MessagesConfiguration = z.infer<typeof messagesSchema>;
