import { z } from 'zod';
import type { SnapshotSection } from '../contract.ts';

export interface ChainFacts {
  readonly headSeq: number;
  readonly unsealed: number;
  readonly verifiedThrough: number;
  /** What verification found; null when it proves. */
  readonly damage: string | null;
  /** When the newest checkpoint was signed; null before the first. */
  readonly lastCheckpoint: string | null;
}

const schema = z.object({
  head_seq: z.number(),
  unsealed: z.number(),
  verified_through: z.number(),
  /** All that was looked at so far proves. */
  verified: z.boolean(),
  damage: z.string().nullable(),
  last_checkpoint_at: z.string().nullable(),
  summary: z.string(),
});

/** How the event log stands. */
export function chain(read: () => Promise<ChainFacts>): SnapshotSection {
  return {
    name: 'chain',
    schema,
    read: async () => {
      const { headSeq, unsealed, verifiedThrough, damage, lastCheckpoint } = await read();
      return {
        head_seq: headSeq,
        unsealed,
        verified_through: verifiedThrough,
        verified: damage === null,
        damage,
        last_checkpoint_at: lastCheckpoint,
        summary:
          damage === null
            ? `${headSeq} events, proven through #${verifiedThrough}`
            : `damaged: ${damage}; proven through #${verifiedThrough}`,
      } satisfies z.infer<typeof schema>;
    },
  };
}
