import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PluginSettings } from './plugin-index.ts';
import { VersionsOnDisk } from './testing/versions-on-disk.ts';
import { whyPlugin } from './why.ts';
import type { KnownPlugin, PluginWhy } from './why.ts';

let versions: VersionsOnDisk;
beforeEach(async () => {
  versions = await VersionsOnDisk.create();
});
afterEach(() => versions[Symbol.asyncDispose]());

async function why(
  asked: string,
  settings: PluginSettings = {},
  known?: (rows: readonly KnownPlugin[]) => readonly KnownPlugin[],
): Promise<PluginWhy> {
  const index = await versions.index(settings);
  return whyPlugin(index, settings, known?.(index.rows) ?? index.rows, asked);
}

test('of a plugin that is well: nothing to mend, and what was looked at', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  expect(await why('tide')).toMatchObject({
    id: 'tide',
    state: 'indexed',
    version: '1.0.0',
    origin: 'host',
    trusted: false,
    reason: null,
    decided: null,
    fix: null,
    looked: [
      expect.stringMatching(/^the host project is .*package\.json$/),
      "tide is one of the project's dependencies",
      expect.stringMatching(/holds version 1\.0\.0$/),
      'nobody named it in plugins.trusted: it runs in a process of its own',
    ],
  });
});

test.each<[PluginSettings, string, string]>([
  [{ deny: ['tide'] }, 'plugins.deny', 'plugins.deny names it'],
  [{ mode: 'allowlist' }, 'plugins.mode', 'plugins.mode is "allowlist"'],
  [{ trusted: ['tide'] }, 'plugins.trusted', 'plugins.trusted names it'],
])('the setting that decided is named: %j', async (settings, decided, looked) => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const said = await why('tide', settings);
  expect(said.decided).toBe(decided);
  expect(said.looked).toContain(looked);
});

test('a version that waits stands beside the one that serves, with what lets it in', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const reason = {
    code: 'capabilities_grown',
    message: 'it also asks for cap_x',
    fix: 'kora plugin approve tide',
  };
  const pending = { version: '2.0.0', outcome: 'parked', reason } as const;
  const said = await why('tide', {}, (rows) => rows.map((row) => ({ ...row, pending })));
  expect(said).toMatchObject({ state: 'indexed', reason, fix: 'kora plugin approve tide' });
  expect(said.looked).toContain('version 2.0.0 is installed and waits for your word: it also asks for cap_x');
});

test('what is not there has its reason too: named and missing, no plugin, or nothing at all', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  await versions.disk.write('host/node_modules/left-pad', { 'package.json': '{"name":"left-pad"}' });
  await versions.disk.host(['tide', 'left-pad', 'gone']);
  const said = await Promise.all(['gone', 'left-pad', 'moon'].map((asked) => why(asked)));
  expect(said.map(({ state }) => state)).toEqual(['not_installed', 'not_installed', 'not_installed']);
  expect(said.map(({ reason }) => reason?.message)).toEqual([
    "gone is named in the project's dependencies and is not installed",
    'left-pad is installed, and its package.json has no kora block: it is no plugin',
    'no dependency of the project has the id or the name moon',
  ]);
  expect(said.map(({ fix }) => fix !== null)).toEqual([true, true, true]);
  expect((await why('moon', { deny: ['moon'] })).looked).toContain('plugins.deny names it');
});
