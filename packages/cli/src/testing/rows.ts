import type {
  Checkpoints,
  ConsumerRow,
  DaemonRow,
  EventDetail,
  EventRow,
  HoldRow,
  IdentityRow,
  IncidentEntryRow,
  IncidentRow,
  MessageRow,
  OccurrenceRow,
  ParkedRow,
  PluginRowView,
  ProbeRow,
  ProbeWindowRow,
  Status,
  TaskDetail,
  TaskRow,
  TicketRow,
} from '@kora/runtime/client';

import { before, noon } from './noon.ts';

export { bootReport, pastBoot } from './boot-rows.ts';
export { before, noon } from './noon.ts';
export { spend } from './spend-rows.ts';

export function hold(over: Partial<HoldRow> = {}): HoldRow {
  return {
    holdId: 4,
    cause: 'operator',
    owner: 'operator',
    reason: 'deploying',
    since: before(180),
    expiresAt: null,
    ...over,
  };
}

export function status(over: Partial<Status> = {}): Status {
  return {
    primaryState: 'ready',
    claimPermission: 'normal',
    degradationReasons: [],
    holds: [],
    stopLevel: 0,
    stop: null,
    approvalsWaiting: 0,
    decisionsWaiting: 0,
    since: before(60),
    uptimeMs: 7_500_000,
    version: '0.1.0',
    pid: 4242,
    runtimeId: '0196b7a0-0000-7000-8000-000000000001',
    workspace: 'default',
    home: '/srv/kora',
    store: 'embedded PostgreSQL 18.4',
    identity: 'marvin',
    guestUrl: null,
    daemons: { running: 5, failed: 0, quarantined: 0 },
    tickets: { queued: 2, in_progress: 1, deferred: 0, failed_or_blocked: 0 },
    probes: { total: 5, failing: 1, unknown: 1 },
    openIncidents: 1,
    spend: null,
    chain: { seq: 412, unsealed: 0, lastCheckpoint: null },
    ...over,
  };
}

export function ticket(over: Partial<TicketRow> = {}): TicketRow {
  return {
    ticketId: 14,
    kind: 'general',
    title: 'Rotate the staging certificate',
    objective: '',
    payload: {},
    priority: 'normal',
    critical: false,
    downshift: 'frontier_only',
    assignedTo: 'kora',
    status: 'assigned',
    bucket: 'queued',
    statusReason: null,
    notRunnableReason: null,
    fence: 0,
    attempts: 0,
    attemptCeiling: 10,
    failures: 0,
    failureCountByReason: {},
    modelTier: null,
    origin: 'operator',
    trusted: true,
    idempotencyKey: null,
    correlationId: null,
    createdAt: before(3),
    assignedAt: before(3),
    claimedAt: null,
    deferredAt: null,
    nextEligibleAt: null,
    deadline: null,
    progress: null,
    progressAt: null,
    resolvedAt: null,
    summary: null,
    result: null,
    ...over,
  };
}

export function daemon(over: Partial<DaemonRow> = {}): DaemonRow {
  return {
    name: 'probe_wake',
    pluginName: 'probes',
    state: 'running',
    fatal: false,
    fatalIgnored: false,
    dependsOn: [],
    scope: 'runtime',
    livenessMs: null,
    startedAt: before(7_500),
    startMs: 3,
    restarts: 0,
    deaths: 0,
    diedAt: null,
    nextStartAt: null,
    heldBy: null,
    fence: null,
    error: null,
    tasks: [],
    ...over,
  };
}

export function task(over: Partial<TaskRow> = {}): TaskRow {
  return {
    name: 'heartbeat.http',
    daemon: 'heartbeat_probes',
    pluginName: 'probes',
    cadence: 'every 30 s',
    purpose: 'observe',
    scope: 'fleet',
    running: false,
    lastRunAt: before(10),
    lastOutcome: 'ok',
    lastDurationMs: 12,
    lastError: null,
    nextDueAt: before(-20),
    late: false,
    runs: 40,
    failures: 0,
    ...over,
  };
}

export function taskDetail(over: Partial<TaskDetail> = {}): TaskDetail {
  return { ...task(), declaredCadence: 'every 30 s', cadenceOrder: null, ...over };
}

export function occurrence(over: Partial<OccurrenceRow> = {}): OccurrenceRow {
  return {
    scheduledAt: before(10),
    startedAt: before(10),
    finishedAt: before(9),
    outcome: 'ok',
    error: null,
    runtimeId: 'r1',
    attempt: 1,
    ...over,
  };
}

export function probe(over: Partial<ProbeRow> = {}): ProbeRow {
  return {
    name: 'checkout',
    kind: 'http',
    target: 'http://127.0.0.1:8080/health',
    pluginName: 'probes',
    everyMs: 30_000,
    status: 'healthy',
    since: before(600),
    lastGoodAt: before(5),
    checkedAt: before(5),
    latencyMs: 8,
    error: null,
    details: {},
    incidentId: null,
    ...over,
  };
}

