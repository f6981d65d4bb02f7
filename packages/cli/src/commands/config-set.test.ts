import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';
import { valueFrom } from './config-set.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const text = `{
  // how many at once
  "alerts": { "burst": 3 }, // of a thread
  "spend": { "poolUsd": 5 },
}
`;

async function stopped(): Promise<string> {
  scene = await openScene({ running: false });
  const file = join(scene.home, 'kora.json');
  await writeFile(file, text, { mode: 0o600 });
  await chmod(file, 0o640);
  return file;
}

it('get tells every key with who said it; of one key its value alone', async () => {
  await stopped();
  expect(await scene.run('config', 'get', 'alerts.burst')).toMatchObject({ exit: 0, stdout: '3\n' });
  const said = await scene.run('config', 'get', '--said');
  expect(said.stdout).toMatch(/alerts\.burst +3 +file +hot/);
  expect(said.stdout).not.toContain('alerts.settleSeconds');
  const part = await scene.run('config', 'get', 'spend', '--json');
  expect(part.document().data).toMatchObject({
    keys: expect.arrayContaining([expect.objectContaining({ key: 'spend.poolUsd', value: 5 })]) as unknown,
  });
});

it('explain tells value, origin, default, bounds, class, file and the command', async () => {
  const file = await stopped();
  const { stdout, exit } = await scene.run('config', 'explain', 'alerts.burst');
  expect(exit).toBe(0);
  for (const told of [
    'more than so many at once',
    'value +3',
    'said by +file',
    'default +5',
    'from 1 to 1000',
    'hot: in force at once',
    'kora config set alerts.burst',
  ])
    expect(stdout).toMatch(new RegExp(told));
  expect(stdout).toContain(file);
  expect((await scene.run('config', 'explain', 'http.port')).stdout).toMatch(
    /from a page +no: it says where/,
  );
});

it('set without a runtime writes the file, keeps comments and mode, and says when it holds', async () => {
  const file = await stopped();
  const ran = await scene.run('config', 'set', 'alerts.burst', '8');
  expect(ran).toMatchObject({ exit: 0 });
  expect(ran.stdout).toContain('alerts.burst: 3 → 8');
  expect(ran.stdout).toContain('in force at the next start');
  expect(ran.stderr).toContain('no runtime is running');
  expect(await readFile(file, 'utf8')).toBe(text.replace('3 }', '8 }'));
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect(await scene.run('config', 'unset', 'alerts.burst')).toMatchObject({ exit: 0 });
  expect(await scene.run('config', 'get', 'alerts.burst')).toMatchObject({ stdout: '5\n' });
  expect(await readFile(file, 'utf8')).toContain('// how many at once');
});

it.each([
  ['alerts.burst', '5000', 'KORA_CONFIG_INVALID', '1000', 'kora config explain alerts.burst'],
  ['alerts.burst', 'many', 'KORA_CONFIG_INVALID', 'number', 'kora config explain alerts.burst'],
  ['alerts.brust', '5', 'KORA_CONFIG_UNKNOWN_KEY', 'there is no key', 'kora config get alerts'],
  ['store.url', 'postgres://me:hunter2@db/kora', 'KORA_CONFIG_INVALID', 'is a secret', 'env:NAME'],
])('set %s %s is refused with the key, why, and what mends it', async (key, value, code, words, fix) => {
  const file = await stopped();
  const ran = await scene.run('config', 'set', key, value, '--json');
  expect(ran.exit).toBe(78);
  const { error } = ran.document();
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(words),
    hint: expect.stringContaining(fix),
  });
  expect(error['message']).toContain(key);
  expect(ran.stdout + ran.stderr).not.toContain('hunter2');
  expect(await readFile(file, 'utf8')).toBe(text);
});

it.each([
  ['{ "alerts": { "burst": "many" } }', 'a value that does not fit'],
  [
    '{ "alerts": { "burst": 1 }, "store": { "url": "env:NOT_IN_THIS_SHELL" } }',
    'a variable of another shell',
  ],
])('%s is mended by set: %s is no reason not to', async (broken) => {
  const file = await stopped();
  await writeFile(file, broken);
  const ran = await scene.run('config', 'set', 'alerts.burst', '8');
  expect([ran.exit, ran.stderr]).toEqual([0, expect.any(String)]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ alerts: { burst: 8 } });
});

it('of a file that is no configuration get says why, and set of another key names the one that is wrong', async () => {
  const file = await stopped();
  const broken = '{ "alerts": { "burst": "many" } }';
  await writeFile(file, broken);
  const got = await scene.run('config', 'get');
  expect(got.exit).toBe(78);
  expect(got.stdout).toContain('alerts.burst');
  const ran = await scene.run('config', 'set', 'log.level', 'debug', '--json');
  expect(ran.document().error).toMatchObject({
    code: 'KORA_CONFIG_INVALID',
    message: expect.stringContaining('alerts.burst'),
  });
  expect(await readFile(file, 'utf8')).toBe(broken);
});

it('a secret is referred to, and told by name alone', async () => {
  await stopped();
  const ran = await scene.run('config', 'set', 'store.url', 'env:MY_DATABASE');
  expect(ran.exit).toBe(0);
  expect(ran.stdout).not.toContain('MY_DATABASE');
});

it('a named file is written itself, and one that is code is not', async () => {
  await stopped();
  await writeFile(join(scene.folder, 'mine.json'), '{}');
  const mine = ['--config', 'mine.json'];
  expect(await scene.run('config', 'set', 'log.level', 'debug', ...mine)).toMatchObject({ exit: 0 });
  expect(JSON.parse(await readFile(join(scene.folder, 'mine.json'), 'utf8'))).toEqual({
    log: { level: 'debug' },
  });
  const code = await scene.run('config', 'set', 'log.level', 'debug', '--config', 'kora.config.ts');
  expect(code).toMatchObject({ exit: 78, stderr: expect.stringContaining('is code') });
  await writeFile(join(scene.home, 'kora.config.ts'), '');
  expect((await scene.run('config', 'get', 'log.level')).stderr).toContain('kora.config.ts is not read');
});

it('with a runtime it is asked, by the digest of what was read; what waits for a start is said', async () => {
  scene = await openScene({ running: false });
  const seen = (await scene.run('config', 'get', '--json')).document().data as { readonly digest: string };
  await scene.close();
  const written = [
    { key: 'health.cadenceSeconds', from: null, to: 60, class: 'restart-process', holds: 'restart' },
  ];
  scene = await openScene({
    routes: {
      'GET /api/config': () => ({ ...seen }),
      'POST /api/config': () => ({ ...seen, written }),
    },
  });
  const ran = await scene.run('config', 'set', 'health.cadenceSeconds', '1m', '--reason', 'closer');
  expect(ran.exit).toBe(0);
  expect(ran.stdout).toContain(
    'when the runtime is started again (restart-process): kora down && kora up --detach',
  );
  expect(scene.api.asked.at(-1)?.body).toEqual({
    changes: [{ key: 'health.cadenceSeconds', value: 60 }],
    digest: seen.digest,
    reason: 'closer',
  });
});

it('what is typed is read as the key takes it', async () => {
  scene = await openScene({ running: false });
  const of = (kind: Parameters<typeof valueFrom>[0]['kind'], unit: string | null, typed: string): unknown =>
    valueFrom({ key: 'k', kind, unit }, typed);
  expect([of('boolean', null, 'off'), of('boolean', null, 'perhaps')]).toEqual([false, 'perhaps']);
  expect([of('number', 's', '30m'), of('number', 'days', '2d'), of('number', null, '30m')]).toEqual([
    1_800,
    2,
    '30m',
  ]);
  expect([of('lines', null, 'slack, inbox'), of('lines', null, '["a"]')]).toEqual([
    ['slack', 'inbox'],
    ['a'],
  ]);
  expect(of('json', null, '{"big":{"input":1}}')).toEqual({ big: { input: 1 } });
  expect(() => of('json', null, '{')).toThrow('takes JSON');
});
