import { expect, test } from 'vitest';
import type { IncidentRecord } from './incidents.ts';
import { describeDuration, openingMessage, recoveryMessage, reopeningMessage } from './words.ts';

const incident: IncidentRecord = {
  incidentId: 7,
  probe: 'fly',
  target: 'https://api.fly.io',
  category: 'unreachable',
  severity: 'critical',
  title: 'fly unreachable',
  detail: 'Fly app(s) unreachable: HTTP 401',
  status: 'open',
  wakeId: 'w',
  openedAt: '2026-01-01T00:00:30Z',
  failingSince: '2026-01-01T00:00:00Z',
  lastGoodAt: '2025-12-31T23:59:30Z',
  acknowledgedAt: null,
  resolvedAt: null,
  failures: 2,
};

test('the first message says what fails, since when, what was last good, what else fails and what changed', () => {
  const message = openingMessage(incident, {
    alsoFailing: [{ name: 'shop', status: 'degraded', error: null }],
    changes: ['00:00:10 fly deployed'],
  });
  expect(message).toMatchObject({
    key: 'incident:7:open',
    thread: 'incident:7',
    severity: 'critical',
    title: '🚨 Probe alert · fly',
    correlationId: 'w',
  });
  expect(message.body).toBe(
    [
      'fly (critical): Fly app(s) unreachable: HTTP 401',
      '',
      'Target: https://api.fly.io',
      'Failing since 2026-01-01T00:00:00Z (2 looks in a row)',
      'Last good look: 2025-12-31T23:59:30Z',
      'Also failing: shop (degraded)',
      'Changes in the 15 minutes before:',
      '- 00:00:10 fly deployed',
    ].join('\n'),
  );
});

test('what is not known is said to be unknown', () => {
  const { body } = openingMessage({ ...incident, lastGoodAt: null }, { alsoFailing: [], changes: [] });
  expect(body).toContain('Last good look: none since Kora watches it');
  expect(body).toContain('Nothing else fails.');
  expect(body).toContain('No change on record in the 15 minutes before.');
});

test.each([
  ['critical', '🚨'],
  ['warning', '⚠️'],
  ['info', 'ℹ️'],
] as const)('%s is marked %s', (severity, mark) => {
  const around = { alsoFailing: [], changes: [] };
  expect(openingMessage({ ...incident, severity }, around).title.startsWith(mark)).toBe(true);
});

test('messages of one incident share a thread and have keys of their own', () => {
  const messages = [
    openingMessage(incident, { alsoFailing: [], changes: [] }),
    reopeningMessage(incident, 1),
    reopeningMessage(incident, 2),
    recoveryMessage(incident, 2, 1_000),
    recoveryMessage(incident, 4, 1_000),
  ];
  expect(new Set(messages.map(({ key }) => key)).size).toBe(5);
  expect(new Set(messages.map(({ thread }) => thread)).size).toBe(1);
});

test.each([
  [0, '1 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h 0 min'],
  [90_000_000, '25 h 0 min'],
])('%i ms read "%s"', (ms, words) => {
  expect(describeDuration(ms)).toBe(words);
});
