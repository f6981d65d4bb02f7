import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { passingApprovals } from './approvals.ts';
import type { PluginHostOptions } from './host-options.ts';
import { PluginHost } from './host.ts';
import type { PluginSettings } from './plugin-index.ts';
import { isAlive, pidOf } from './testing/guest-bench.ts';
import { NearResidence } from './testing/near-residence.ts';
import { ScriptedHouse } from './testing/scripted-house.ts';
import { VersionsOnDisk } from './testing/versions-on-disk.ts';
import type { SyncReport } from './sync-report.ts';

// Real processes start in the first of these.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });
const never = new AbortController().signal;

let versions: VersionsOnDisk;
let house: ScriptedHouse;
let open: PluginHost[];
beforeEach(async () => {
  versions = await VersionsOnDisk.create();
  house = new ScriptedHouse();
  open = [];
});
afterEach(async () => {
  for (const host of open) await host.dispose();
  await versions[Symbol.asyncDispose]();
});

const approvals = passingApprovals;

async function hostOf(
  options: Partial<PluginHostOptions> = {},
  settings: PluginSettings = {},
): Promise<PluginHost> {
  const host = new PluginHost({
    ports: house,
    clock: systemClock(),
    log: house.log,
    home: await versions.disk.write('home', {}),
    index: await versions.index(settings),
    configBlock: () => undefined,
    ...options,
  });
  open.push(host);
  await host.loadAll(never);
  return host;
}

/** Guests run here, without a process. */
const near: Partial<PluginHostOptions> = { residence: (parts) => new NearResidence(parts) };

async function sync(host: PluginHost, settings: PluginSettings = {}, asked = true): Promise<SyncReport> {
  return host.sync(await versions.index(settings), { asked });
}

function told({ rows }: SyncReport): unknown[] {
  return rows.map(({ id, outcome, version, serving }) => [id, outcome, version, serving]);
}

const typesOf = (): string[] =>
  house.recorded.map(({ type }) => type).filter((type) => type !== 'kora.plugin.state_changed');

test('a guest is added, upgraded and removed while another serves on; its configuration and its data are kept', async () => {
  const bumps = `const { appendFileSync } = await import('node:fs');
    appendFileSync('visits', VERSION + ' ' + context.config.depth + '\\n');`;
  const config = '{ safeParseAsync: async (data) => ({ success: true, data }) }';
  const withConfig = async (id: string, version: string): Promise<void> => {
    await versions.install({ id, version, register: bumps.replace('VERSION', `'${version}'`) });
    const folder = join(versions.disk.root, `store/${id}@${version}/node_modules/${id}`);
    const entry = await readFile(join(folder, `v${version}.js`), 'utf8');
    await versions.disk.write(`store/${id}@${version}/node_modules/${id}`, {
      [`v${version}.js`]: entry.replace('config: undefined', `config: ${config}`),
    });
  };
  await versions.install({ id: 'ebb', version: '1.0.0' });
  const host = await hostOf({ configBlock: (id) => (id === 'tide' ? { depth: 7 } : undefined) });
  const other = pidOf(host, 'ebb');

  await withConfig('tide', '1.0.0');
  expect(told(await sync(host))).toEqual([
    ['tide', 'added', '1.0.0', '1.0.0'],
    ['ebb', 'unchanged', '1.0.0', '1.0.0'],
  ]);
  const first = pidOf(host, 'tide');
  await withConfig('tide', '2.0.0');
  expect(told(await sync(host))).toContainEqual(['tide', 'upgraded', '2.0.0', '2.0.0']);
  const second = pidOf(host, 'tide');
  expect([isAlive(first), isAlive(second), second === first]).toEqual([false, true, false]);
  await versions.uninstall('tide');
  expect(told(await sync(host))).toContainEqual(['tide', 'removed', null, null]);
  expect(isAlive(second)).toBe(false);
  expect(host.list().map(({ id }) => id)).toEqual(['ebb']);
  expect(pidOf(host, 'ebb')).toBe(other);

  await withConfig('tide', '3.0.0');
  await sync(host);
  const data = await dataOf('tide');
  expect(data).toBe('1.0.0 7\n2.0.0 7\n3.0.0 7\n');
  expect(typesOf()).toEqual([
    'kora.plugin.added',
    'kora.plugin.upgraded',
    'kora.plugin.removed',
    'kora.plugin.added',
  ]);
});

