import { expect, test } from 'vitest';
import type { IncidentRecord } from './record.ts';
import {
  describeDuration,
  flappingMessage,
  isOwnKey,
  openingMessage,
  recoveryMessage,
  unwatchedMessage,
  reopeningMessage,
} from './words.ts';
import type { Ending } from './words.ts';

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
  reopened: 0,
  toldAt: '2026-01-01T00:00:30Z',
  stormId: 'w',
  causedBy: null,
  consequenceOf: null,
  flappingSince: null,
  silencedUntil: null,
  silenceReason: null,
  acknowledgedBy: null,
  acknowledgeReason: null,
  endedBy: null,
};

const ending: Ending = { durationMs: 1_000, goodLooks: 2, investigation: null, fix: null, consequences: [] };

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
    recoveryMessage(incident, 2, ending),
    recoveryMessage(incident, 4, ending),
    flappingMessage(incident),
    unwatchedMessage(incident, 'probe removed'),
  ];
  expect(messages.every(({ key }) => isOwnKey(key))).toBe(true);
  expect(new Set(messages.map(({ key }) => key)).size).toBe(7);
  expect(new Set(messages.map(({ thread }) => thread)).size).toBe(1);
});

test('a recovery says how long it was, what ended it, what was found and what came of it (daemon defect W27)', () => {
  const plain = recoveryMessage(incident, 2, ending);
  expect(plain.body).toBe(
    'fly is healthy again after 1 s; 2 looks failed.\nEnded by: 2 good looks in a row; no fix is on record.',
  );
  const unanswered = 'I was unable to investigate — engine returned: unconfigured\n\nHTTP 401';
  const again = recoveryMessage({ ...incident, reopened: 2 }, 2, { ...ending, investigation: unanswered });
  expect(again.body).toBe(plain.body.replace('failed.', 'failed, and it came back 2 times.'));
  const { body } = recoveryMessage(incident, 2, {
    ...ending,
    investigation: '\nThe token was revoked.\nNext step: rotate it.',
    fix: 'restart_unhealthy_machine verified',
    consequences: [
      { probe: 'shop', status: 'resolved' },
      { probe: 'cart', status: 'open' },
    ],
  });
  expect(body.split('\n').slice(1)).toEqual([
    'Ended by: 2 good looks in a row, after the fix: restart_unhealthy_machine verified',
    'Found: The token was revoked.',
    'Consequences: shop (well), cart (still fails)',
  ]);
});

test('the first message names what fails because of it, what explained it until now, and what others see', () => {
  const { body } = openingMessage(
    { ...incident, flappingSince: '2026-01-01T00:00:20Z' },
    {
      alsoFailing: [],
      changes: [],
      consequences: ['shop', 'cart'],
      explainedBy: 'db',
      elsewhere: [{ runtimeId: '00000000-0000-7000-8000-0000000000b2', status: 'healthy' }],
    },
  );
  expect(body).toContain('Consequences: shop, cart');
  expect(body).not.toContain('Nothing else fails.');
  expect(body).toContain('It failed together with db, which no longer explains it.');
  expect(body).toContain('Seen from other runtimes: 0000000000b2 healthy');
  expect(body).toContain('Back and forth since 2026-01-01T00:00:00Z');
});

test('looks are in a row only while it fails for the first time and by itself', () => {
  const around = { alsoFailing: [], changes: [] };
  const alone = openingMessage(incident, { ...around, explainedBy: 'db' });
  expect(alone.body).toContain('Failing since 2026-01-01T00:00:00Z (2 failed looks)');
  const again = openingMessage({ ...incident, reopened: 1 }, { ...around, explainedBy: 'db' });
  expect(again.body).toContain('Failing on and off since 2026-01-01T00:00:00Z (2 looks)');
  const first = openingMessage({ ...incident, failures: 1 }, around);
  expect(first.body).toContain('Failing since 2026-01-01T00:00:00Z (1 look)');
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

test('what its look called it heads every message of it; what only says how its probe stands does not', () => {
  const around = { alsoFailing: [], changes: [] };
  const called = { ...incident, probe: 'webhook.monitor.web-4b5e57f6', title: 'web: 502' };
  expect(openingMessage(called, around).title).toBe('🚨 Probe alert · web: 502');
  expect(openingMessage(incident, around).title).toBe('🚨 Probe alert · fly');
  expect(recoveryMessage(called, 1, ending).title).toBe('✅ Recovered · web: 502');
  expect(unwatchedMessage(called, 'probe removed').title).toBe('Closed · web: 502');
});
