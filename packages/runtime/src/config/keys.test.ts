import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../home/testing/folder.ts';
import { configurationKeys } from './keys.ts';
import { loadConfiguration } from './load.ts';
import { keyMeanings } from './means.ts';

const nobody = { env: {}, flags: {} };

test('every key of the schema says what it is about, and nothing else is said', async () => {
  const home = testFolder();
  const keys = configurationKeys(await loadConfiguration({ home, cwd: home, ...nobody }));
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
  const keys = configurationKeys(await loadConfiguration({ home, cwd: home, env, flags: { port: 4 } }));
  const told = Object.fromEntries(keys.map(({ key, value, origin }) => [key, [value, origin]]));
  expect(told).toMatchObject({
    'log.level': ['debug', 'file'],
    'spend.poolUsd': [6, '.env'],
    workspace: ['left', '.env'],
    'http.port': [4, 'flag'],
    'store.url': [null, 'file'],
    'plugins.config.shop': [null, 'file'],
    'alerts.deadMan.url': [null, 'file'],
    'spend.prices.big.input': [1, 'file'],
    'store.connections': [10, 'default'],
  });
  expect(keys.find(({ key }) => key === 'plugins.config.shop')).toMatchObject({ class: 'hot', set: true });
  expect(JSON.stringify(keys)).not.toContain('hunter2');
});
