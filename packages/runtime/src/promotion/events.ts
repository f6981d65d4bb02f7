import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { measureVerdicts } from './contract.ts';

const named = {
  loop: z.string(),
  fingerprint: z.string(),
  /** Null in events of a version that had no numbers. */
  proposal_id: z.number().nullable().optional(),
};

const proposal = classified({
  public: {
    ...named,
    revision: z.number(),
    digest: z.string().nullable(),
    kind: z.string(),
    risk: z.enum(['low', 'high']),
    evidence_size: z.number(),
  },
  internal: { title: z.string(), key: z.string().nullable() },
});
export const proposed: EventType<z.infer<typeof proposal>> = eventType(
  'promotion.proposed',
  'A loop found what repeats and proposes a change, or the same one with other content; nothing was changed.',
  proposal,
  {
    version: 2,
    upcast: {
      // The one loop there was proposed envelopes of fixes, which nothing could apply.
      1: ({ loop, fingerprint, title, occurrences }) => ({
        loop,
        fingerprint,
        proposal_id: null,
        revision: 1,
        digest: null,
        kind: 'fix.envelope',
        risk: 'high',
        evidence_size: occurrences,
        title,
        key: null,
      }),
    },
  },
);

const decision = classified({
  public: { ...named, revision: z.number().optional() },
  internal: { reason: z.string() },
});
export const approved: EventType<z.infer<typeof decision>> = eventType(
  'promotion.approved',
  'The operator agreed to a proposal; or the runtime did, to one of low risk, where the operator had said so before.',
  decision,
);
export const rejected: EventType<z.infer<typeof decision>> = eventType(
  'promotion.rejected',
  'The operator refused a proposal; it comes back only when its evidence has doubled.',
  decision,
);
export const expired: EventType<z.infer<typeof decision>> = eventType(
  'promotion.expired',
  'Nobody decided about a proposal in its time.',
  decision,
);
export const superseded: EventType<z.infer<typeof decision>> = eventType(
  'promotion.superseded',
  'Another proposal for the same place took over: before anybody decided about this one, or lying over it from now on.',
  decision,
);
export const failed: EventType<z.infer<typeof decision>> = eventType(
  'promotion.failed',
  'The change of an approved proposal could not be made as things stand; nothing was changed.',
  decision,
);

const change = classified({
  public: { ...named, trial_until: z.string().nullable(), overlay_revision: z.number().optional() },
  internal: { summary: z.string() },
});
export const applied: EventType<z.infer<typeof change>> = eventType(
  'promotion.applied',
  'The change of a proposal was made and is on trial.',
  change,
);

const stays = classified({
  public: { ...named, verdict: z.enum(measureVerdicts) },
  internal: { reason: z.string() },
});
export const kept: EventType<z.infer<typeof stays>> = eventType(
  'promotion.kept',
  'The trial of a change is over and it stays; `unclear` where too little was seen to say what it did.',
  stays,
);

const back = classified({
  public: {
    ...named,
    cause: z.enum(['regression', 'operator']),
    verdict: z.enum(measureVerdicts).optional(),
  },
  internal: { reason: z.string() },
});
export const rolledBack: EventType<z.infer<typeof back>> = eventType(
  'promotion.rolled_back',
  'A change was taken back, by the operator or because its trial made things worse.',
  back,
);

const cycle = classified({
  public: {
    loop: z.string(),
    outcome: z.enum(['ok', 'failed']),
    observed: z.number(),
    drafts: z.number(),
    proposed: z.number(),
    unchanged: z.number(),
    refused: z.number(),
    duration_ms: z.number(),
  },
  internal: { error: z.string().nullable() },
});
export const loopRan: EventType<z.infer<typeof cycle>> = eventType(
  'promotion.loop_ran',
  'A loop has looked back once: what it read, and what became of what it would change.',
  cycle,
);

export const promotionEvents: readonly EventType[] = [
  proposed,
  approved,
  rejected,
  applied,
  kept,
  rolledBack,
  failed,
  superseded,
  expired,
  loopRan,
];
