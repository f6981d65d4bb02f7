import { z } from 'zod';
import { eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { probeCategories, probeStatuses } from './contract.ts';

const severity = z.enum(['critical', 'warning', 'info']);

const changed = z.object({
  probe: z.string(),
  target: z.string(),
  from: z.enum(probeStatuses).nullable(),
  to: z.enum(probeStatuses),
  error: z.string().nullable(),
});
export const probeStatusChanged: EventType<z.infer<typeof changed>> = eventType(
  'probe.status_changed',
  'A look came back with another status than the look before it.',
  changed,
);

const wake = z.object({
  wake_id: z.string(),
  incident_id: z.number(),
  probe: z.string(),
  probe_kind: z.string(),
  target: z.string(),
  severity,
  category: z.enum(probeCategories),
  title: z.string(),
  detail: z.string(),
  failing_since: z.string(),
  last_good_at: z.string().nullable(),
  snapshot: z.record(z.string(), z.unknown()),
  envelope: z.null(),
});
export const wakeRequested: EventType<z.infer<typeof wake>> = eventType(
  'probe.wake_requested',
  'An incident opened: the operator was told, and somebody should find out why.',
  wake,
);

const resolved = z.object({
  incident_id: z.number(),
  wake_id: z.string(),
  probe: z.string(),
  target: z.string(),
  category: z.enum(probeCategories),
  failures: z.number(),
  opened_at: z.string(),
  resolved_at: z.string(),
  duration_ms: z.number(),
});
export const incidentResolved: EventType<z.infer<typeof resolved>> = eventType(
  'probe.incident_resolved',
  'The probe was good often enough in a row; the operator was told.',
  resolved,
);

const reopened = z.object({
  incident_id: z.number(),
  wake_id: z.string(),
  probe: z.string(),
  times: z.number(),
});
export const incidentReopened: EventType<z.infer<typeof reopened>> = eventType(
  'probe.incident_reopened',
  'The same failure came back within ten minutes: the incident goes on in its thread.',
  reopened,
);

const acknowledged = z.object({ incident_id: z.number(), probe: z.string(), reason: z.string() });
export const incidentAcknowledged: EventType<z.infer<typeof acknowledged>> = eventType(
  'probe.incident_acknowledged',
  'The operator said that the incident is known.',
  acknowledged,
);

export const probeEvents: readonly EventType[] = [
  probeStatusChanged,
  wakeRequested,
  incidentResolved,
  incidentReopened,
  incidentAcknowledged,
];
