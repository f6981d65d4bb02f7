import { z } from 'zod';

const atMost = (fallback: number) => z.number().int().min(0).max(1_000_000).default(fallback);

/** Names of channels, the first of them that there is goes first; the others follow where it does not deliver. */
const channels = z
  .array(z.string().regex(/^[a-z][a-z0-9_-]*$/, 'the name of a channel'))
  .min(1, 'at least one channel: inbox is always there')
  .max(10)
  .refine((names) => new Set(names).size === names.length, 'names a channel twice');

export const pingUrl = z.url({ protocol: /^https?$/, error: 'an http(s) URL' });
/** As good as a key: it may stand somewhere else, as every secret may. */
const pingPlace = z
  .string()
  .refine((text) => /^(?:env|file):./.test(text) || pingUrl.safeParse(text).success, {
    error: 'an http(s) URL, or env:NAME or file:/path where one stands',
  });

/** The `alerts` block. */
export const alertsSchema = z
  .strictObject({
    /** An alert of a source begins when there are more than so many within a day. */
    thresholds: z
      .strictObject({
        deadLetters: atMost(5),
        capabilityDenials: atMost(10),
        reasoningErrors: atMost(5),
        failedReplies: atMost(3),
      })
      .prefault({}),
    /** After a word about a category, the next ones of it wait so long and come together; 0: nothing waits. */
    cooldownSeconds: z.number().int().min(0).max(86_400).default(1_800),
    /** What is critical and has no receipt after so long goes to its next channel. */
    receiptSeconds: z.number().int().min(30).max(3_600).default(120),
    /** More than so many at once are one summary; what is critical never is in one. */
    burst: z.number().int().min(1).max(1_000).default(5),
    /** So long it must be gone before it is over. */
    settleSeconds: z.number().int().min(0).max(3_600).default(60),
    escalation: z
      .strictObject({
        /** A critical alert that nobody acknowledged is told again after so long, on the next channel. */
        afterSeconds: z.number().int().min(60).max(86_400).default(900),
        /** And again each so long. */
        repeatSeconds: z.number().int().min(60).max(86_400).default(1_800),
        /** At most so often; 0: never. */
        times: z.number().int().min(0).max(100).default(4),
        /** One after the other; left out, the next ones of those on which it was told. */
        channels: channels.optional(),
      })
      .prefault({}),
    routes: z
      .strictObject({
        /** Critical and warning; left out, the channels of `messages`. */
        direct: channels.optional(),
        /** Each for itself; left out, `direct`. */
        critical: channels.optional(),
        warning: channels.optional(),
        /** What is critical is told on each of these besides. */
        also: channels.default([]),
        /** The digest of what is for information. */
        digest: channels.default(['email', 'inbox']),
      })
      .prefault({}),
    /** The hour of the day, UTC, from which on the digest is sent. */
    digestHour: z.number().int().min(0).max(23).default(8),
    /** A sign of life to somebody outside, who says so when it stays away. */
    deadMan: z
      .strictObject({
        url: pingPlace,
        method: z.enum(['GET', 'POST']).default('GET'),
        everySeconds: z.number().int().min(10).max(86_400).default(60),
        timeoutSeconds: z.number().int().min(1).max(60).default(10),
      })
      .refine(({ everySeconds, timeoutSeconds }) => timeoutSeconds < everySeconds, {
        message: 'must be shorter than everySeconds',
        path: ['timeoutSeconds'],
      })
      .optional(),
  })
  .prefault({});

export type AlertsConfiguration = z.infer<typeof alertsSchema>;
