import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { indexPlugins } from './plugin-index.ts';
import type { IndexOptions, IndexRow, PluginIndex } from './plugin-index.ts';
import { entryOf, PackagesOnDisk } from './testing/packages-on-disk.ts';

let disk: PackagesOnDisk;
beforeEach(async () => {
  disk = await PackagesOnDisk.create();
});
afterEach(() => disk[Symbol.asyncDispose]());

function index(options: Partial<IndexOptions> = {}): Promise<PluginIndex> {
  return indexPlugins({
    startDir: join(disk.root, 'host'),
    bundled: [],
    runtimeVersion: '0.1.0',
    ...options,
  });
}

function rowOf(found: PluginIndex, id: string): IndexRow {
  const row = found.rows.find((each) => each.id === id);
  if (row === undefined)
    throw new RangeError(`no row ${id} among ${found.rows.map((each) => each.id).join(', ')}`);
  return row;
}

test('the dependencies of the host that have a kora block are plugins; others are not', async () => {
  await disk.host(['tide', 'left-pad', '@acme/kora-moon', 'not-installed']);
  await disk.plugin('tide', { id: 'tide' }, entryOf('tide', ''));
  await disk.plugin('@acme/kora-moon', { id: 'moon' }, entryOf('moon', ''));
  await disk.write('host/node_modules/left-pad', { 'package.json': '{"name":"left-pad","version":"1.0.0"}' });
  await disk.plugin('lies-in-node-modules-only', { id: 'stray' }, entryOf('stray', ''));

  const found = await index();

  expect(found.rows.map(({ id, state, origin, trusted }) => [id, state, origin, trusted])).toEqual([
    ['moon', 'indexed', 'host', false],
    ['tide', 'indexed', 'host', false],
  ]);
  expect(found.missing).toEqual(['not-installed']);
  expect(rowOf(found, 'tide').entry).toBe(join(disk.root, 'host/node_modules/tide/dist/index.js'));
});

test('an exports map that hides package.json hides no plugin', async () => {
  await disk.host(['hidden']);
  await disk.plugin('hidden', { id: 'hidden' }, entryOf('hidden', ''));
  expect((await index()).rows.map(({ id }) => id)).toEqual(['hidden']);
});

test('no host project is fine: the bundled plugins are there, and trusted', async () => {
  const marvin = await disk.plugin('@kora/plugin-marvin', { id: 'marvin' }, entryOf('marvin', ''));
  const found = await index({ startDir: '/', bundled: [{ packageDir: marvin }] });
  expect(found.host).toBeUndefined();
  expect(found.rows.map(({ id, origin, trusted }) => [id, origin, trusted])).toEqual([
    ['marvin', 'bundled', true],
  ]);
});

test('a bundled plugin may be named and resolved from a folder', async () => {
  await disk.plugin('@kora/plugin-marvin', { id: 'marvin' }, entryOf('marvin', ''));
  const from = join(disk.root, 'host');
  const found = await index({ startDir: '/', bundled: [{ name: '@kora/plugin-marvin', from }] });
  expect(rowOf(found, 'marvin').state).toBe('indexed');
});

test('the host project is found from a folder below it', async () => {
  const host = await disk.host([]);
  await disk.write('host/deep/down', { 'package.json': '{"name":"unrelated"}' });
  expect((await index({ startDir: join(host, 'deep/down') })).host?.directory).toBe(host);
});

test("the host's copy of a bundled plugin replaces it and is trusted only when the host names it", async () => {
  await disk.host(['@kora/plugin-marvin']);
  const old = await disk.write('cli', {
    'package.json': JSON.stringify({
      name: '@kora/plugin-marvin',
      version: '1.0.0',
      kora: { id: 'marvin', api: 1, entry: './index.js' },
    }),
    'index.js': entryOf('marvin', ''),
  });
  await disk.plugin('@kora/plugin-marvin', { id: 'marvin' }, entryOf('marvin', ''));
  const bundled = [{ packageDir: old }];

  const plain = await index({ bundled });
  expect(plain.rows.map(({ origin, version, trusted }) => [origin, version, trusted])).toEqual([
    ['host', '1.2.3', false],
  ]);
  expect(rowOf(await index({ bundled, settings: { trusted: ['marvin'] } }), 'marvin').trusted).toBe(true);
});

test('a stranger whose manifest is broken cannot switch a bundled plugin off', async () => {
  await disk.host(['kora-plugin-marvin']);
  await disk.plugin('kora-plugin-marvin', { id: 'Marvin!' }, entryOf('marvin', ''));
  const bundled = await disk.plugin('@kora/plugin-marvin', { id: 'marvin' }, entryOf('marvin', ''));
  const found = await index({ bundled: [{ packageDir: bundled }] });
  expect(found.rows.map(({ packageName, state }) => [packageName, state])).toEqual([
    ['@kora/plugin-marvin', 'indexed'],
    ['kora-plugin-marvin', 'incompatible'],
  ]);
});

