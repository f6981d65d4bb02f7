import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { alertsSchema } from './alerts.ts';
import { loadConfiguration } from './load.ts';

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

describe('the address of the sign of life', () => {
  const loaded = (url: string, env: Record<string, string> = {}): ReturnType<typeof loadConfiguration> => {
    const home = testFolder();
    writeFileSync(join(home, 'kora.json'), JSON.stringify({ alerts: { deadMan: { url } } }));
    return loadConfiguration({ home, cwd: home, env, flags: {} });
  };
  const place = 'https://ping.example/3f0c';

  test('stands there, or where a reference says', async () => {
    expect((await loaded(place)).deadManUrl).toBe(place);
    const { deadManUrl, config } = await loaded('env:PING', { PING: place });
    expect(deadManUrl).toBe(place);
    // As the file says it: nothing there waits for a start.
    expect(config.alerts.deadMan?.url).toBe('env:PING');
    const file = join(testFolder(), 'ping');
    writeFileSync(file, `${place}\n`);
    expect((await loaded(`file:${file}`)).deadManUrl).toBe(place);
  });

  test.each([
    ['a variable that is not set', {}, 'names the variable PING, which is not set'],
    ['one that holds no address', { PING: 'hunter2-hunter2' }, 'alerts.deadMan.url: must be an http(s) URL'],
  ])('is refused where a reference names %s, and never said', async (_, env, words) => {
    const refused = await loaded('env:PING', env).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'KORA_CONFIG_INVALID', message: expect.stringContaining(words) });
    expect(String(refused)).not.toContain('hunter2');
  });
});
