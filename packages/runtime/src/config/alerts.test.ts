import { expect, test } from 'vitest';
import { alertsSchema } from './alerts.ts';

test('everything has a default, and no sign of life is given where none is asked for', () => {
  const alerts = alertsSchema.parse(undefined);
  expect(alerts).toMatchObject({
    thresholds: { deadLetters: 5, capabilityDenials: 10, reasoningErrors: 5, failedReplies: 3 },
    cooldownSeconds: 1_800,
    burst: 5,
    escalation: { afterSeconds: 900 },
    routes: { also: [], digest: ['email', 'inbox'] },
  });
  expect(alerts.deadMan).toBe(undefined);
});

test('a sign of life needs only its address', () => {
  const { deadMan } = alertsSchema.parse({ deadMan: { url: 'https://ping.example/x' } });
  expect(deadMan).toEqual({
    url: 'https://ping.example/x',
    method: 'GET',
    everySeconds: 60,
    timeoutSeconds: 10,
  });
});

test.each([
  ['a misspelt key', { cooldown: 5 }, 'cooldown'],
  ['a threshold below nothing', { thresholds: { deadLetters: -1 } }, 'thresholds.deadLetters'],
  ['an hour that no day has', { digestHour: 24 }, 'digestHour'],
  ['no channel at all', { routes: { direct: [] } }, 'inbox is always there'],
  ['a channel twice', { routes: { direct: ['inbox', 'inbox'] } }, 'names a channel twice'],
  ['a channel that cannot be one', { routes: { digest: ['E-Mail!'] } }, 'the name of a channel'],
  ['an address of another kind', { deadMan: { url: 'ftp://x/y' } }, 'http(s) URL'],
  [
    'a wait that is longer than the beat',
    { deadMan: { url: 'https://x/', everySeconds: 10 } },
    'everySeconds',
  ],
])('%s is refused, and the error says where', (_, alerts, says) => {
  const parsed = alertsSchema.safeParse(alerts);
  expect(parsed.success).toBe(false);
  expect(
    JSON.stringify(parsed.error?.issues.map(({ path, message, ...rest }) => [path.join('.'), message, rest])),
  ).toContain(says);
});
