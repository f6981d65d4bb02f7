import type {
  BoardTicket,
  ApprovalRow,
  BootReport,
  DaemonRow,
  EventRow,
  IncidentRow,
  MessageRow,
  PluginRowView,
  ProbeRow,
  TaskRow,
  TicketRow,
} from '@kora/runtime/client';

/** A row of each list with plain values, and what a test or a staged picture wants to be different. */

export const stageNow: number = Date.parse('2026-11-21T12:04:11.000Z');

/** ISO 8601, so many seconds before (or, negative, after) the staged now. */
export function before(seconds: number): string {
  return new Date(stageNow - seconds * 1_000).toISOString();
}

export function ticketRow(part: Partial<TicketRow> = {}): TicketRow {
  return {
    ticketId: 1,
    kind: 'general',
    title: 'Look at the disk',
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
    createdAt: before(300),
    assignedAt: before(300),
    claimedAt: null,
    deferredAt: null,
    nextEligibleAt: null,
    deadline: null,
    progress: null,
    progressAt: null,
    resolvedAt: null,
    summary: null,
    result: null,
    ...part,
  };
}

/** The same as the board tells it. */
export function boardRow(part: Partial<TicketRow> = {}): BoardTicket {
  const row = ticketRow(part);
  return {
    ...row,
    id: row.ticketId,
    criticality: row.downshift,
    state: row.status,
    created_at: row.createdAt,
    assigned_at: row.assignedAt,
    claimed_at: row.claimedAt,
    deferred_at: row.deferredAt,
    next_eligible_at: row.nextEligibleAt,
    resolved_at: row.resolvedAt,
    resolution: row.resolvedAt === null ? null : row.status,
    claim_count: row.attempts,
    work_attempt_count: row.attempts,
    model_tier_used: row.modelTier,
    failure_count_by_reason: row.failureCountByReason,
  };
}

export function daemonRow(part: Partial<DaemonRow> = {}): DaemonRow {
  return {
    name: 'sealer',
    pluginName: 'kora',
    state: 'running',
    fatal: false,
    fatalIgnored: false,
    dependsOn: [],
    scope: 'runtime',
    livenessMs: null,
    startedAt: before(8_040),
    startMs: 12,
    restarts: 0,
    deaths: 0,
    diedAt: null,
    nextStartAt: null,
    heldBy: null,
    fence: null,
    error: null,
    tasks: [],
    ...part,
  };
}

export function taskRow(part: Partial<TaskRow> = {}): TaskRow {
  return {
    name: 'probes.disk',
    daemon: 'probes',
    pluginName: 'probes',
    cadence: 'every 30 s',
    purpose: 'observe',
    scope: 'runtime',
    running: false,
    lastRunAt: before(18),
    lastOutcome: 'ok',
    lastDurationMs: 3,
    lastError: null,
    nextDueAt: before(-12),
    late: false,
    runs: 268,
    failures: 0,
    ...part,
  };
}

export function probeRow(part: Partial<ProbeRow> = {}): ProbeRow {
  return {
    name: 'disk',
    kind: 'disk',
    target: '/',
    pluginName: 'probes',
    everyMs: 30_000,
    status: 'healthy',
    since: before(8_000),
    lastGoodAt: before(18),
    checkedAt: before(18),
    latencyMs: 3,
    error: null,
    details: { freeBytes: 81_604_378_624, usedPercent: 41.2 },
    incidentId: null,
    ...part,
  };
}

export function incidentRow(part: Partial<IncidentRow> = {}): IncidentRow {
  return {
    incidentId: 12,
    probe: 'shop',
    target: 'http://127.0.0.1:8080/health',
    category: 'unreachable',
    severity: 'critical',
    title: 'shop is unreachable',
    detail: 'GET http://127.0.0.1:8080/health: connection refused.',
    status: 'open',
    wakeId: 'wake-12',
    openedAt: before(242),
    failingSince: before(247),
    lastGoodAt: before(252),
    acknowledgedAt: null,
    resolvedAt: null,
    failures: 49,
    ticketId: 41,
    ...part,
  };
}

