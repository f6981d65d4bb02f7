import { classified } from '@kora/runtime/plugin';
import type { EventType } from '@kora/runtime/plugin';
import { z } from 'zod';

export const taken: EventType = {
  type: 'webhooks.taken',
  version: 1,
  means:
    'A webhook whose signature held was made into a ticket or the state of a probe, or no rule wanted it.',
  payload: classified({
    public: {
      source: z.string(),
      outcome: z.enum(['ticket', 'incident', 'ignored']),
      delivery: z.number(),
      ticket: z.number().nullable(),
      /** The dead letter that it came of, where the operator let it be tried again. */
      letter: z.number().nullable(),
    },
    internal: { provider_id: z.string().nullable() },
  }),
};

export const moreRefused: EventType = {
  type: 'webhooks.more_refused',
  version: 1,
  means:
    'Webhooks were refused for a reason that was told as webhook.dead_letter within the last minute; so many more.',
  payload: classified({ public: { source: z.string(), reason: z.string(), count: z.number() } }),
};

export const ownEvents: readonly EventType[] = [moreRefused, taken];
