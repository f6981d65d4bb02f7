import type { Snapshot } from '@kora/runtime/client';
import { before, incidentRow, messageRow, probeRow } from './rows.ts';

/** What is watched in the staged house, what went wrong with it, and what the operator was told. */

export function probes(): Snapshot['probes'] {
  const refused = 'GET http://127.0.0.1:8080/health: connection refused';
  return [
    probeRow({
      name: 'shop',
      kind: 'http',
      target: 'http://127.0.0.1:8080/health',
      everyMs: 5_000,
      status: 'unreachable',
      since: before(247),
      lastGoodAt: before(252),
      checkedAt: before(2),
      latencyMs: null,
      error: refused,
      incidentId: 12,
      details: { tried: 'GET /health', cause: 'ECONNREFUSED' },
    }),
    probeRow({
      name: 'mirror',
      kind: 'http',
      target: 'https://mirror.example/status',
      status: 'degraded',
      since: before(1_900),
      latencyMs: 1_840,
      error: 'answered in 1.8 s, the limit is 1 s',
      incidentId: 11,
    }),
    probeRow(),
    probeRow({
      name: 'memory',
      kind: 'memory',
      target: 'this machine',
      latencyMs: 0.4,
      details: { usedPercent: 63 },
    }),
    probeRow({ name: 'postgres', kind: 'tcp', target: '127.0.0.1:5432', latencyMs: 1 }),
    probeRow({ name: 'sshd', kind: 'process', target: 'sshd', latencyMs: 12 }),
    probeRow({ name: 'registry', kind: 'http', target: 'https://registry.example/-/ping', latencyMs: 999 }),
    probeRow({
      name: 'billing',
      kind: 'http',
      target: 'https://billing.example',
      status: null,
      since: null,
      lastGoodAt: null,
      checkedAt: null,
      latencyMs: null,
      details: {},
    }),
  ];
}

export function incidents(): Snapshot['incidents'] {
  return [
    incidentRow(),
    incidentRow({
      incidentId: 11,
      probe: 'mirror',
      target: 'https://mirror.example/status',
      category: 'latency',
      severity: 'warning',
      title: 'mirror answers slowly',
      detail: 'GET /status took 1.8 s; the limit is 1 s.',
      wakeId: 'wake-11',
      openedAt: before(1_890),
      failingSince: before(1_900),
      acknowledgedAt: before(1_500),
      failures: 63,
      ticketId: null,
    }),
    incidentRow({
      incidentId: 10,
      probe: 'disk',
      target: '/',
      category: 'capacity',
      severity: 'warning',
      title: 'disk is nearly full',
      detail: '/ is 92 % full.',
      status: 'resolved',
      wakeId: 'wake-10',
      openedAt: before(19_000),
      failingSince: before(19_030),
      resolvedAt: before(17_900),
      failures: 36,
      ticketId: 37,
    }),
  ];
}

export function messages(): Snapshot['messages'] {
  const facts =
    'shop (critical): unreachable: connection refused.\n\nSince 12:00:04; last good 11:59:59.\nAlso not well: mirror (degraded).\nChanged before: nothing recorded in the last hour.';
  return [
    messageRow({ messageId: 7, body: facts }),
    messageRow({
      messageId: 8,
      key: 'incident-12-findings',
      severity: 'info',
      title: 'Findings · shop',
      body: 'Nothing listens on port 8080. The process "shop" ended at 12:00:03.\nNext step: start it again, or look at its log.',
      source: 'probe_investigation',
      createdAt: before(236),
      deliveredAt: before(236),
    }),
    messageRow({
      messageId: 5,
      key: 'incident-11-opened',
      thread: 'incident-11',
      severity: 'warning',
      title: 'Probe alert · mirror',
      body: 'mirror (warning): answers in 1.8 s, the limit is 1 s.',
      correlationId: 'wake-11',
      createdAt: before(1_890),
      deliveredAt: before(1_889),
    }),
    messageRow({
      messageId: 6,
      key: 'report-77',
      thread: 'reports',
      channel: 'mail',
      severity: 'info',
      title: 'Weekly report',
      body: 'Seven days without an incident on postgres.',
      source: 'scheduled_task',
      correlationId: null,
      status: 'failed',
      attempts: 5,
      error: '550 mailbox unavailable',
      createdAt: before(7_000),
      deliveredAt: null,
    }),
  ];
}
