import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { contains } from '../locate.ts';
import { PackagesOnDisk } from '../testing/packages-on-disk.ts';
import { accountFor } from './account.ts';
import { readGrants } from './grants.ts';
import { Pace } from './pace.ts';
import { argumentsOf } from './process.ts';
import { requireReach } from './reach.ts';

let disk: PackagesOnDisk;
beforeEach(async () => {
  disk = await PackagesOnDisk.create();
});
afterEach(() => disk[Symbol.asyncDispose]());

/** A workspace beside the host: a plugin linked into it, with a dependency that lies in the workspace's own store. */
async function linkedPlugin(): Promise<string> {
  const plugin = await disk.write('work/plugin', {
    'package.json': JSON.stringify({ name: 'linked', dependencies: { knots: '1.0.0' } }),
  });
  const knots = await disk.write('work/store/knots', { 'package.json': '{"name":"knots"}' });
  await mkdir(join(plugin, 'node_modules'));
  await symlink(knots, join(plugin, 'node_modules/knots'));
  await mkdir(join(disk.root, 'host/node_modules'), { recursive: true });
  return plugin;
}

test('a guest may read its package, the modules of the host, and what these lead to; nothing around them', async () => {
  const plugin = await linkedPlugin();
  const hostDirectory = join(disk.root, 'host');
  const home = await disk.write('host/.kora', {});
  const grants = await readGrants({ directory: plugin, hostDirectory, guestFiles: ['/runtime/dist'], home });
  expect(grants).toEqual(
    [
      '/runtime/dist',
      join(hostDirectory, 'node_modules'),
      plugin,
      join(disk.root, 'work/store/knots'),
    ].sort(),
  );
  for (const grant of grants) expect(contains(grant, home)).toBe(false);
});

test('a grant that would open the home is refused', async () => {
  const plugin = await linkedPlugin();
  const home = await disk.write('work/plugin/.kora', {});
  const options = { directory: plugin, hostDirectory: undefined, guestFiles: [], home };
  await expect(readGrants(options)).rejects.toMatchObject({ details: { reason: 'packages_closed' } });
});

test('packages in a folder that is closed to the user of the guest are refused, with the folder and the way out', async () => {
  const plugin = await disk.write('closed/plugin', { 'package.json': '{}' });
  const account = { uid: 61_500, gid: 61_500 };
  await requireReach([join(plugin, 'package.json')], account);
  await chmod(join(disk.root, 'closed'), 0o700);
  await expect(requireReach([join(plugin, 'package.json')], account)).rejects.toMatchObject({
    details: { reason: 'packages_closed' },
    fix: expect.stringContaining(`chmod o+x ${join(disk.root, 'closed')}`),
  });
  await requireReach([join(plugin, 'package.json')], undefined);
});

test('as root each plugin has a user of its own, the same every time; else there is no choice', async () => {
  const [one, again, other] = await Promise.all(
    ['tide', 'tide', 'moon'].map((id) => accountFor('/home', id)),
  );
  expect(again).toEqual(one);
  const isRoot = process.getuid?.() === 0;
  expect(one === undefined).toBe(!isRoot);
  expect(isRoot && one?.uid === other?.uid).toBe(false);
  expect([0, 65_534]).not.toContain(one?.uid);
});

test('a pace lets a burst through, then asks for the time that the rest costs', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 100);
  expect(pace.spend(200)).toBe(0);
  expect(pace.spend(50)).toBe(500);
  await clock.advance(500);
  expect(pace.take(1)).toBe(false);
  await clock.advance(10);
  expect(pace.take(1)).toBe(true);
});

test('flags that a Node does not know are left out; one that holds the network gives it to whoever declared it', () => {
  const walls = {
    plugin: 'tide',
    nodePath: 'node',
    code: { entry: '/guest.js', files: [], fromSource: false },
    grants: ['/package'],
    folder: '/data',
    account: undefined,
    heapMb: 128,
    network: true,
  };
  const plain = argumentsOf(walls, new Set());
  expect(plain).toEqual([
    '--permission',
    '--allow-fs-read=/package',
    '--allow-fs-read=/data',
    '--allow-fs-write=/data',
    '--max-old-space-size=128',
    '--title=kora-plugin tide',
    '/guest.js',
  ]);
  const newer = new Set(['--experimental-sqlite', '--disable-sigusr1', '--allow-net']);
  const added = (given: readonly string[]): readonly string[] =>
    given.filter((flag) => !plain.includes(flag));
  const held = ['--no-experimental-sqlite', '--disable-sigusr1'];
  expect(added(argumentsOf(walls, newer))).toEqual([...held, '--allow-net']);
  expect(added(argumentsOf({ ...walls, network: false }, newer))).toEqual(held);
  // And this Node knows the two.
  expect(argumentsOf(walls)).toEqual(expect.arrayContaining(held));
});
