import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { daemonSchema, identitySchema, pluginSchema, statusSchema, verifySchema } from '@kora/runtime/client';
import type { PluginRowView } from '@kora/runtime/client';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ended } from './harness/child.ts';
import { HostProject } from './harness/host-project.ts';
import { House, type Up } from './harness/house.ts';
import { until } from './harness/wait.ts';

const broken = ['broken-import', 'broken-manifest', 'broken-hang', 'broken-exit'];
const strangers = ['kora-plugin-tides', ...broken.map((name) => `kora-plugin-${name}`)];

const plugins = z.array(pluginSchema);
const identities = z.array(identitySchema);

describe('a host project outside the repository, with packed packages and strangers’ plugins', () => {
  const house = new House();
  const host = new HostProject(house);
  let installed: Ended;
  let up: Up;

  beforeAll(async () => {
    host.prepare({ http: { port: 0 }, plugins: { config: { tides: { place: 'Brest', everyMs: 200 } } } });
    await host.buildFixture('stranger');
    for (const name of broken) host.packFixture(name);
    installed = await host.add('@kora/runtime', '@kora/cli', ...strangers);
    up = await house.up();
  }, 240_000);

  afterAll(() => house[Symbol.asyncDispose]());

  it('pnpm add ends with 0 and complains of no build script', () => {
    expect(installed.code, installed.stdout + installed.stderr).toBe(0);
    expect(installed.stdout + installed.stderr).not.toMatch(/IGNORED_BUILDS|ignored build scripts/i);
  });

  it('runs the packages of the project, not those of the repository', async () => {
    const { data } = await house.read(plugins, 'plugin', 'list');
    for (const { directory } of data) expect(directory).toContain(host.folder);
  });

  it('the stranger is proven, in a process of its own that is not the runtime’s user', async () => {
    const tides = await until('tides to be proven', async () => {
      const row = await plugin(house, 'tides');
      return row.state === 'proven' ? row : undefined;
    });
    expect(tides).toMatchObject({ isolation: 'process', trusted: false, reason: null, version: '1.0.0' });
    expect(tides.pid).not.toBe(up.ready.pid);
    const status = readFileSync(`/proc/${tides.pid}/status`, 'utf8');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    expect(uid).toBeGreaterThan(0);
    const { data: daemon } = await house.read(daemonSchema, 'daemon', 'show', 'tides');
    expect(daemon).toMatchObject({ pluginName: 'tides', state: 'running', fatal: false });
  });

  it('its events are on the chain, in its own words', async () => {
    const events = z.array(z.object({ payload: z.object({ place: z.string(), heightM: z.number() }) }));
    const { data } = await house.read(events, 'event', 'tail', '--type', 'tides.reckoned');
    expect(data.length).toBeGreaterThan(0);
    expect(data[0]?.payload.place).toBe('Brest');
  });

  const reasons: { id: string; state: RegExp; code: RegExp; says: RegExp }[] = [
    { id: 'broken-import', state: /^degraded$/, code: /^import_failed$/, says: /throws when it is imported/ },
    {
      id: 'broken-manifest',
      state: /^incompatible$/,
      code: /^manifest_invalid$/,
      says: /kora\.id .*kora\.api /s,
    },
    { id: 'broken-hang', state: /^degraded$/, code: /^register_timeout$/, says: /./ },
    { id: 'broken-exit', state: /^(degraded|quarantined)$/, code: /crash|exit/, says: /7/ },
  ];
  it.each(reasons)('$id is there with its reason and what mends it', async ({ id, state, code, says }) => {
    const row = await until(`${id} to have failed`, async () => {
      const found = await plugin(house, id);
      return found.reason === null ? undefined : found;
    });
    expect(row.state).toMatch(state);
    expect(row.reason?.code).toMatch(code);
    expect(row.reason?.message).toMatch(says);
    const why = await house.kora('plugin', 'why', id);
    expect(why.stdout).toContain(row.reason?.fix ?? 'a fix');
  });

  it('harms nobody: the runtime is ready, the others work, the chain verifies', async () => {
    const { data: status } = await house.read(statusSchema, 'status');
    expect(status).toMatchObject({ primaryState: 'ready', degradationReasons: [], holds: [] });
    for (const id of ['probes', 'promote-loops', 'cockpit', 'reasoning'])
      expect(await plugin(house, id)).toMatchObject({ origin: 'bundled', reason: null });
    expect((await plugin(house, 'probes')).state).toBe('proven');
    expect((await house.read(verifySchema, 'event', 'verify')).data.ok).toBe(true);
  });

  it('stops with all its guests: nothing is left', async () => {
    house.remember(up.ready.pid);
    expect((await house.kora('down')).code).toBe(0);
    await house.empty();
  });

  it('marvin, added to the project, is used by name', async () => {
    const added = await host.add('@kora/plugin-marvin');
    expect(added.code, added.stdout + added.stderr).toBe(0);
    // Its own tests come with it, and need nothing but Node and the runtime; wherever it lies, it finds its files.
    const elsewhere = join(host.folder, 'elsewhere/marvin');
    cpSync(realpathSync(join(host.folder, 'node_modules/@kora/plugin-marvin')), elsewhere, {
      recursive: true,
    });
    const tests = execFileSync(process.execPath, ['--test', 'test/identity.js'], {
      cwd: elsewhere,
      encoding: 'utf8',
    });
    expect(tests).toMatch(/\bpass 6\b[^]*\bfail 0\b/);
    up = await house.up();
    expect((await house.kora('identity', 'use', 'marvin', '--reason', 'a wish')).code).toBe(0);
    await until('marvin to be who Kora is', async () => {
      const { data } = await house.read(identities, 'identity', 'list');
      return data.some(({ name, active }) => name === 'marvin' && active);
    });
    expect((await house.read(identitySchema, 'identity', 'show')).data.soulMd.length).toBeGreaterThan(100);
    expect((await house.kora('down')).code).toBe(0);
    await house.empty();
  });
});

async function plugin(house: House, id: string): Promise<PluginRowView> {
  const { data } = await house.read(plugins, 'plugin', 'list');
  const row = data.find((one) => one.id === id);
  if (row === undefined) throw new Error(`${id} is not listed: ${data.map((one) => one.id).join(', ')}`);
  return row;
}
