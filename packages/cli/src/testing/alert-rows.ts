import type { AlertPing, AlertRow } from '@kora/runtime/client';
import { before } from './noon.ts';

export function alert(over: Partial<AlertRow> = {}): AlertRow {
  return {
    alertId: 4,
    source: 'paused',
    key: 'operator',
    owner: null,
    category: 'operational_state',
    severity: 'critical',
    title: 'Kora is paused',
    detail: 'a deploy\nof the shop',
    next: 'kora resume --reason done',
    incidentId: null,
    thread: 'alert:4',
    wakeId: null,
    status: 'active',
    returns: 1,
    firstSeenAt: before(600),
    since: before(60),
    lastSeenAt: before(5),
    resolvedAt: null,
    owed: null,
    toldAt: before(60),
    heardAt: before(59),
    heardOver: 'slack',
    acknowledgedAt: null,
    acknowledgedBy: null,
    acknowledgeReason: null,
    snoozedUntil: null,
    snoozeReason: null,
    escalations: 0,
    nextReminder: { at: before(-840), channel: 'email', reminder: 1, of: 4 },
    tellings: [telling()],
    ...over,
  };
}

export function telling(over: Partial<AlertRow['tellings'][number]> = {}): AlertRow['tellings'][number] {
  return {
    title: '🚨 Alert · Kora is paused',
    channel: 'slack',
    saidAt: before(60),
    receipt: 'D024BE91L/1767225600.000100',
    receiptAt: before(59),
    attempts: 1,
    error: null,
    ...over,
  };
}

export function ping(over: Partial<AlertPing> = {}): AlertPing {
  return {
    runtimeId: '0196b7a0-0000-7000-8000-000000000001',
    place: 'https://ping.example',
    triedAt: before(5),
    answeredAt: before(30),
    failures: 0,
    error: null,
    withheld: null,
    ...over,
  };
}
