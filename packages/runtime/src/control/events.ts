import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const told = classified({
  public: {
    record_id: z.string(),
    what: z.string(),
    /** ISO 8601, by the clock of the machine that told it. */
    told_at: z.string(),
    pid: z.number(),
    runtime_id: z.string(),
  },
  internal: { detail: z.string() },
});
export const emergencyTold: EventType<z.infer<typeof told>> = eventType(
  'kora.emergency.told',
  'The keeper told the operator past every channel that something was gone; recorded once that was possible again.',
  told,
);

export const controlEvents: readonly EventType[] = [emergencyTold];