test('looking again at what is there registers nothing twice and disturbs nobody (daemon defect §20.2 W13)', async () => {
  await versions.install({ id: 'ebb', version: '1.0.0' });
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf(near, { trusted: ['ebb'] });
  const before = [...house.journal];
  for (const asked of [true, false, true])
    expect(told(await sync(host, { trusted: ['ebb'] }, asked))).toEqual([
      ['ebb', 'unchanged', '1.0.0', '1.0.0'],
      ['tide', 'unchanged', '1.0.0', '1.0.0'],
    ]);
  expect(house.journal).toEqual(before);
  expect(typesOf()).toEqual([]);
});

test('a version that asks for more waits for the operator while the old one serves, and over a restart', async () => {
  const book = approvals();
  await versions.install({ id: 'tide', version: '1.0.0', capabilities: ['cap_send_mail'] });
  const host = await hostOf({ ...near, approvals: book });
  await versions.install({ id: 'tide', version: '2.0.0', capabilities: ['cap_send_mail', 'cap_open_gate'] });
  expect(told(await sync(host))).toEqual([['tide', 'parked', '2.0.0', '1.0.0']]);
  expect(told(await sync(host))).toEqual([['tide', 'parked', '2.0.0', '1.0.0']]);
  expect(host.get('tide')).toMatchObject({
    state: 'loaded',
    version: '1.0.0',
    pending: {
      version: '2.0.0',
      outcome: 'parked',
      reason: {
        code: 'capabilities_grown',
        message: 'tide 2.0.0 also asks for cap_open_gate, which nobody approved',
        fix: "kora plugin approve tide --reason '...'",
      },
    },
  });
  await host.dispose();
  const again = await hostOf({ ...near, approvals: book });
  expect(again.get('tide')).toMatchObject({ state: 'parked', version: '2.0.0', pid: undefined });
  expect(house.channels.size).toBe(0);
  const row = again.index.rows.find(({ id }) => id === 'tide');
  if (row !== undefined) book.approve(row);
  expect(told(await sync(again))).toEqual([['tide', 'added', '2.0.0', '2.0.0']]);
  expect(again.list()).toHaveLength(1);
  expect(typesOf()).toEqual(['kora.plugin.parked', 'kora.plugin.added']);
});

test('a version that does not come up goes back to the one before, once; another one is tried', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf(near);
  await versions.install({ id: 'tide', version: '2.0.0', broken: true });
  const report = await sync(host, {}, false);
  expect(told(report)).toEqual([['tide', 'refused', '2.0.0', '1.0.0']]);
  expect(report.rows[0]?.reason).toMatchObject({
    code: 'register_failed',
    message: 'register threw: half way',
  });
  expect(host.get('tide')).toMatchObject({
    state: 'loaded',
    version: '1.0.0',
    pending: { version: '2.0.0', outcome: 'refused', reason: { code: 'register_failed' } },
  });
  const starts = house.owners.length;
  await sync(host, {}, false);
  expect(house.owners.length).toBe(starts);
  await versions.install({ id: 'tide', version: '2.0.1' });
  expect(told(await sync(host, {}, false))).toEqual([['tide', 'upgraded', '2.0.1', '2.0.1']]);
  expect(host.get('tide').pending).toBeUndefined();
});

test('where the next version lies in place of the last there is nothing to go back to, and that is what is said', async () => {
  await versions[Symbol.asyncDispose]();
  versions = await VersionsOnDisk.create('in place');
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf(near);
  await versions.install({ id: 'tide', version: '2.0.0', broken: true });
  expect(told(await sync(host))).toEqual([['tide', 'refused', '2.0.0', null]]);
  expect(host.get('tide')).toMatchObject({
    state: 'degraded',
    version: '2.0.0',
    reason: { code: 'register_failed' },
  });
  await versions.install({ id: 'tide', version: '3.0.0', capabilities: ['cap_send_mail'] });
  expect(told(await sync(host))).toEqual([['tide', 'parked', '3.0.0', null]]);
});

