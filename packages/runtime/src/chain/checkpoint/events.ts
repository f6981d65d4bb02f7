import { z } from 'zod';
import { classified } from '../contract.ts';
import type { EventType } from '../contract.ts';
import { eventType } from '../vocabulary.ts';

const rotation = classified({
  public: {
    old_key_id: z.string(),
    new_key_id: z.string(),
    /** The new verifier key as people pin it. */
    new_key: z.string(),
  },
});
export const keyRotated: EventType<z.infer<typeof rotation>> = eventType(
  'kora.chain.key_rotated',
  'A key signed its first checkpoint of a chain that another key had signed before.',
  rotation,
);

const rewinding = classified({
  public: {
    head_seq: z.number(),
    checkpoint_size: z.number(),
    problem: z.enum(['behind', 'other_hash']),
  },
  internal: {
    /** `table`, `file`, or the anchor that still knows. */
    source: z.string(),
  },
});
export const chainRewound: EventType<z.infer<typeof rewinding>> = eventType(
  'kora.chain.rewound',
  'The chain no longer has what a signed checkpoint says it had: its end was cut or rewritten. The workspace is held.',
  rewinding,
);

const anchored = classified({
  public: {
    size: z.number(),
    /** Base64. */
    root: z.string(),
  },
  internal: {
    workspace: z.string(),
    /** The signed checkpoint, whose origin is the other workspace's name. */
    note: z.string(),
  },
});
export const chainAnchored: EventType<z.infer<typeof anchored>> = eventType(
  'kora.chain.anchored',
  'Another workspace of the store left its newest checkpoint on this chain.',
  anchored,
);

export const checkpointEvents: readonly EventType[] = [keyRotated, chainRewound, chainAnchored];
