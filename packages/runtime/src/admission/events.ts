import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const refused = classified({
  public: {
    door: z.string(),
    cause: z.string(),
    caller: z.string(),
    runtime_id: z.string(),
    /** ISO 8601, the start of the minute. */
    minute: z.string(),
    count: z.number(),
  },
});
export const admissionRefused: EventType<z.infer<typeof refused>> = eventType(
  'kora.admission.refused',
  'A door refused a caller: raised once a minute for each door, cause and caller, with the count so far; kora.refusal has the whole.',
  refused,
);

export const admissionEvents: readonly EventType[] = [admissionRefused];
