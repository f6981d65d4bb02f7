import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { closedToPages, decidedKeys } from './key-doors.ts';
import { readKeys } from './key-write.ts';
import { configurationKeys } from './keys.ts';
import { loadConfiguration } from './load.ts';
import { keyMeanings } from './means.ts';

const nobody = { env: {}, flags: {} };

test('every key of the schema says what it is about, and nothing else is said', async () => {
  const home = testFolder();
  const loaded = await loadConfiguration({ home, cwd: home, ...nobody });
  const keys = configurationKeys(loaded, await readKeys(join(home, 'kora.json')));
  expect(keys.map(({ key }) => key).toSorted()).toEqual(Object.keys(keyMeanings).toSorted());
  expect(new Set(keys.map(({ origin }) => origin))).toEqual(new Set(['default']));
  expect(keys.every(({ value, usual }) => JSON.stringify(value) === JSON.stringify(usual))).toBe(true);
});

test('who said a key last is its origin, and what is secret is told by its name alone', async () => {
  const home = testFolder();
  const said = {
    log: { level: 'debug' },
    spend: { poolUsd: 5, prices: { big: { input: 1, output: 2 } } },
    store: { url: 'postgres://somebody:hunter2@localhost/kora' },
    plugins: { config: { shop: { apiKey: 'hunter2' } } },
    http: { port: 1 },
    alerts: { deadMan: { url: 'https://alive.example/hunter2' } },
  };
  writeFileSync(join(home, 'kora.json'), JSON.stringify(said));
  writeFileSync(join(home, '.env'), 'KORA_CREDIT_POOL_USD=6\nKORA_WEB_PORT=2\nKORA_WORKSPACE=left\n');
  const env = { KORA_WEB_PORT: '3' };
  const loaded = await loadConfiguration({ home, cwd: home, env, flags: { port: 4 } });
  const keys = configurationKeys(loaded, await readKeys(join(home, 'kora.json')));
  const told = Object.fromEntries(keys.map(({ key, value, origin }) => [key, [value, origin]]));
  expect(told).toMatchObject({
    'log.level': ['debug', 'file'],
    'spend.poolUsd': [6, '.env'],
    workspace: ['left', '.env'],
    'http.port': [4, 'flag'],
    'store.url': [null, 'file'],
    'plugins.config.shop': [null, 'file'],
    'alerts.deadMan.url': [null, 'file'],
    'spend.prices': [{ big: { input: 1, output: 2 } }, 'file'],
    'store.connections': [10, 'default'],
  });
  expect(keys.find(({ key }) => key === 'plugins.config.shop')).toMatchObject({
    class: 'restart-daemon',
    kind: 'block',
    set: true,
  });
  expect(keys.find(({ key }) => key === 'spend.poolUsd')).toMatchObject({
    overruled: true,
    waits: false,
    inFile: 5,
  });
  expect(JSON.stringify(keys)).not.toContain('hunter2');
});

test('each key says what may stand there, and whether a page may write it', async () => {
  const home = testFolder();
  const loaded = await loadConfiguration({ home, cwd: home, ...nobody });
  const keys = configurationKeys(loaded, await readKeys(join(home, 'kora.json')));
  const shapes = Object.fromEntries(keys.map((row) => [row.key, row]));
  expect(shapes['alerts.burst']).toMatchObject({
    kind: 'number',
    integer: true,
    min: 1,
    max: 1_000,
    unit: null,
  });
  expect(shapes['alerts.cooldownSeconds']).toMatchObject({ unit: 's', class: 'hot', closed: null });
  expect(shapes['spend.criticalShare']).toMatchObject({ kind: 'number', integer: false, max: 0.9 });
  expect(shapes['log.level']).toMatchObject({ kind: 'choice', choices: ['debug', 'info', 'warn', 'error'] });
  expect(shapes['messages.channels']).toMatchObject({ kind: 'lines', min: 1, max: 10 });
  expect(shapes['plugins.watch']).toMatchObject({ kind: 'boolean', class: 'restart-process' });
  expect(shapes['spend.prices']).toMatchObject({ kind: 'json' });
  expect(shapes['store.url']).toMatchObject({ kind: 'secret', closed: expect.stringContaining('opens') });
});

test('every key was decided about, and one that nobody decided about is closed to pages', () => {
  expect([...decidedKeys].toSorted()).toEqual(Object.keys(keyMeanings).toSorted());
  expect(closedToPages('http.newDoor')).toBeDefined();
  expect(closedToPages('toString')).toBeDefined();
});

test('what is run, read as code, listened on, or opens something is closed to pages', () => {
  const grave =
    /(?:^(?:http|plugins|store|chain|workspace|identity)\b|url|host|port|file|command|key$|trust|engine)/i;
  const open = decidedKeys.filter((key) => closedToPages(key) === undefined);
  expect(open.filter((key) => grave.test(key))).toEqual([]);
  expect(open).toContain('alerts.burst');
});
