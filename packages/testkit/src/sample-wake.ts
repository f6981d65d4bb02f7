import type { EventDraft } from '@kora/runtime/plugin';

export const wakeRequested = 'probe.wake_requested';

/** What the house raises when an incident opens, for plugins that react to it. */
export const sampleWake: EventDraft = {
  type: wakeRequested,
  correlationId: '00000000-0000-7000-8000-00000000aaaa',
  payload: {
    wake_id: '00000000-0000-7000-8000-00000000aaaa',
    incident_id: 1,
    probe: 'shop',
    probe_kind: 'http',
    target: 'https://shop.example/health',
    severity: 'critical',
    category: 'unreachable',
    title: 'shop unreachable',
    detail: 'GET https://shop.example/health : connection refused',
    failing_since: '2026-01-01T00:00:00.000Z',
    last_good_at: null,
    envelope: null,
    depends_on: [],
    storm_id: '00000000-0000-7000-8000-00000000aaaa',
    snapshot: {},
  },
};
