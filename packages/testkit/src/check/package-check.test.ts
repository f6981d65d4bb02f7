import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkPackage } from './package-check.ts';

let root: string;
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'kora-check-'))));
afterAll(async () => await rm(root, { recursive: true, force: true }));

const good = {
  name: 'kora-plugin-tide',
  version: '1.0.0',
  license: 'MIT',
  type: 'module',
  keywords: ['kora-plugin'],
  exports: './dist/index.js',
  files: ['dist'],
  engines: { node: '>=22.18' },
  peerDependencies: { '@kora/runtime': '>=0.1.0 <1' },
  kora: { id: 'tide', api: 1, entry: './dist/index.js', capabilities: [], secrets: [] },
};
const goodFiles: Readonly<Record<string, string>> = {
  'README.md': '# tide',
  'dist/index.js': 'throw new Error("nothing here is run");',
};

let made = 0;
async function ids(json: unknown, files: Readonly<Record<string, string>> = goodFiles): Promise<string[]> {
  const folder = join(root, String((made += 1)));
  const all = { 'package.json': typeof json === 'string' ? json : JSON.stringify(json), ...files };
  for (const [path, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return (await checkPackage(folder, '0.1.0')).map(({ id }) => id);
}

const kora = (more: object): object => ({ ...good, kora: { ...good.kora, ...more } });
const without = (key: string): object =>
  Object.fromEntries(Object.entries(good).filter(([name]) => name !== key));

it('a package that is fit for the registry has no findings, and none of its code is run', async () => {
  expect(await ids(good)).toEqual([]);
});

it.each([
  ['manifest/unreadable', '{', undefined],
  ['manifest/absent', without('kora'), undefined],
  ['manifest/malformed', kora({ id: 'kora' }), undefined],
  ['manifest/keyword', { ...good, keywords: [] }, undefined],
  ['runtime/api-mismatch', kora({ api: 2 }), undefined],
  ['runtime/runtime-too-old', kora({ minRuntime: '9.0.0' }), undefined],
  ['runtime/peer-range', { ...good, peerDependencies: { '@kora/runtime': '>=7' } }, undefined],
  ['peer/bundled', { ...good, dependencies: { '@kora/runtime': '*' } }, undefined],
  ['peer/absent', without('peerDependencies'), undefined],
  ['peer/narrow', { ...good, peerDependencies: { '@kora/runtime': '^0.1.0' } }, undefined],
  ['scripts/install', { ...good, scripts: { postinstall: 'node evil.js' } }, undefined],
  ['scripts/addon', good, { ...goodFiles, 'binding.gyp': '' }],
  ['engines/absent', without('engines'), undefined],
  ['engines/unreadable', { ...good, engines: { node: 'new' } }, undefined],
  ['engines/too-old', { ...good, engines: { node: '^18' } }, undefined],
  ['license/absent', without('license'), undefined],
  ['readme/absent', good, { 'dist/index.js': '' }],
  ['entry/missing', good, { 'README.md': '' }],
  ['entry/module', without('type'), undefined],
  ['exports/entry', { ...good, exports: './dist/other.js' }, undefined],
  ['files/entry', { ...good, files: ['lib'] }, undefined],
  ['files/all', without('files'), undefined],
  ['files/config-schema', kora({ configSchema: './dist/schema.json' }), undefined],
  ['capabilities/name', kora({ capabilities: ['mail'] }), undefined],
  ['capabilities/undeclared', good, { ...goodFiles, 'dist/index.js': 'ask("cap_send_mail")' }],
  ['secrets/undeclared', good, { ...goodFiles, 'dist/index.js': 'context.secret("API_TOKEN")' }],
])('%s is found, and nothing else', async (id, json, files) => {
  expect(await ids(json, files)).toEqual([id]);
});

it('an unreadable peer range is said by the gate and by itself', async () => {
  const found = await ids({ ...good, peerDependencies: { '@kora/runtime': 'new' } });
  expect(found.toSorted()).toEqual(['peer/unreadable', 'runtime/peer-range']);
});

it('TypeScript may be the entry of what is never published', async () => {
  const files = { 'README.md': '', 'index.ts': '' };
  const typed = {
    ...good,
    files: ['index.ts'],
    exports: './index.ts',
    kora: { ...good.kora, entry: './index.ts' },
  };
  expect(await ids(typed, files)).toEqual(['entry/typescript']);
  expect(await ids({ ...typed, private: true }, files)).toEqual([]);
});

it('an entry that a link leads out of the package is no entry', async () => {
  await writeFile(join(root, 'outside.js'), '');
  const folder = join(root, 'linked');
  await mkdir(folder);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...good, files: undefined, private: true }));
  await writeFile(join(folder, 'README.md'), '');
  await mkdir(join(folder, 'dist'));
  await symlink(join(root, 'outside.js'), join(folder, 'dist/index.js'));
  expect((await checkPackage(folder, '0.1.0')).map(({ id }) => id)).toEqual(['entry/outside']);
});
