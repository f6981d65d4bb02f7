import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { alertWake } from './wake-event.ts';

const severity = z.enum(['critical', 'warning', 'info']);

const investigation = classified({
  public: {
    alert_id: z.string(),
    wake_id: z.string(),
    severity,
    category: z.string(),
    outcome: z.string(),
    duration_ms: z.number(),
  },
  internal: { summary: z.string() },
});
const investigationCompleted: EventType<z.infer<typeof investigation>> = eventType(
  'alert.investigation_completed',
  'What is behind an alert was looked into and told in its thread.',
  investigation,
);

export const alertEvents: readonly EventType[] = [alertWake, investigationCompleted];
