import type { AlertRow, FixOfferRow } from '@kora/runtime/client';
import { before } from './rows.ts';

/** Staged: what came of what is watched, and how it is written down. Answers of the API by their first word. */

export function alertRow(part: Partial<AlertRow> = {}): AlertRow {
  return {
    alertId: 4,
    source: 'paused',
    key: 'paused',
    owner: null,
    category: 'operational_state',
    severity: 'warning',
    title: 'Kora is paused',
    detail: 'The operator paused it.',
    next: 'kora resume',
    incidentId: null,
    thread: 'alert-4',
    wakeId: null,
    status: 'active',
    returns: 1,
    firstSeenAt: before(60),
    since: before(60),
    lastSeenAt: before(2),
    resolvedAt: null,
    owed: null,
    toldAt: null,
    heardAt: null,
    heardOver: null,
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgeReason: null,
    snoozedUntil: null,
    snoozeReason: null,
    escalations: 0,
    nextReminder: null,
    tellings: [],
    ...part,
  };
}

const alerts = [
  alertRow({
    alertId: 7,
    source: 'daemon',
    category: 'daemon',
    severity: 'critical',
    title: 'mirror-sync has failed for good',
    detail: 'listen EADDRINUSE: address already in use 127.0.0.1:9300',
    next: 'kora daemon restart mirror-sync',
    returns: 3,
    firstSeenAt: before(4_000),
    tellings: [
      {
        title: 'mirror-sync has failed for good',
        channel: 'inbox',
        saidAt: before(3_990),
        receipt: 'inbox:9',
        receiptAt: before(3_989),
        attempts: 1,
        error: null,
      },
    ],
  }),
  alertRow({
    alertId: 6,
    source: 'channel',
    category: 'channel',
    title: 'mail does not take messages',
    acknowledgedAt: before(900),
    acknowledgedBy: 'operator',
    acknowledgeReason: 'the provider works on it',
  }),
  alertRow({ alertId: 3, status: 'resolved', resolvedAt: before(8_000), firstSeenAt: before(9_000) }),
];

const wake = {
  wakeId: 'wake-12',
  seq: 48_201,
  at: before(242),
  probe: 'shop',
  category: 'unreachable',
  severity: 'critical',
  incidentId: 12,
  debounced: null,
  investigated: {
    ticketId: 41,
    runId: 'r-0199f2a4',
    route: 'probe_investigation',
    outcome: 'completed',
    costMicroUsd: 12_400,
  },
  told: { messageId: 8, channel: 'inbox', status: 'delivered', why: null },
};

const wakes = [
  wake,
  {
    ...wake,
    wakeId: 'wake-11',
    seq: 48_120,
    at: before(1_890),
    probe: 'mirror',
    category: 'latency',
    severity: 'warning',
    incidentId: 11,
    debounced: { count: 7, nextEligibleAt: before(-600) },
    investigated: null,
    told: null,
  },
  {
    ...wake,
    wakeId: 'wake-10',
    seq: 47_900,
    at: before(19_000),
    probe: 'disk',
    investigated: { ...wake.investigated, runId: null, outcome: 'failed_retryable', costMicroUsd: null },
    told: { messageId: null, channel: null, status: 'not_told', why: 'no channel took it' },
  },
];

const statuses = ['healthy', 'healthy', 'healthy', 'degraded', 'unreachable'] as const;

const strips = ['shop', 'mirror', 'disk', 'postgres'].map((probe, which) => ({
  probe,
  looks: Array.from({ length: 50 }, (_, index) => {
    const status = statuses[(index * (which + 1)) % 5] ?? 'healthy';
    return {
      at: before((50 - index) * 5),
      status,
      latencyMs: status === 'unreachable' ? null : 20 + ((index * 37) % 90),
      error: status === 'unreachable' ? 'connection refused' : null,
    };
  }),
  p50Ms: 61,
  p95Ms: 104,
}));

const fix: FixOfferRow = {
  probe: 'shop',
  fix: 'restart_unit',
  title: 'Restart shop.service',
  plugin: 'systemd',
  mode: 'approve',
  capability: 'fix.systemd.restart',
  perTargetPerHour: 2,
  verifyMs: 60_000,
  canRollBack: false,
  targets: [{ id: 'shop.service', title: 'shop.service' }],
};

const levels = ['info', 'debug', 'info', 'warn', 'info', 'error'] as const;
const lines = Array.from({ length: 120 }, (_, index) => ({
  place: String(90_000 - index * 200).padStart(15, '0'),
  time: before(index * 3),
  level: levels[index % levels.length],
  logger: ['claim-loop', 'probes', 'outbox'][index % 3],
  message: index % 4 === 0 ? 'claimed ticket 41' : 'looked at shop: connection refused',
  fields: index % 4 === 0 ? { ticketId: 41, fence: 1 } : { probe: 'shop', latencyMs: 4 },
}));

/** By the words of the path behind `/api/`. */
export const watched: Readonly<Record<string, unknown>> = {
  alerts: { alerts, ping: null },
  'alerts/7': alerts[0],
  wakes,
  'wakes/wake-12': wake,
  'probe-strips': strips,
  'probe-windows': [
    {
      windowId: 3,
      probe: 'mirror',
      startsAt: before(600),
      endsAt: before(-3_000),
      reason: 'new disk',
      by: 'operator',
    },
  ],
  fixes: { fixes: [fix], attempts: [] },
  'chain/standing': {
    head: { seq: 48_219, hash: 'a3f1c2d4e5b60718a3f1c2d4e5b60718a3f1c2d4e5b60718a3f1c2d4e5b60718' },
    verifiedUpTo: 48_210,
    verifiedAt: before(40),
    lastFullPassAt: before(7_900),
    brokenAt: null,
    problem: null,
    anchor: { seq: 48_000, at: before(700) },
  },
  logs: { lines, next: null },
  'dr-state': {
    match_status: 'clean',
    known_epoch: 3,
    observed_epoch: 3,
    hold: null,
    last_mismatch: { seq: 41_002, at: before(400_000), observed_epoch: 3, known_epoch: 2 },
    acceptances: [{ epoch: 3, by: 'operator', at: before(399_000) }],
    backups: [
      {
        seq: 48_010,
        at: before(7_000),
        directory: '/backups/kora-saturday',
        rows: 61_022,
        bytes: 41_221_004,
        epoch: 3,
        chainSeq: 48_002,
        isOfThisChain: true,
        isThere: true,
      },
      {
        seq: 39_104,
        at: before(600_000),
        directory: '/backups/kora-last-week',
        rows: 50_918,
        bytes: 33_004_118,
        epoch: 2,
        chainSeq: 39_101,
        isOfThisChain: null,
        isThere: false,
      },
    ],
  },
  backup: {
    state: 'done',
    directory: '/backups/kora-saturday',
    lines: ['store: 48,219 events', 'keys: 2', 'proved'],
    report: {
      directory: '/backups/kora-saturday',
      createdAt: before(7_000),
      rows: 61_022,
      bytes: 41_221_004,
      ends: [{ workspaceId: 1, workspace: 'default', seq: 48_002, hash: 'a3f1c2d4e5b60718' }],
      epoch: 3,
    },
    problem: null,
  },
};
