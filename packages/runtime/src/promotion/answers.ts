import { z } from 'zod';
import { figures, gain } from './draft.ts';
import { measureVerdicts } from './contract.ts';
import type { Examination, Measure } from './contract.ts';

const text = z.string().max(10_000);
const name = z.string().min(1).max(300);

/** What `observe` answers. Its drafts are parsed one by one: a bad one takes no other with it. */
export interface SeenByLoop {
  readonly observed: number;
  readonly drafts: readonly unknown[];
  readonly notes?: readonly { readonly key: string; readonly text: string }[];
}

export const seenByLoop: z.ZodType<SeenByLoop> = z.object({
  observed: z.number().int().nonnegative(),
  drafts: z.array(z.unknown()).max(200),
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