test('a manifest that does not parse is a row that names file and key', async () => {
  await disk.host(['kora-plugin-wrong']);
  const directory = await disk.plugin('kora-plugin-wrong', { id: 'wrong', api: 'one', entry: 7 });
  const row = rowOf(await index(), 'wrong');
  expect(row.state).toBe('incompatible');
  expect(row.reason?.code).toBe('manifest_invalid');
  expect(row.reason?.message).toContain(join(directory, 'package.json'));
  expect(row.reason?.message).toContain('kora.api');
  expect(row.reason?.message).toContain('kora.entry');
});

test('a package.json that is no JSON is a row when it speaks of kora', async () => {
  await disk.host(['kora-plugin-cut']);
  await disk.write('host/node_modules/kora-plugin-cut', {
    'package.json': '{"name":"kora-plugin-cut","kora":{',
  });
  expect(rowOf(await index(), 'cut').reason?.code).toBe('manifest_invalid');
});

test('two packages with one id: both shown, the later refused', async () => {
  await disk.host(['aaa', 'bbb', 'ccc']);
  await disk.plugin('aaa', { id: 'tide' }, entryOf('tide', ''));
  await disk.plugin('bbb', { id: 'tide' }, entryOf('tide', ''));
  await disk.plugin('ccc', { id: 'other' }, entryOf('other', ''));
  const found = await index();
  expect(found.rows.map(({ packageName, state }) => [packageName, state])).toEqual([
    ['ccc', 'indexed'],
    ['aaa', 'indexed'],
    ['bbb', 'incompatible'],
  ]);
  expect(found.rows[2]?.reason).toMatchObject({
    code: 'duplicate_id',
    fix: expect.stringContaining('kora plugin remove bbb'),
  });
});

test('deny wins over everything that names a plugin; an allowlist needs it named', async () => {
  await disk.host(['tide', 'moon']);
  await disk.plugin('tide', { id: 'tide' }, entryOf('tide', ''));
  await disk.plugin('moon', { id: 'moon' }, entryOf('moon', ''));
  const denied = await index({
    settings: { deny: ['tide'], trusted: ['tide'], mode: 'allowlist', allow: ['tide'] },
  });
  expect(rowOf(denied, 'tide')).toMatchObject({ state: 'denied', reason: { code: 'denied' } });
  expect(rowOf(denied, 'moon')).toMatchObject({ state: 'denied', reason: { code: 'not_allowed' } });
});

test('an entry that is absent, or that a link leads out of the package, is refused', async () => {
  await disk.host(['unbuilt', 'outward']);
  await disk.plugin('unbuilt', { id: 'unbuilt' });
  const outward = await disk.plugin('outward', { id: 'outward', entry: './link.js' });
  await writeFile(join(disk.root, 'elsewhere.js'), entryOf('outward', ''));
  await symlink(join(disk.root, 'elsewhere.js'), join(outward, 'link.js'));
  const found = await index();
  expect(rowOf(found, 'unbuilt').reason?.code).toBe('entry_missing');
  expect(rowOf(found, 'outward').reason?.message).toContain('leads out of the package');
});

test('the version gate says what does not fit and the command that mends it', async () => {
  await disk.host(['future', 'young', 'narrow']);
  await disk.plugin('future', { id: 'future', api: 2 }, entryOf('future', ''));
  await disk.plugin('young', { id: 'young', minRuntime: '0.9.0' }, entryOf('young', ''));
  const narrow = await disk.plugin('narrow', { id: 'narrow' }, entryOf('narrow', ''));
  await writeFile(
    join(narrow, 'package.json'),
    JSON.stringify({
      name: 'narrow',
      version: '1.0.0',
      peerDependencies: { '@kora/runtime': '^0.4.0' },
      kora: { id: 'narrow', api: 1, entry: './dist/index.js' },
    }),
  );
  const found = await index();
  expect(rowOf(found, 'future').reason).toMatchObject({
    code: 'api_mismatch',
    fix: 'pnpm add @kora/runtime@latest',
  });
  expect(rowOf(found, 'young').reason).toMatchObject({
    code: 'runtime_too_old',
    fix: 'pnpm add @kora/runtime@^0.9.0',
  });
  expect(rowOf(found, 'narrow').reason).toMatchObject({
    code: 'peer_range',
    fix: 'kora plugin add narrow@latest',
  });
  expect(rowOf(await index({ runtimeVersion: '0.9.0-next.2' }), 'future').state).toBe('incompatible');
});

test('a host project that cannot be read says so and names the file', async () => {
  const host = await disk.host([]);
  await writeFile(join(host, 'package.json'), '{"dependencies": [');
  await expect(index()).rejects.toMatchObject({ code: 'KORA_CONFIG_UNREADABLE' });
});

test('the index is the same whenever it is taken', async () => {
  await disk.host(['tide', 'moon', 'aaa']);
  for (const id of ['tide', 'moon', 'aaa']) await disk.plugin(id, { id }, entryOf(id, ''));
  expect(await index()).toEqual(await index());
});
