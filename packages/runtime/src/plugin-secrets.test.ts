import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { loadConfiguration } from './config/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { KnownSecrets } from './known-secrets.ts';
import { openLog } from './log.ts';
import { PluginSecrets } from './plugin-secrets.ts';
import { Scope } from './scope/index.ts';

async function desk(env: Readonly<Record<string, string>>, locked = () => false) {
  const home = testFolder();
  const configuration = await loadConfiguration({ home, cwd: home, env, flags: {} });
  const known = new KnownSecrets();
  const secrets = new PluginSecrets({ configuration, secrets: known, clock: systemClock() }, locked);
  return { home, secrets, known };
}

test('a secret is said in a variable or in a file that one names; each read is counted, and not said is not there', async () => {
  const file = join(testFolder(), 'key');
  writeFileSync(file, 'from-a-file\n');
  const { secrets } = await desk({
    KORA_PLUGIN_TIDE_TABLE_TOKEN: 'from-a-variable',
    KORA_PLUGIN_TIDE_TABLE_KEY_FILE: file,
  });
  const read = (name: string) => secrets.read('tide-table', name);
  expect([await read('TOKEN'), await read('KEY'), await read('NONE')]).toEqual([
    'from-a-variable',
    'from-a-file',
    undefined,
  ]);
  writeFileSync(file, 'rotated');
  expect(await read('KEY')).toBe('rotated');
  const standing = await secrets.standing('tide-table', ['TOKEN', 'KEY', 'NONE', 'OTHER']);
  expect(standing.map(({ name, variable, origin, reads }) => [name, variable, origin, reads])).toEqual([
    ['TOKEN', 'KORA_PLUGIN_TIDE_TABLE_TOKEN', 'variable', 1],
    ['KEY', 'KORA_PLUGIN_TIDE_TABLE_KEY', 'file', 2],
    ['NONE', 'KORA_PLUGIN_TIDE_TABLE_NONE', null, 1],
    ['OTHER', 'KORA_PLUGIN_TIDE_TABLE_OTHER', null, 0],
  ]);
  expect(JSON.stringify(standing)).not.toMatch(/from-a|rotated/);
});

test('the home’s .env says secrets too, and the environment wins over it', async () => {
  const home = testFolder();
  writeFileSync(join(home, '.env'), 'KORA_PLUGIN_TIDE_A=of-home\nKORA_PLUGIN_TIDE_B=of-home\n');
  const env = { KORA_PLUGIN_TIDE_B: 'of-env' };
  const configuration = await loadConfiguration({ home, cwd: home, env, flags: {} });
  const parts = { configuration, secrets: new KnownSecrets(), clock: systemClock() };
  const secrets = new PluginSecrets(parts, () => false);
  expect([await secrets.read('tide', 'A'), await secrets.read('tide', 'B')]).toEqual(['of-home', 'of-env']);
});

test('one variable is one plugin’s: a shorter id cannot ask for what belongs to a longer one', async () => {
  const { secrets } = await desk({ KORA_PLUGIN_TIDE_TABLE_KEY: 'of-the-table' });
  expect(await secrets.read('tide', 'TABLE_KEY')).toBe('of-the-table');
  secrets.plugins = () => ['tide', 'tide-table'];
  await expect(secrets.read('tide', 'TABLE_KEY')).rejects.toMatchObject({ code: 'KORA_SECRET_SHADOWED' });
  expect(await secrets.read('tide-table', 'KEY')).toBe('of-the-table');
  expect(await secrets.standing('tide', ['TABLE_KEY'])).toMatchObject([
    { origin: null, problem: expect.stringContaining('belongs to plugin tide-table') as string },
  ]);
});

test('under a stop of level 5 no secret is told', async () => {
  let locked = false;
  const { secrets } = await desk({ KORA_PLUGIN_TIDE_KEY: 'a-secret' }, () => locked);
  expect(await secrets.read('tide', 'KEY')).toBe('a-secret');
  locked = true;
  await expect(secrets.read('tide', 'KEY')).rejects.toMatchObject({ code: 'KORA_CREDENTIALS_LOCKED' });
});

test('a file that is not there is an error that names it, and does not hide the others', async () => {
  const { secrets } = await desk({ KORA_PLUGIN_TIDE_KEY_FILE: '/nowhere/key' });
  await expect(secrets.read('tide', 'KEY')).rejects.toMatchObject({ code: 'KORA_CONFIG_UNREADABLE' });
  expect(await secrets.standing('tide', ['KEY'])).toMatchObject([
    { origin: null, problem: expect.stringContaining('/nowhere/key') as string },
  ]);
});

test('once told, a secret is masked in the log, in whatever form it stands there', async () => {
  const awkward = 'pass"word\\with\nall';
  const { home, secrets, known } = await desk({
    KORA_PLUGIN_TIDE_KEY: awkward,
    KORA_PLUGIN_TIDE_PIN: '12345678',
  });
  await secrets.read('tide', 'KEY');
  await secrets.read('tide', 'PIN');
  await using scope = new Scope('test');
  const log = await openLog(home, 'info', { scope, secrets: known });
  log.info(`it is ${awkward}`, {
    url: `https://x/?k=${encodeURIComponent(awkward)}`,
    deep: { key: awkward },
  });
  log.info('a number', { pin: 12_345_678 });
  const text = readFileSync(join(home, 'logs/kora.log'), 'utf8');
  expect(text).not.toMatch(/pass.{0,3}word/);
  expect(text).not.toContain('12345678');
  const lines = text.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    {
      msg: 'it is [redacted:plugin-secret]',
      url: 'https://x/?k=[redacted:plugin-secret]',
      deep: { key: '[redacted:plugin-secret]' },
    },
    { msg: expect.stringContaining('[redacted:plugin-secret]') as string },
  ]);
});
