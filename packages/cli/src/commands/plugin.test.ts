import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginSchema } from '@kora/runtime/client';
import { afterEach, expect, it } from 'vitest';
import { announceRunning, openScene } from '../testing/scene.ts';
import { plugin } from '../testing/rows.ts';
import type { Scene } from '../testing/scene.ts';

const bare = plugin();

let scene: Scene;
afterEach(async () => await scene.close());

/** A host project with one plugin that fits and one whose manifest does not parse. */
async function hostProject(folder: string): Promise<void> {
  const put = async (path: string, content: unknown): Promise<void> => {
    const file = join(folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  };
  await put('package.json', {
    name: 'host',
    dependencies: { 'kora-plugin-a': '1.0.0', 'kora-plugin-b': '1.0.0', absent: '1.0.0' },
  });
  await put('kora.json', '{ "plugins": { "deny": ["b"] } }');
  const block = { api: 1, entry: './index.js', contributes: { daemons: ['ticker'] } };
  for (const id of ['a', 'b']) {
    const manifest = {
      name: `kora-plugin-${id}`,
      version: '1.2.3',
      type: 'module',
      keywords: ['kora-plugin'],
      kora: { id: `${id}${id}`, ...block },
    };
    await put(`node_modules/kora-plugin-${id}/package.json`, manifest);
    await put(`node_modules/kora-plugin-${id}/index.js`, 'throw new Error("the CLI loads no plugin code")');
  }
}

it('with no runtime, the manifests speak: state indexed, nothing registered, a note beside it', async () => {
  scene = await openScene({ running: false });
  await hostProject(scene.folder);
  const ran = await scene.run('plugin', 'list', '--json');
  expect(ran).toMatchObject({ exit: 0, stderr: 'no runtime is running: this is what the manifests say\n' });
  const rows = (ran.document().data as unknown[]).map((row) => pluginSchema.parse(row));
  expect(rows.find(({ id }) => id === 'aa')).toMatchObject({
    state: 'indexed',
    origin: 'host',
    trusted: false,
    version: '1.2.3',
    registered: {},
    contributes: { daemons: ['ticker'] },
  });
  expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(['cockpit', 'probes', 'promote-loops']));
  expect((await scene.run('plugin', 'list', '--quiet')).stderr).toBe('');
});

it('a runtime that died a moment ago counts as none', async () => {
  scene = await openScene();
  await announceRunning(scene.home, 'http://127.0.0.1:1');
  expect(await scene.run('plugin', 'list')).toMatchObject({
    exit: 0,
    stderr: expect.stringContaining('no runtime is running'),
  });
});

it('why names the reason and the step, and is honest when there is none', async () => {
  scene = await openScene({ running: false });
  await hostProject(scene.folder);
  await writeFile(join(scene.folder, 'kora.json'), '{ "plugins": { "deny": ["bb"] } }');
  const denied = await scene.run('plugin', 'why', 'bb', '--quiet');
  expect(denied).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(
      /^bb {2}denied\ndenied: plugins.deny names bb\nfix: remove "bb" from plugins.deny/,
    ),
  });
  const well = await scene.run('plugin', 'why', 'kora-plugin-a', '--quiet');
  expect(well.stdout).toContain('nothing keeps it from loading at the next start');
  const away = await scene.run('plugin', 'why', 'absent', '--quiet');
  expect(away).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^absent {2}not_installed\nnot_installed: absent is named/),
  });
  expect((await scene.run('plugin', 'why', 'zz', '--json')).document().data).toMatchObject({
    state: 'not_installed',
    fix: 'kora plugin add <its package>',
    looked: expect.arrayContaining([expect.stringMatching(/^the host project is /)]),
  });
  const none = await scene.run('plugin', 'show', 'zz', '--json');
  expect(none).toMatchObject({ exit: 1 });
  expect(none.document().error).toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
});

it('a running runtime answers why, for the start of an id and for what is not there', async () => {
  const said = {
    version: null,
    origin: null,
    trusted: null,
    reason: null,
    looked: ['a'],
    decided: 'plugins.deny',
    fix: null,
  };
  const plugins = [{ ...bare, id: 'tide', packageName: 'kora-plugin-tide' }];
  const why = ({ path }: { path: string }): object => ({
    ...said,
    id: path.split('/').at(-2),
    state: 'loaded',
  });
  scene = await openScene({
    routes: {
      'GET /api/plugins': () => plugins,
      'GET /api/plugins/tide/why': why,
      'GET /api/plugins/zz/why': why,
    },
  });
  expect((await scene.run('plugin', 'why', 'ti')).stdout).toBe(
    'tide  loaded\nnothing is wrong with it\ndecided by: plugins.deny in kora.json\n- a\n',
  );
  expect((await scene.run('plugin', 'why', 'zz')).stdout).toMatch(/^zz /);
});
