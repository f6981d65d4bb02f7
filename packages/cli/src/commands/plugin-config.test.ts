import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginConfigSchema } from '@kora/runtime/client';
import type { PluginConfig } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import { openScene } from '../testing/scene.ts';
import type { Scene } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const seen: PluginConfig = {
  plugin: 'tides',
  file: '/srv/kora.json',
  hash: 'h1',
  inForce: true,
  block: { place: 'Brest', everyMs: 5 },
  schema: { type: 'object' },
  schemaFrom: 'code',
  values: [
    { key: 'place', value: 'Brest', origin: 'kora.json', secret: false },
    { key: 'unit', value: 'm', origin: 'default', secret: false },
  ],
  problems: [],
  secrets: [
    {
      name: 'API_KEY',
      variable: 'KORA_PLUGIN_TIDES_API_KEY',
      origin: 'file',
      reads: 3,
      lastReadAt: '2026-07-01T11:59:00.000Z',
      problem: null,
    },
  ],
  fields: [],
};

/** A host project with one plugin that names its schema and a secret. */
async function hostProject(folder: string, block: object): Promise<void> {
  const put = async (path: string, content: object): Promise<void> => {
    const file = join(folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, JSON.stringify(content));
  };
  await put('package.json', { name: 'host', dependencies: { 'kora-plugin-tides': '1.0.0' } });
  await put('kora.json', { plugins: { config: { tides: block } } });
  const kora = {
    id: 'tides',
    api: 1,
    entry: './index.js',
    configSchema: './config.json',
    secrets: ['API_KEY'],
  };
  await put('node_modules/kora-plugin-tides/package.json', {
    name: 'kora-plugin-tides',
    version: '1.0.0',
    kora,
  });
  await put('node_modules/kora-plugin-tides/config.json', {
    type: 'object',
    properties: { place: { type: 'string' }, unit: { type: 'string', default: 'm' } },
    required: ['place'],
  });
  await writeFile(
    join(folder, 'node_modules/kora-plugin-tides/index.js'),
    'throw new Error("no code is loaded")',
  );
}

it('shows each value with its origin, secrets by name, and the schema', async () => {
  scene = await openScene({ routes: { 'GET /api/plugins/tides/config': () => seen } });
  const { exit, stdout } = await scene.run('plugin', 'config', 'tides');
  expect(exit).toBe(0);
  expect(stdout).toMatch(/place +Brest +kora\.json/);
  expect(stdout).toMatch(/unit +m +default/);
  expect(stdout).toMatch(/API_KEY +KORA_PLUGIN_TIDES_API_KEY_FILE +said +3/);
  expect(stdout).toContain('"type": "object"');
});

it('writes what was set over what was read, with the hash of that, JSON or text', async () => {
  const bodies: unknown[] = [];
  scene = await openScene({
    routes: {
      'GET /api/plugins/tides/config': () => seen,
      'POST /api/plugins/tides/config': ({ body }) => {
        bodies.push(body);
        return { ...seen, applied: 'restarted', state: 'loaded', reason: null };
      },
    },
  });
  const set = ['--set', 'place=Cap de la Hague', '--set', 'everyMs=100', '--unset', 'unit'];
  const ran = await scene.run('plugin', 'config', 'tides', ...set, '--reason', 'we moved');
  expect(ran).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('was started with it and is loaded'),
  });
  expect(bodies).toEqual([
    { block: { place: 'Cap de la Hague', everyMs: 100 }, hash: 'h1', reason: 'we moved' },
  ]);
  expect(await scene.run('plugin', 'config', 'tides', '--set', 'place')).toMatchObject({ exit: 64 });
  expect(await scene.run('plugin', 'config', 'tides', '--set', 'a=1')).toMatchObject({ exit: 64 });
});

it('with no runtime, manifest and kora.json speak, and no code of the plugin is loaded; what is wrong exits 78', async () => {
  scene = await openScene({ running: false });
  await hostProject(scene.folder, { place: 7 });
  const wrong = await scene.run('plugin', 'config', 'tides', '--json');
  expect(wrong.exit).toBe(78);
  const data = pluginConfigSchema.parse(wrong.document().data);
  expect(data).toMatchObject({
    schemaFrom: 'manifest',
    problems: [{ path: 'plugins.config.tides.place' }],
    secrets: [{ name: 'API_KEY', variable: 'KORA_PLUGIN_TIDES_API_KEY', origin: null }],
  });
  const validate = await scene.run('config', 'validate');
  expect(validate).toMatchObject({ exit: 78, stderr: expect.stringContaining('plugins.config.tides.place') });
  await hostProject(scene.folder, { place: 'Brest' });
  expect(await scene.run('plugin', 'config', 'kora-plugin-tides')).toMatchObject({ exit: 0 });
  expect(await scene.run('config', 'validate')).toMatchObject({ exit: 0 });
  expect(await scene.run('plugin', 'config', 'nobody')).toMatchObject({ exit: 1 });
});
