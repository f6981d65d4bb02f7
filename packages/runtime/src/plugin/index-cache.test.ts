import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { indexPlugins } from './plugin-index.ts';
import type { IndexOptions, PluginIndex } from './plugin-index.ts';
import { VersionsOnDisk } from './testing/versions-on-disk.ts';

let versions: VersionsOnDisk;
let home: string;
let kept: string;
beforeEach(async () => {
  versions = await VersionsOnDisk.create();
  home = await versions.disk.write('home', {});
  kept = join(home, 'cache/plugins.json');
  await versions.install({ id: 'tide', version: '1.0.0' });
});
afterEach(() => versions[Symbol.asyncDispose]());

function index(over: Partial<IndexOptions> = {}): Promise<PluginIndex> {
  return indexPlugins({ startDir: versions.directory, bundled: [], runtimeVersion: '0.1.0', home, ...over });
}

/** Puts a mark into the kept rows, with a sum that fits: an answer that shows it was not read from the packages. */
async function mark(): Promise<void> {
  const { createHash } = await import('node:crypto');
  const [head = '', body = ''] = (await readFile(kept, 'utf8')).split('\n');
  const marked = body.replaceAll('"trusted":false', '"trusted":true');
  const sum = createHash('sha256').update(marked).digest('hex');
  await writeFile(kept, `${JSON.stringify({ ...(JSON.parse(head) as object), sum })}\n${marked}\n`);
}

const isKept = ({ rows }: PluginIndex): boolean => rows.some(({ trusted }) => trusted);

test('what was read once is not read again, and says the same', async () => {
  const read = await index();
  expect(await index()).toEqual(read);
  await mark();
  expect(isKept(await index())).toBe(true);
  expect(isKept(await index({ home: join(home, 'another') }))).toBe(false);
});

test.each<[string, () => Promise<Partial<IndexOptions> | void>]>([
  ['the lockfile', () => writeFile(join(versions.directory, 'pnpm-lock.yaml'), 'tide: 1.0.1\n')],
  [
    'the host project',
    async () => {
      await versions.disk.host(['tide']);
      await writeFile(join(versions.directory, 'package.json'), '{"dependencies":{"tide":"2"}}');
    },
  ],
  ['the settings', async () => ({ settings: { deny: ['ebb'] } })],
  ['the runtime', async () => ({ runtimeVersion: '0.1.1' })],
  [
    'a plugin’s package.json',
    () => versions.install({ id: 'tide', version: '1.0.0', capabilities: ['cap_send_mail'] }),
  ],
  [
    'what the package manager wrote last',
    async () => {
      await versions.disk.write('host/node_modules', { '.modules.yaml': 'x' });
    },
  ],
])('%s is another: the packages are read again', async (_, change) => {
  await index();
  await mark();
  const options = (await change()) ?? {};
  expect(isKept(await index(options))).toBe(false);
});

test('a linked package that becomes a plugin is seen without an install', async () => {
  const folder = await versions.disk.write('work/moon', {
    'package.json': '{"name":"moon","version":"1.0.0"}',
  });
  await versions.disk.host(['moon', 'tide']);
  await symlink(folder, join(versions.directory, 'node_modules/moon'));
  expect((await index()).rows.map(({ id }) => id)).toEqual(['tide']);
  const kora = { id: 'moon', api: 1, entry: './index.js' };
  await writeFile(join(folder, 'index.js'), '');
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'moon', version: '1.0.0', kora }));
  expect((await index()).rows.map(({ id }) => id)).toEqual(['moon', 'tide']);
});

test('what is not installed yet, or not built, is looked for every time', async () => {
  await versions.disk.host(['moon', 'tide']);
  expect((await index()).missing).toEqual(['moon']);
  await expect(readFile(kept)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('without a lockfile, or a home, nothing is kept', async () => {
  await rm(join(versions.directory, 'pnpm-lock.yaml'));
  await index();
  await expect(readFile(kept)).rejects.toMatchObject({ code: 'ENOENT' });
  const elsewhere = join(home, 'not-made');
  await versions.install({ id: 'ebb', version: '1.0.0' });
  await index({ home: elsewhere });
  await expect(readFile(elsewhere)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('law: a file that was cut, touched or written by another form answers nothing but the truth', async () => {
  const truth = await index();
  const whole = await readFile(kept);
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: whole.length }), fc.nat({ max: 255 }), async (at, byte) => {
      const torn = Buffer.from(whole.subarray(0, Math.max(1, at)));
      torn[torn.length - 1] = byte;
      const touched = Buffer.from(whole);
      touched[Math.min(at, whole.length - 1)] = byte;
      for (const bytes of [torn, touched, Buffer.alloc(0), Buffer.from('{"form":0}\n{}\n')]) {
        await writeFile(kept, bytes);
        expect(await index()).toEqual(truth);
      }
    }),
    { numRuns: 40 },
  );
});