test('a version whose daemons do not start in time is no upgrade', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf({ ...near, settleMs: 50 });
  const register = `await context.registerBackgroundDaemon({ name: 'ticker', startup: async () => {}, shutdown: async () => {} });`;
  await versions.install({ id: 'tide', version: '2.0.0', register, contributes: { daemons: ['ticker'] } });
  const report = await sync(host);
  expect(told(report)).toEqual([['tide', 'refused', '2.0.0', '1.0.0']]);
  expect(report.rows[0]?.reason).toMatchObject({
    code: 'load_timeout',
    message: 'it was not loaded within 50 ms',
  });
  expect([...house.channels.keys()].sort()).toEqual(['tide', 'tide@1.0.0']);
});

test('what shares this process waits for the next start, whether it comes, changes or goes', async () => {
  const settings = { trusted: ['ebb', 'flow', 'tide'] };
  await versions.install({ id: 'ebb', version: '1.0.0' });
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf({}, settings);
  await versions.uninstall('ebb');
  await versions.install({ id: 'tide', version: '2.0.0' });
  await versions.install({ id: 'flow', version: '1.0.0' });
  const report = await sync(host, settings);
  expect(told(report)).toEqual([
    ['ebb', 'restart_needed', null, '1.0.0'],
    ['flow', 'restart_needed', '1.0.0', null],
    ['tide', 'restart_needed', '2.0.0', '1.0.0'],
  ]);
  expect(host.list().map(({ id, state, version }) => [id, state, version])).toEqual([
    ['ebb', 'loaded', '1.0.0'],
    ['flow', 'indexed', '1.0.0'],
    ['tide', 'loaded', '1.0.0'],
  ]);
  await sync(host, settings);
  expect(typesOf()).toEqual(Array.from({ length: 3 }, () => 'kora.plugin.restart_needed'));
});

test('one that is denied goes, one that is written for another contract leaves the old one serving', async () => {
  await versions.install({ id: 'ebb', version: '1.0.0' });
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf(near);
  await versions.install({ id: 'tide', version: '2.0.0', foreign: true });
  const report = await sync(host, { deny: ['ebb'] });
  expect(told(report)).toEqual([
    ['ebb', 'removed', '1.0.0', null],
    ['tide', 'refused', '2.0.0', '1.0.0'],
  ]);
  expect(host.get('ebb')).toMatchObject({ state: 'denied', reason: { code: 'denied' } });
  expect(host.get('tide')).toMatchObject({ state: 'loaded', pending: { reason: { code: 'api_mismatch' } } });
  expect(told(await sync(host))).toContainEqual(['ebb', 'added', '1.0.0', '1.0.0']);
});

test('while no code may be loaded, nothing is taken down for what could not be started', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf(near);
  await versions.install({ id: 'tide', version: '2.0.0' });
  house.door.move({ killed: true });
  const report = await sync(host);
  expect(told(report)).toEqual([['tide', 'refused', '2.0.0', '1.0.0']]);
  expect(report.rows[0]?.reason?.code).toBe('not_admitted');
  expect(host.get('tide').state).toBe('loaded');
});

test('a host that closes takes down what a sync had put in its place, and syncs no more', async () => {
  await versions.install({ id: 'tide', version: '1.0.0' });
  const host = await hostOf({ ...near, settleMs: 60_000 });
  const register = `await context.registerBackgroundDaemon({ name: 'ticker', startup: async () => {}, shutdown: async () => {} });`;
  await versions.install({ id: 'tide', version: '2.0.0', register, contributes: { daemons: ['ticker'] } });
  const underWay = sync(host);
  await vi.waitFor(() => expect(house.daemons.size).toBe(1));
  await host.dispose();
  await underWay;
  expect([house.daemons.size, house.channels.size]).toEqual([0, 0]);
  await expect(sync(host)).rejects.toMatchObject({ code: 'KORA_NOT_READY' });
});

/** What the guest wrote into its folder, wherever that is for the user of this run. */
async function dataOf(id: string): Promise<string> {
  const { createHash } = await import('node:crypto');
  const home = join(versions.disk.root, 'home');
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
  const places = [join(home, 'plugins', id), join('/var/lib/kora', hash, 'plugins', id)];
  for (const place of places) {
    const text = await readFile(join(place, 'visits'), 'utf8').catch(() => undefined);
    if (text !== undefined) return text;
  }
  throw new RangeError(`nothing was written by ${id}`);
}