export function messageRow(part: Partial<MessageRow> = {}): MessageRow {
  return {
    messageId: 1,
    key: 'incident-12-opened',
    channel: 'inbox',
    thread: 'incident-12',
    severity: 'critical',
    title: 'Probe alert · shop',
    body: 'shop (critical): unreachable: connection refused.',
    source: 'probe_alert',
    correlationId: 'wake-12',
    attachments: [],
    status: 'delivered',
    attempts: 1,
    error: null,
    createdAt: before(242),
    deliveredAt: before(242),
    ...part,
  };
}

/** A call that waits for the operator's word. */
export function approvalRow(part: Partial<ApprovalRow> = {}): ApprovalRow {
  return {
    approvalId: 12,
    capability: 'cap_web_fetch',
    what: 'fetch_page',
    caller: 'slack',
    callId: 'link-77',
    argumentsHash: '9f'.repeat(32),
    reason: 'a preview of the link',
    ticketId: null,
    requestedAt: before(95),
    expiresAt: before(-805),
    status: 'pending',
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
    usedAt: null,
    ...part,
  };
}

export function eventRow(part: Partial<EventRow> = {}): EventRow {
  return {
    seq: 1,
    eventId: '0199f2a4-0000-7000-8000-000000000001',
    type: 'kora.boot.ready',
    schemaVersion: 1,
    actorId: 'kora',
    runtimeId: 'rt-7f3a',
    sessionId: null,
    correlationId: null,
    causationId: null,
    ticketId: null,
    fence: null,
    occurredAt: before(10),
    hash: '9c1185a5c5e9fc54612808977ee8f548b2258d31ddadef707d1fb92c0f3a4f51',
    payload: {},
    ...part,
  };
}

export function pluginRow(part: Partial<PluginRowView> = {}): PluginRowView {
  return {
    id: 'probes',
    packageName: '@kora/plugin-probes',
    version: '0.1.0',
    digest: 'd1'.repeat(32),
    origin: 'bundled',
    trusted: true,
    isolation: 'in-process',
    state: 'proven',
    reason: null,
    contributes: { probes: ['disk', 'memory'] },
    registered: { probes: ['disk', 'memory'] },
    directory: '/opt/host/node_modules/@kora/plugin-probes',
    pid: null,
    urls: [],
    usage: null,
    capabilities: [],
    approved: null,
    pending: null,
    ...part,
  };
}

const gates: readonly (readonly [string, string, number, string])[] = [
  ['home', 'The home can be written and is ours', 4, 'lock held by this process'],
  ['config', 'The configuration parses', 2, 'kora.json, 2 probes'],
  ['store', 'The database answers', 214, 'PostgreSQL 18.4 on the home’s own socket'],
  ['schema', 'The schema fits this build', 18, '14 migrations, newest 0014'],
  ['chain', 'The end of the chain verifies', 31, '1,024 events, head #48,219'],
  ['identity', 'One identity speaks', 1, 'marvin'],
  ['daemons', 'The fatal daemons run', 40, '3 of 3'],
];

export function bootReport(part: Partial<BootReport> = {}): BootReport {
  return {
    bootId: 17,
    outcome: 'passed',
    startedAt: before(8_050),
    elapsedMs: 398,
    exitCode: 0,
    budgetMs: 400_000,
    waitingFor: null,
    degradationReasons: [],
    gates: gates.map(([gateId, title, elapsedMs, detail]) => ({
      gateId,
      title,
      gateClass: gateId === 'store' ? 'transient' : gateId === 'chain' ? 'invariant_pause' : 'invariant',
      outcome: 'pass',
      attempts: gateId === 'store' ? 2 : 1,
      elapsedMs,
      detail,
    })),
    phases: [
      { phase: 'home and config', ms: 9 },
      { phase: 'store', ms: 232 },
      { phase: 'chain', ms: 31 },
      { phase: 'plugins', ms: 64 },
      { phase: 'daemons', ms: 62 },
    ],
    ...part,
  };
}
