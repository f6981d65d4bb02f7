import { z } from 'zod';
import type { ProposalDraft } from './contract.ts';

const name = z.string().min(1).max(300);

export const figures: z.ZodType<ProposalDraft['baseline']> = z
  .array(
    z.object({
      name,
      before: z.number().nullable(),
      after: z.number().nullable(),
      samples: z.number().int().nonnegative(),
    }),
  )
  .max(50);

export const gain: z.ZodType<ProposalDraft['expected']> = z.object({
  microUsdPerDay: z.number(),
  secondsPerDay: z.number(),
});

/** What a loop would change, from here or from a process of its own: parsed before anything is made of it. */
export const proposalDraft: z.ZodType<ProposalDraft> = z.object({
  identity: z.unknown().refine(isSmall(8_192), 'identity is at most 8 KiB of JSON'),
  change: z.object({
    kind: z.string().min(1).max(100),
    key: name,
    value: z.unknown().refine(isSmall(65_536), 'value is at most 64 KiB of JSON'),
  }),
  title: name.regex(/^[^\p{Cc}]*$/u, 'title is one line'),
  why: z.string().max(10_000),
  evidence: z.object({
    size: z.number().int().nonnegative(),
    samples: z.array(z.object({ text: z.string().max(2_000), ref: name })).max(20),
  }),
  baseline: figures,
  expected: gain,
});

function isSmall(most: number): (value: unknown) => boolean {
  return (value) => {
    const text: string | undefined = JSON.stringify(value);
    return text !== undefined && Buffer.byteLength(text) <= most;
  };
}
