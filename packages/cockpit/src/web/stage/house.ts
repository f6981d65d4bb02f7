import {
  scopes,
  type CallerRow,
  type OperationalState,
  type Snapshot,
  type Status,
} from '@kora/runtime/client';
import { daemons, plugins, tasks } from './machinery.ts';
import { approvalRow, before, boardRow, bootReport, eventRow, incidentRow, messageRow } from './rows.ts';
import { tickets } from './tickets.ts';
import { incidents, messages, probes } from './watch.ts';

/** A staged house: the same afternoon every time, for tests and for pictures. Nothing of it reaches the parcel. */
export interface House {
  readonly snapshot: Snapshot;
  readonly state: OperationalState;
  readonly caller: CallerRow;
}

const head = 48_219;

function status(part: Partial<Status> = {}): Status {
  return {
    primaryState: 'active',
    claimPermission: 'normal',
    degradationReasons: [],
    holds: [],
    stopLevel: 0,
    stop: null,
    approvalsWaiting: 0,
    decisionsWaiting: 0,
    since: before(240),
    uptimeMs: 8_050_000,
    version: '0.1.0',
    pid: 4242,
    runtimeId: 'rt-7f3a',
    workspace: 'default',
    home: '/home/op/.kora',
    store: 'embedded',
    identity: 'marvin',
    guestUrl: null,
    daemons: { running: 6, failed: 1, quarantined: 0 },
    tickets: { queued: 3, in_progress: 2, deferred: 0, failed_or_blocked: 2 },
    probes: { total: 8, failing: 2, unknown: 1 },
    openIncidents: 2,
    spend: null,
    chain: { seq: head, unsealed: 0, lastCheckpoint: before(31) },
    ...part,
  };
}

function stateOf(now: Status): OperationalState {
  const { primaryState, claimPermission, degradationReasons, holds, stopLevel, since } = now;
  return {
    primaryState,
    claimPermission,
    degradationReasons,
    holds,
    stopLevel,
    since,
    valid_next_states:
      primaryState === 'paused'
        ? [{ to_state: 'ready', cause: 'hold.cleared', trigger: 'hold cleared' }]
        : [{ to_state: 'paused', cause: 'hold.added', trigger: 'hold added' }],
    barred_next_states: [{ to_state: 'booting', reason: 'a process boots when it starts' }],
    stopped_reason: null,
    transition_history: [
      {
        n: 9,
        at: since,
        from: 'ready',
        to: primaryState,
        claimPermission,
        degradationReasons,
        cause: primaryState === 'paused' ? 'hold.added' : 'claim.acquired',
        trigger: primaryState === 'paused' ? 'operator hold' : 'claim acquired',
        note: null,
      },
    ],
  };
}

/** Paired with every scope, and paired just now. */
function callerOf({ since }: Status): CallerRow {
  const session = {
    sessionId: 's-19',
    device: 'Chrome on Linux',
    scopes: [...scopes],
    createdAt: since,
    seenAt: since,
    expiresAt: since,
    current: true,
    freshUntil: null,
  };
  return { kind: 'session', scopes: [...scopes], session };
}

const types: readonly (readonly [string, Record<string, unknown>, Record<string, unknown>])[] = [
  [
    'kora.sea_ticket.resolved',
    { ticket: 40, resolution: 'completed', summary: 'The mirror answers again.' },
    { ticketId: 40 },
  ],
  ['notification.delivered', { message_id: 7, channel: 'inbox', attempts: 1 }, { correlationId: 'wake-12' }],
  [
    'sea_ticket.claimed_for_edit',
    { ticket: 41, fence: 1, session: 's-19' },
    { ticketId: 41, correlationId: 'wake-12' },
  ],
  [
    'kora.operational_state.transitioned',
    { from_primary_state: 'ready', to_primary_state: 'active', cause: 'claim.acquired' },
    {},
  ],
  [
    'sea_ticket.created',
    { ticket: 41, kind: 'probe_investigation', priority: 'high' },
    { ticketId: 41, correlationId: 'wake-12' },
  ],
  [
    'notification.accepted',
    { message_id: 7, severity: 'critical', title: 'Probe alert · shop' },
    { correlationId: 'wake-12' },
  ],
  [
    'probe.wake_requested',
    { wake_id: 'wake-12', probe: 'shop', severity: 'critical', category: 'unreachable' },
    { correlationId: 'wake-12' },
  ],
  ['probe.status_changed', { probe: 'shop', from: 'healthy', to: 'unreachable' }, {}],
  [
    'kora.plugin.degraded',
    { plugin: 'mirror-watch', code: 'PLUGIN_MIRROR_TIMEOUT' },
    { actorId: 'plugin:mirror-watch' },
  ],
  ['kora.daemon.failed', { daemon: 'mirror-sync', error: 'listen EADDRINUSE 127.0.0.1:9300' }, {}],
];

