import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { ToolOptions } from '../host.ts';
import { packageNameOf } from '../package-manager.ts';
import { plugin } from '../testing/rows.ts';
import { openScene } from '../testing/scene.ts';
import type { Scene, SceneOptions } from '../testing/scene.ts';

let scene: Scene;
afterEach(async () => await scene.close());

const row = { id: 'tide', packageName: 'kora-plugin-tide', version: '1.0.0', serving: '1.0.0', reason: null };
const added = { host: null, rows: [{ ...row, outcome: 'added' }], missing: [] };

/** What the package managers of the tests were asked for, and what one does to a project. */
interface Managers {
  readonly asked: (readonly string[])[];
  readonly runTool: (options: ToolOptions) => Promise<number | null>;
}

function managers(code: number | null = 0): Managers {
  const asked: (readonly string[])[] = [];
  return {
    asked,
    runTool: async ({ command, args, cwd, onOutput }) => {
      asked.push([command, ...args]);
      onOutput('Progress: resolved 1\n');
      if (code !== 0) return code;
      const name = args.at(-1) ?? '';
      const isAdd = args[0] === 'add' || args[0] === 'install';
      const file = join(cwd, 'package.json');
      const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies: Record<string, string> };
      if (isAdd) await writePlugin(cwd, name);
      else await rm(join(cwd, 'node_modules', name), { recursive: true });
      const { [name]: _gone, ...others } = manifest.dependencies;
      manifest.dependencies = isAdd ? { ...others, [name]: '1.0.0' } : others;
      await writeFile(file, JSON.stringify(manifest));
      return 0;
    },
  };
}

async function writePlugin(folder: string, name: string): Promise<void> {
  const at = join(folder, 'node_modules', name);
  await mkdir(at, { recursive: true });
  const kora =
    name === 'left-pad'
      ? {}
      : { kora: { id: name.replace('kora-plugin-', ''), api: 1, entry: './index.js' } };
  await writeFile(
    join(at, 'package.json'),
    JSON.stringify({ name, version: '1.0.0', type: 'module', ...kora }),
  );
  await writeFile(join(at, 'index.js'), 'throw new Error("the CLI loads no plugin code")');
}

async function project(lockfile: string, options: SceneOptions): Promise<void> {
  scene = await openScene(options);
  await writeFile(join(scene.folder, 'package.json'), '{"name":"host","dependencies":{}}');
  await writeFile(join(scene.folder, 'kora.json'), '{}');
  await writeFile(join(scene.folder, lockfile), '');
}

it.each([
  ['pnpm-lock.yaml', ['pnpm', 'add', '--config.ignore-workspace-root-check=true', 'kora-plugin-tide']],
  ['package-lock.json', ['npm', 'install', '--no-audit', '--no-fund', 'kora-plugin-tide']],
  ['yarn.lock', ['yarn', 'add', 'kora-plugin-tide']],
])('add takes the package manager of the lockfile: %s', async (lockfile, command) => {
  const { asked, runTool } = managers();
  await project(lockfile, { running: false, host: { runTool } });
  const ran = await scene.run('plugin', 'add', 'kora-plugin-tide', '--json');
  expect(ran).toMatchObject({ exit: 0, stderr: expect.stringContaining('this comes with the next start') });
  expect(asked).toEqual([command]);
  expect(ran.document().data).toMatchObject({
    packages: ['kora-plugin-tide'],
    rows: expect.arrayContaining([expect.objectContaining({ id: 'tide', outcome: 'added', serving: null })]),
  });
});

it('a running runtime takes it in, and what came of it is the result', async () => {
  const { runTool } = managers();
  const routes = { 'POST /api/plugins/sync': () => added };
  await project('pnpm-lock.yaml', { routes, host: { runTool } });
  const ran = await scene.run('plugin', 'add', 'kora-plugin-tide', '--quiet');
  expect(ran).toMatchObject({ exit: 0, stderr: '' });
  expect(ran.stdout).toMatch(/^plugin +outcome +installed +serving/);
  expect(ran.stdout).toMatch(/tide +added +1\.0\.0 +1\.0\.0/);
});

it('what is no plugin is said to be none', async () => {
  const { runTool } = managers();
  await project('pnpm-lock.yaml', { running: false, host: { runTool } });
  const ran = await scene.run('plugin', 'add', 'left-pad');
  expect(ran.stderr).toContain(
    'left-pad is installed, and its package.json has no kora block: it is no plugin',
  );
});

it.each([
  [1, 'pnpm ended with 1'],
  [null, 'pnpm could not be started, or was ended'],
])('a package manager that fails (%s) is the failure, with what it printed last', async (code, message) => {
  const { runTool } = managers(code);
  await project('pnpm-lock.yaml', { running: false, host: { runTool } });
  const ran = await scene.run('plugin', 'add', 'kora-plugin-tide', '--json', '--quiet');
  expect(ran.exit).toBe(1);
  expect(ran.document().error).toMatchObject({
    code: 'KORA_PLUGIN_INSTALL',
    message: `${message}\nProgress: resolved 1`,
    hint: expect.stringMatching(/^cd .* && pnpm add .*kora-plugin-tide$/),
  });
});

