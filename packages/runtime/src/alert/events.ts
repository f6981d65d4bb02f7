import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { alertWake } from './wake-event.ts';

const severity = z.enum(['critical', 'warning', 'info']);

const about = {
  alert_id: z.string(),
  source: z.string(),
  category: z.string(),
  severity,
  incident_id: z.number().nullable(),
};
const words = { key: z.string(), title: z.string(), detail: z.string() };

const raised = classified({
  public: {
    ...about,
    wake_id: z.string().nullable(),
    /** How often it began by now. */
    returns: z.number(),
    /** `raised`, or `returned` within ten minutes, or `worsened`. */
    how: z.enum(['raised', 'returned', 'worsened']),
  },
  internal: words,
});
export const alertRaised: EventType<z.infer<typeof raised>> = eventType(
  'alert.raised',
  'Something is wrong that the operator is to know: it began, came back, or became worse.',
  raised,
);

const resolved = classified({ public: { ...about, lasted_ms: z.number() }, internal: words });
export const alertResolved: EventType<z.infer<typeof resolved>> = eventType(
  'alert.resolved',
  'What an alert was about is over, or nobody looks any more.',
  resolved,
);

const told = classified({
  public: {
    kind: z.enum(['alert', 'summary', 'digest', 'resolved', 'escalation', 'late']),
    alert_ids: z.array(z.string()),
    severity,
    channel: z.string(),
  },
  internal: { key: z.string() },
});
export const alertTold: EventType<z.infer<typeof told>> = eventType(
  'alert.told',
  'A message about alerts went into the outbox: one, a summary, a digest, an end, a reminder, or one over a channel that is back.',
  told,
);

const acknowledged = classified({ public: { alert_id: z.string() }, internal: { reason: z.string() } });
export const alertAcknowledged: EventType<z.infer<typeof acknowledged>> = eventType(
  'alert.acknowledged',
  'Somebody knows of an alert: nobody is reminded of it any more.',
  acknowledged,
);

const snoozed = classified({
  public: { alert_id: z.string(), until: z.string() },
  internal: { reason: z.string() },
});
export const alertSnoozed: EventType<z.infer<typeof snoozed>> = eventType(
  'alert.snoozed',
  'An alert is quiet for a while; what is still wrong then is told again.',
  snoozed,
);

const ping = classified({
  public: { state: z.enum(['answered', 'failing', 'withheld']) },
  internal: { place: z.string(), detail: z.string().nullable() },
});
export const pingChanged: EventType<z.infer<typeof ping>> = eventType(
  'alert.ping_changed',
  'The sign of life that goes outside is answered again, fails, or is withheld since nothing could be claimed.',
  ping,
);

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

export const alertEvents: readonly EventType[] = [
  alertRaised,
  alertResolved,
  alertTold,
  alertAcknowledged,
  alertSnoozed,
  pingChanged,
  alertWake,
  investigationCompleted,
];