function events(): Snapshot['events'] {
  return Array.from({ length: 60 }, (_, index) => {
    const [type, payload, links] = types[index % types.length] ?? ['kora.boot.ready', {}, {}];
    const seq = head - index;
    return eventRow({
      seq,
      type,
      payload,
      ...links,
      occurredAt: before(8 + index * 23),
      eventId: `0199f2a4-0000-7000-8000-${String(seq).padStart(12, '0')}`,
    });
  });
}

/** An afternoon with work and trouble in it. */
export function busyHouse(): House {
  const now = status();
  return {
    state: stateOf(now),
    caller: callerOf(now),
    snapshot: {
      seq: head,
      build: '0.1.0+a1b2c3d',
      status: now,
      boot: bootReport(),
      daemons: daemons(),
      tasks: tasks(),
      tickets: tickets(),
      probes: probes(),
      incidents: incidents(),
      approvals: [],
      messages: messages(),
      plugins: plugins(),
      events: events(),
    },
  };
}

const noTickets = { queued: 0, in_progress: 0, deferred: 0, failed_or_blocked: 0 };

/** The first minute of a new home: everything known, nothing there. */
export function emptyHouse(): House {
  const now = status({
    primaryState: 'ready',
    since: before(6),
    uptimeMs: 6_200,
    daemons: { running: 0, failed: 0, quarantined: 0 },
    tickets: noTickets,
    probes: { total: 0, failing: 0, unknown: 0 },
    openIncidents: 0,
    chain: { seq: 0, unsealed: 0, lastCheckpoint: null },
  });
  return {
    state: { ...stateOf(now), transition_history: [] },
    caller: callerOf(now),
    snapshot: {
      ...busyHouse().snapshot,
      seq: 0,
      status: now,
      daemons: [],
      tasks: [],
      tickets: {
        in_progress: [],
        queued: [],
        deferred: [],
        failed_or_blocked: [],
        recently_resolved: [],
        counts: { ...noTickets, open: 0, failed_last_7_days: 0 },
      },
      probes: [],
      incidents: [],
      messages: [],
      plugins: [],
      events: [],
    },
  };
}

/** Paused by hand, degraded, a boot that stopped at a gate, and strangers who write to deceive. */
export function troubledHouse(): House {
  const hostile = '<img src=x onerror="alert(1)"> \u202egnp.exe';
  const long = 'x'.repeat(10_000);
  const base = busyHouse().snapshot;
  const now = status({
    primaryState: 'paused',
    claimPermission: 'none',
    stopLevel: 2,
    stop: {
      level: 2,
      reason: 'the mirror fills the disk',
      by: 'operator',
      via: 'api',
      since: before(300),
      expiresAt: null,
    },
    approvalsWaiting: 1,
    decisionsWaiting: 1,
    degradationReasons: ['substrate', 'token_expiring'],
    holds: [
      {
        holdId: 3,
        cause: 'operator',
        owner: 'ada',
        reason: 'moving the database',
        since: before(1_260),
        expiresAt: before(-2_340),
      },
    ],
    since: before(1_260),
    tickets: null,
    chain: null,
    probes: null,
    openIncidents: null,
  });
  const gates = base.boot.gates.map((gate, index) => {
    if (index === 4)
      return {
        ...gate,
        outcome: 'fail' as const,
        detail: 'Event #48,107 was changed: its hash does not fit its body.',
        fix: 'kora event verify --from 48000',
      };
    return index > 4 ? { ...gate, outcome: 'not_reached' as const, elapsedMs: 0 } : gate;
  });
  return {
    state: stateOf(now),
    caller: callerOf(now),
    snapshot: {
      ...base,
      status: now,
      boot: { ...base.boot, outcome: 'paused', gates },
      approvals: [approvalRow()],
      tickets: {
        ...base.tickets,
        queued: [boardRow({ ticketId: 51, title: hostile }), boardRow({ ticketId: 52, title: long })],
      },
      incidents: [incidentRow({ title: hostile, detail: long }), ...base.incidents.slice(1)],
      messages: [
        messageRow({ title: hostile, body: `${hostile}\n\nsecond line\u0007` }),
        ...base.messages.slice(1),
      ],
      events: [
        eventRow({
          seq: head + 1,
          type: 'stranger.said',
          payload: { text: hostile, more: long.slice(0, 400) },
        }),
        ...base.events,
      ],
      seq: head + 1,
    },
  };
}
