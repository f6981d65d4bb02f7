import { classified } from '@kora/runtime/plugin';
import type { ChainEvent, EventType } from '@kora/runtime/plugin';
import { z } from 'zod';

/** What a loop puts before the operator. It changes nothing by itself. */
export interface Proposal {
  readonly loop: string;
  /** The same fault has the same fingerprint for ever. */
  readonly fingerprint: string;
  readonly title: string;
  /** Sequences of the events it rests on, oldest first. */
  readonly evidence: readonly number[];
  readonly window_days: number;
  readonly occurrences: number;
  readonly median_duration_ms: number;
}

/** Not strict: a newer version's proposal is read with what it has beside this. */
const proposalSchema: z.ZodType<Proposal> = classified({
  public: {
    loop: z.string().min(1),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    evidence: z.array(z.number().int().positive()).min(1),
    window_days: z.number().positive(),
    occurrences: z.number().int().positive(),
    median_duration_ms: z.number().min(0),
  },
  internal: { title: z.string().min(1) },
});

export const promotionProposed: EventType<Proposal> = {
  type: 'promotion.proposed',
  version: 1,
  payload: proposalSchema,
  means: 'A promotion loop found a repeated pattern and proposes a change; nothing was changed.',
};

/** Reads a proposal from the chain; null when its payload is none: redacted, or of another version. */
export function readProposal(event: ChainEvent): Proposal | null {
  const parsed = proposalSchema.safeParse(event.payload);
  return parsed.success ? parsed.data : null;
}
