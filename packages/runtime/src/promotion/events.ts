import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

/** What happens to a proposal after the loop that made it has raised `promotion.proposed`. */
const decision = classified({
  public: { loop: z.string(), fingerprint: z.string() },
  internal: { reason: z.string() },
});

const approved: EventType<z.infer<typeof decision>> = eventType(
  'promotion.approved',
  'The operator agreed to a proposal, or to one as amended.',
  decision,
);
const rejected: EventType<z.infer<typeof decision>> = eventType(
  'promotion.rejected',
  'The operator refused a proposal; it comes back only when its evidence has doubled.',
  decision,
);
const expired: EventType<z.infer<typeof decision>> = eventType(
  'promotion.expired',
  'Nobody decided about a proposal in its time.',
  decision,
);

const change = classified({
  public: { loop: z.string(), fingerprint: z.string(), trial_until: z.string().nullable() },
  internal: { summary: z.string() },
});
const applied: EventType<z.infer<typeof change>> = eventType(
  'promotion.applied',
  'The change of a proposal was made and is on trial.',
  change,
);

const back = classified({
  public: { loop: z.string(), fingerprint: z.string(), cause: z.enum(['regression', 'operator']) },
  internal: { reason: z.string() },
});
const rolledBack: EventType<z.infer<typeof back>> = eventType(
  'promotion.rolled_back',
  'A change was taken back, by the operator or because its trial made things worse.',
  back,
);

export const promotionEvents: readonly EventType[] = [approved, rejected, applied, rolledBack, expired];
