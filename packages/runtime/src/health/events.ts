import { z } from 'zod';
import { classified, draft, eventType } from '../chain/index.ts';
import type { EventDraft, EventType } from '../chain/index.ts';
import { canAnswers, isAnswers, mayAnswers, overallStates } from './rollup.ts';
import type { Rollup } from './rollup.ts';
import { subsignalStatuses } from './subsignals.ts';

const measured = z.object({
  status: z.enum(subsignalStatuses),
  threshold_seconds: z.number().optional(),
  elapsed_seconds: z.number().optional(),
});

const probe = classified({
  public: {
    overall: z.enum(overallStates),
    can_work: z.enum(canAnswers),
    may_work: z.enum(mayAnswers),
    is_working: z.enum(isAnswers),
    intentionally_limited: z.boolean(),
    subsignals: z.record(z.string(), measured),
    probe_cadence_seconds: z.number(),
  },
  internal: { reason: z.string().nullable(), stopped_reason: z.string().nullable() },
});
const healthProbe: EventType<z.infer<typeof probe>> = eventType(
  'kora.health.probe',
  'How the runtime is: said once in a cadence, and at once when its overall health became another.',
  probe,
);

export const healthEvents: readonly EventType[] = [healthProbe];

/** The rollup as the log keeps it: states and seconds; what names a plugin or a hold stays with the answer of the API. */
export function healthDraft(now: Rollup, cadenceSeconds: number): EventDraft {
  const { overall, reason } = now;
  const subsignals = Object.entries(now.subsignals).map(([name, signal]) => {
    const { status, thresholdSeconds, elapsedSeconds } = signal;
    const threshold = thresholdSeconds === undefined ? {} : { threshold_seconds: thresholdSeconds };
    const elapsed = elapsedSeconds === undefined ? {} : { elapsed_seconds: elapsedSeconds };
    return [name, { status, ...threshold, ...elapsed }] as const;
  });
  return draft(healthProbe, {
    overall,
    can_work: now.canWork.answer,
    may_work: now.mayWork.answer,
    is_working: now.isWorking.answer,
    intentionally_limited: now.intentionallyLimited,
    reason,
    stopped_reason: overall === 'stopped' || overall === 'outage' ? reason : null,
    subsignals: Object.fromEntries(subsignals),
    probe_cadence_seconds: cadenceSeconds,
  });
}