it('nothing that is an option is handed on as a package', async () => {
  const { asked, runTool } = managers();
  await project('pnpm-lock.yaml', { running: false, host: { runTool } });
  expect(await scene.run('plugin', 'add', '--', '--global')).toMatchObject({ exit: 64 });
  expect(asked).toEqual([]);
});

it('without a host project there is nothing to install into', async () => {
  scene = await openScene({ running: false });
  expect(await scene.run('plugin', 'add', 'kora-plugin-tide')).toMatchObject({
    exit: 1,
    stderr: expect.stringMatching(/no host project[^]*fix: npm create kora/),
  });
});

it('remove goes by the id, and with --purge takes what it kept', async () => {
  const { asked, runTool } = managers();
  const purged = { plugin: 'tide', schema: 'plugin_tide', tables: 2, statement: null };
  const routes = {
    'POST /api/plugins/sync': () => ({
      ...added,
      rows: [{ ...row, outcome: 'removed', version: null, serving: null }],
    }),
    'POST /api/plugins/tide/purge': () => purged,
  };
  await project('package-lock.json', { routes, host: { runTool } });
  await scene.run('plugin', 'add', 'kora-plugin-tide');
  const ran = await scene.run('plugin', 'remove', 'tide', '--purge', '--reason', 'for good', '--quiet');
  expect(ran).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/tide +removed[^]*2 tables of tide dropped/),
  });
  expect(asked.at(-1)).toEqual(['npm', 'uninstall', '--no-audit', '--no-fund', 'kora-plugin-tide']);
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'for good' });
});

it('what a plugin kept that was removed long ago is purged without the package manager', async () => {
  const { asked, runTool } = managers();
  const purged = { plugin: 'gone', schema: 'plugin_gone', tables: 2, statement: null };
  await project('package-lock.json', {
    routes: { 'POST /api/plugins/gone/purge': () => purged },
    host: { runTool },
  });
  const ran = await scene.run('plugin', 'remove', 'gone', '--purge', '--reason', 'for good');
  expect(ran).toMatchObject({ exit: 0, stdout: expect.stringContaining('2 tables of gone dropped') });
  expect(asked).toEqual([]);
});

it('what comes with kora is denied, not removed', async () => {
  const { asked, runTool } = managers();
  await project('pnpm-lock.yaml', { running: false, host: { runTool } });
  expect(await scene.run('plugin', 'remove', 'probes')).toMatchObject({
    exit: 1,
    stderr: expect.stringMatching(/probes comes with kora[^]*plugins\.deny/),
  });
  expect(await scene.run('plugin', 'remove', 'nobody')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('KORA_PLUGIN_UNKNOWN'),
  });
  expect(asked).toEqual([]);
});

it.each([
  ['kora-plugin-tide', 'kora-plugin-tide'],
  ['@kora/plugin-marvin@^1.2', '@kora/plugin-marvin'],
  ['tide@next', 'tide'],
  ['./folder', undefined],
  ['https://example.org/x.tgz', undefined],
  ['github:someone/tide', undefined],
])('the name in %s is %s', (spec, name) => {
  expect(packageNameOf(spec)).toBe(name);
});

it('sync says what changed; what was refused is a finding', async () => {
  const reason = { code: 'register_failed', message: 'register threw: half way', fix: 'pnpm update tide' };
  const refused = { ...row, outcome: 'refused', version: '2.0.0', reason };
  const routes = {
    'POST /api/plugins/sync': () => ({
      host: null,
      rows: [refused, { ...row, id: 'ebb', outcome: 'unchanged' }],
      missing: ['gone'],
    }),
    'GET /api/plugins': () => [plugin({ id: 'tide', state: 'parked', digest: 'a'.repeat(64) })],
    'POST /api/plugins/tide/approve': () => ({ ...row, outcome: 'upgraded' }),
  };
  scene = await openScene({ routes });
  const ran = await scene.run('plugin', 'sync');
  expect(ran.exit).toBe(1);
  expect(ran.stdout).toMatch(/tide +refused +2\.0\.0 +1\.0\.0 +register threw: half way +pnpm update tide/);
  expect(ran.stdout).toContain('not installed  gone');
  expect(ran.stdout).not.toContain('ebb');
  const approved = await scene.run('plugin', 'approve', 'tide', '--reason', 'it may');
  expect(approved).toMatchObject({ exit: 0, stdout: expect.stringMatching(/tide +upgraded/) });
  expect(scene.api.asked.at(-1)?.body).toEqual({ reason: 'it may', digest: 'a'.repeat(64) });
  expect(await scene.run('plugin', 'approve', 'tide')).toMatchObject({ exit: 64 });
});
