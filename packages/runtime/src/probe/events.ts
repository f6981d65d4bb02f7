import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { probeCategories, probeStatuses } from './contract.ts';

const severity = z.enum(['critical', 'warning', 'info']);

const changed = classified({
  public: { probe: z.string(), from: z.enum(probeStatuses).nullable(), to: z.enum(probeStatuses) },
  internal: { target: z.string(), error: z.string().nullable() },
});
export const probeStatusChanged: EventType<z.infer<typeof changed>> = eventType(
  'probe.status_changed',
  'A look came back with another status than the look before it.',
  changed,
);

const wake = classified({
  public: {
    wake_id: z.string(),
    incident_id: z.number(),
    probe: z.string(),
    probe_kind: z.string(),
    severity,
    category: z.enum(probeCategories),
    failing_since: z.string(),
    last_good_at: z.string().nullable(),
    envelope: z.null(),
  },
  internal: {
    target: z.string(),
    title: z.string(),
    detail: z.string(),
    snapshot: z.record(z.string(), z.unknown()),
  },
});
export const wakeRequested: EventType<z.infer<typeof wake>> = eventType(
  'probe.wake_requested',
  'An incident opened: the operator was told, and somebody should find out why.',
  wake,
);

const resolved = classified({
  public: {
    incident_id: z.number(),
    wake_id: z.string(),
    probe: z.string(),
    category: z.enum(probeCategories),
    failures: z.number(),
    opened_at: z.string(),
    resolved_at: z.string(),
    duration_ms: z.number(),
  },
  internal: { target: z.string() },
});
export const incidentResolved: EventType<z.infer<typeof resolved>> = eventType(
  'probe.incident_resolved',
  'The probe was good often enough in a row; the operator was told.',
  resolved,
);

const reopened = classified({
  public: { incident_id: z.number(), wake_id: z.string(), probe: z.string(), times: z.number() },
});
export const incidentReopened: EventType<z.infer<typeof reopened>> = eventType(
  'probe.incident_reopened',
  'The same failure came back within ten minutes: the incident goes on in its thread.',
  reopened,
);

const acknowledged = classified({
  public: { incident_id: z.number(), probe: z.string() },
  internal: { reason: z.string() },
});
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