export function incident(over: Partial<IncidentRow> = {}): IncidentRow {
  return {
    incidentId: 3,
    probe: 'checkout',
    target: 'http://127.0.0.1:8080/health',
    category: 'unreachable',
    severity: 'critical',
    title: 'checkout is unreachable',
    detail: 'connect ECONNREFUSED 127.0.0.1:8080',
    status: 'open',
    wakeId: 'w1',
    openedAt: before(30),
    failingSince: before(60),
    lastGoodAt: before(61),
    acknowledgedAt: null,
    resolvedAt: null,
    failures: 2,
    ticketId: 14,
    ...over,
  };
}

export function incidentEntry(over: Partial<IncidentEntryRow> = {}): IncidentEntryRow {
  return {
    at: before(30),
    kind: 'opened',
    text: 'connect ECONNREFUSED 127.0.0.1:8080',
    by: null,
    eventId: null,
    ...over,
  };
}

export function probeWindow(over: Partial<ProbeWindowRow> = {}): ProbeWindowRow {
  return {
    windowId: 5,
    probe: 'checkout',
    startsAt: before(60),
    endsAt: before(-3_600),
    reason: 'new database',
    by: 'operator',
    ...over,
  };
}

export function message(over: Partial<MessageRow> = {}): MessageRow {
  return {
    messageId: 1,
    key: 'incident:3:opened',
    channel: 'inbox',
    thread: 'incident:3',
    severity: 'critical',
    title: 'checkout is unreachable',
    body: 'connect ECONNREFUSED\nlast good 61 s ago',
    source: 'probe_investigation',
    correlationId: null,
    attachments: [],
    status: 'delivered',
    attempts: 1,
    error: null,
    createdAt: before(30),
    deliveredAt: before(30),
    ...over,
  };
}

export function event(over: Partial<EventRow> = {}): EventRow {
  return {
    seq: 412,
    eventId: '0196b7a0-0000-7000-8000-00000000019c',
    type: 'probe.wake_requested',
    schemaVersion: 1,
    actorId: 'kora',
    runtimeId: 'r1',
    sessionId: null,
    correlationId: 'w1',
    causationId: null,
    ticketId: null,
    fence: null,
    occurredAt: before(30),
    hash: 'a'.repeat(64),
    payload: { probe: 'checkout' },
    ...over,
  };
}

export function eventDetail(over: Partial<EventDetail> = {}): EventDetail {
  return {
    ...event(),
    previous: 'b'.repeat(64),
    bodyHash: 'c'.repeat(64),
    sensitivity: { probe: 'public' },
    ...over,
  };
}

export function parked(over: Partial<ParkedRow> = {}): ParkedRow {
  return {
    consumer: 'probe_wake',
    seq: 412,
    error: 'the channel is away',
    attempts: 5,
    parkedAt: before(120),
    replayRequestedAt: null,
    event: event(),
    ...over,
  };
}

export function checkpoints(over: Partial<Checkpoints> = {}): Checkpoints {
  const [newest] = [
    {
      number: 3,
      size: 400,
      eventHash: 'a'.repeat(64),
      verdict: 'valid' as const,
      signedBy: '9155ee5f',
      createdAt: before(40),
      ageMs: 40_000,
      note: 'kora/default\n400\ncm9vdA==\n\n— kora/default c2ln\n',
    },
  ];
  return {
    signs: true,
    problems: [],
    rewound: null,
    publicKeys: ['kora/default+9155ee5f+a2V5'],
    anchors: [],
    newest: [newest],
    ...over,
  };
}

export function consumer(over: Partial<ConsumerRow> = {}): ConsumerRow {
  return {
    consumer: 'probe_wake',
    types: ['probe.wake_requested'],
    cursor: 412,
    lag: 0,
    lagMs: 0,
    running: 'here',
    parked: 0,
    attempts: 0,
    lastError: null,
    movedAt: noon,
    ...over,
  };
}

export function plugin(over: Partial<PluginRowView> = {}): PluginRowView {
  return {
    id: 'probes',
    packageName: '@kora/plugin-probes',
    version: '0.1.0',
    digest: 'd'.repeat(64),
    origin: 'bundled',
    trusted: true,
    isolation: 'in-process',
    state: 'proven',
    reason: null,
    contributes: { daemons: ['probe_wake'] },
    registered: { daemons: ['probe_wake'] },
    directory: '/srv/app/node_modules/@kora/plugin-probes',
    pid: null,
    urls: [],
    usage: null,
    capabilities: [],
    approved: null,
    pending: null,
    ...over,
  };
}

export function identity(over: Partial<IdentityRow> = {}): IdentityRow {
  return {
    name: 'marvin',
    pluginName: 'marvin',
    active: true,
    agentName: 'Marvin',
    agentVersion: '1.0.0',
    hash: 'b'.repeat(64),
    soulMd: '# Marvin\n\nBrain the size of a planet.',
    systemPrompt: 'You are Marvin.',
    problem: null,
    ...over,
  };
}
