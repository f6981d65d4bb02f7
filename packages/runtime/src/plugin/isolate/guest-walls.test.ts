import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GuestBench } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';

const never = new AbortController().signal;
// Real processes start here, several at once, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('a guest reads neither the home nor the environment, writes only its folder, and starts nothing (daemon defect §20.2 W18)', async () => {
  const attempts = `
    const fs = await import('node:fs'); const { spawnSync } = await import('node:child_process');
    const { Worker } = await import('node:worker_threads');
    const outcome = {};
    const attempt = (name, work) => { try { work(); outcome[name] = 'did it'; } catch (error) { outcome[name] = error.code; } };
    attempt('token', () => fs.readFileSync(HOME + '/api-token'));
    attempt('home', () => fs.readdirSync(HOME));
    attempt('host folder', () => fs.readFileSync(HOST + '/kora.json'));
    attempt('passwd', () => fs.readFileSync('/etc/passwd'));
    attempt('parent environment', () => fs.readFileSync('/proc/' + process.ppid + '/environ'));
    attempt('child', () => { const { error } = spawnSync('id'); if (error) throw error; });
    attempt('worker', () => new Worker('1', { eval: true }));
    attempt('write outside', () => fs.writeFileSync(HOST + '/x', ''));
    attempt('write package', () => fs.writeFileSync(HOST + '/node_modules/thief/x', ''));
    attempt('write own', () => fs.writeFileSync(process.cwd() + '/mine', ''));
    attempt('link out', () => fs.symlinkSync('/etc', process.cwd() + '/etc'));
    attempt('kill the runtime', () => process.kill(process.ppid, 0));
    attempt('kill it by the older name', () => process._kill(process.ppid, 0));
    attempt('open its debugger', () => process._debugProcess(process.ppid));
    const { setPriority } = await import('node:os');
    attempt('slow it down', () => setPriority(process.ppid, 0));
    const sqlite = await import('node:sqlite').catch((error) => error.code);
    attempt('database file', () => { if (typeof sqlite === 'string') throw { code: sqlite };
      new sqlite.DatabaseSync(HOST + '/secret.db').exec('select 1'); });
    await context.notify.send({ key: 'k', thread: 't', severity: 'info', title: 't', source: 's', body: JSON.stringify(
      { outcome, env: Object.keys(process.env).sort(), uid: process.getuid() }) });`
    .replaceAll('HOME + ', `${JSON.stringify(join(bench.disk.root, 'home'))} + `)
    .replaceAll('HOME)', `${JSON.stringify(join(bench.disk.root, 'home'))})`)
    .replaceAll('HOST + ', `${JSON.stringify(join(bench.disk.root, 'host'))} + `);
  await bench.disk.plugin('thief', { id: 'thief' }, entryOf('thief', attempts));
  process.env['KORA_TEST_SECRET'] = 'secret';
  const host = await bench.hostOf(['thief']);
  await host.loadAll(never);
  delete process.env['KORA_TEST_SECRET'];
  expect(host.get('thief').reason).toBeUndefined();

  const told = JSON.parse(bench.house.messages[0]?.body ?? '{}') as {
    outcome: object;
    env: string[];
    uid: number;
  };
  const asRoot = process.getuid?.() === 0;
  expect(told.outcome).toEqual({
    token: 'ERR_ACCESS_DENIED',
    home: 'ERR_ACCESS_DENIED',
    'host folder': 'ERR_ACCESS_DENIED',
    passwd: 'ERR_ACCESS_DENIED',
    'parent environment': 'ERR_ACCESS_DENIED',
    child: 'ERR_ACCESS_DENIED',
    worker: 'ERR_ACCESS_DENIED',
    'write outside': 'ERR_ACCESS_DENIED',
    'write package': 'ERR_ACCESS_DENIED',
    'write own': 'did it',
    'link out': 'ERR_ACCESS_DENIED',
    'kill the runtime': 'KORA_PLUGIN_REFUSED',
    'kill it by the older name': 'KORA_PLUGIN_REFUSED',
    'open its debugger': 'KORA_PLUGIN_REFUSED',
    'slow it down': 'KORA_PLUGIN_REFUSED',
    // Not by the permission model, which does not see what SQLite opens.
    'database file': 'ERR_UNKNOWN_BUILTIN_MODULE',
  });
  expect(told.env).toEqual(['HOME', 'LANG', 'TMPDIR', 'TZ']);
  const forbidden = asRoot ? [0, 65_534] : [];
  expect(forbidden).not.toContain(told.uid);
});

test('packages that the user of the guest cannot reach are refused, never read for it', async () => {
  await bench.disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const host = await bench.hostOf(['fine']);
  await chmod(bench.disk.root, 0o700);
  await host.loadAll(never);
  // An ordinary user's guest is that same user, for whom its own folder is open.
  const asRoot = process.getuid?.() === 0;
  expect(host.get('fine').reason?.code).toBe(asRoot ? 'packages_closed' : undefined);
});

test('the signal that opens a debugger in a process opens none in the runtime', async () => {
  await bench.disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const host = await bench.hostOf(['fine']);
  await host.loadAll(never);
  // Without a listener of ours it would be Node's own, which says nothing here and opens a port.
  expect(process.listenerCount('SIGUSR1')).toBe(1);
});
