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
    /** The fixes of the probe that are on; null where there is none. What they can be done to is asked when they are. */
    envelope: z.array(z.object({ fix: z.string(), mode: z.string(), capability: z.string() })).nullable(),
    depends_on: z.array(z.string()).optional(),
    /** The wake of the incident that leads its storm. */
    storm_id: z.string().optional(),
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
    ended_by: z.enum(['recovered', 'probe removed', 'probe unconfigured']).optional(),
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

const silenced = classified({
  public: { incident_id: z.number(), probe: z.string(), until: z.string() },
  internal: { reason: z.string() },
});
export const incidentSilenced: EventType<z.infer<typeof silenced>> = eventType(
  'probe.incident_silenced',
  'The operator said that the incident is known and only its end is to be told for a while.',
  silenced,
);

const noted = classified({
  public: { incident_id: z.number(), probe: z.string() },
  internal: { note: z.string() },
});
export const incidentNoted: EventType<z.infer<typeof noted>> = eventType(
  'probe.incident_noted',
  'The operator wrote a line into the timeline of the incident.',
  noted,
);

const flapping = classified({
  public: { incident_id: z.number(), wake_id: z.string(), probe: z.string(), turns: z.number() },
});
export const incidentFlapping: EventType<z.infer<typeof flapping>> = eventType(
  'probe.incident_flapping',
  'The probe goes back and forth: its incident stays open until it has been quiet, and is told once.',
  flapping,
);

const consequence = classified({
  public: {
    incident_id: z.number(),
    wake_id: z.string(),
    probe: z.string(),
    caused_by: z.string(),
    consequence_of: z.number().nullable(),
  },
  internal: { detail: z.string() },
});
export const consequenceOpened: EventType<z.infer<typeof consequence>> = eventType(
  'probe.consequence_opened',
  'A probe fails while one that it needs fails: its incident wakes nobody and is told with the other.',
  consequence,
);

const windowMade = classified({
  public: { window_id: z.number(), probe: z.string().nullable(), starts_at: z.string(), ends_at: z.string() },
  internal: { reason: z.string() },
});
export const windowAdded: EventType<z.infer<typeof windowMade>> = eventType(
  'probe.window_added',
  'The operator set a time in which looks go on and no incident opens.',
  windowMade,
);

const windowOver = classified({
  public: { window_id: z.number(), probe: z.string().nullable() },
  internal: { reason: z.string() },
});
export const windowEnded: EventType<z.infer<typeof windowOver>> = eventType(
  'probe.window_ended',
  'The operator ended a maintenance window before its time.',
  windowOver,
);

export const probeEvents: readonly EventType[] = [
  probeStatusChanged,
  wakeRequested,
  incidentResolved,
  incidentReopened,
  incidentAcknowledged,
  incidentSilenced,
  incidentNoted,
  incidentFlapping,
  consequenceOpened,
  windowAdded,
  windowEnded,
];
