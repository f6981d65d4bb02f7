import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { GuestBench, isAlive, pidOf } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';

const runtimeRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const never = new AbortController().signal;
const signal = never;
const patience = { timeout: 20_000, interval: 20 };
// Real processes start here, several at once, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('guests that throw, hang or exit at the start are down with their reason; the good one is there at once', async () => {
  await bench.disk.plugin('at-import', { id: 'at-import' }, `throw new Error('no import');`);
  await bench.disk.plugin(
    'at-register',
    { id: 'at-register' },
    entryOf(
      'at-register',
      `
    await context.registerChannel({ name: 'half', send: async () => ({ receipt: '' }) });
    throw Object.assign(new Error('no register'), { code: 'PLUGIN_MINE' });`,
    ),
  );
  await bench.disk.plugin(
    'hangs-import',
    { id: 'hangs-import' },
    `await new Promise((r) => setInterval(() => {}, 1000));`,
  );
  await bench.disk.plugin(
    'hangs-register',
    { id: 'hangs-register' },
    entryOf(
      'hangs-register',
      `
    await context.registerChannel({ name: 'left', send: async () => ({ receipt: '' }) });
    await new Promise(() => {});`,
    ),
  );
  await bench.disk.plugin('loops', { id: 'loops' }, `for (;;) {}`);
  await bench.disk.plugin('exits', { id: 'exits' }, `process.exit(3);`);
  await bench.disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const ids = ['at-import', 'at-register', 'hangs-import', 'hangs-register', 'loops', 'exits', 'fine'];
  const host = await bench.hostOf(ids, {
    importMs: 3_000,
    registerMs: 3_000,
    guests: { patienceMs: 30_000 },
  });

  const loading = host.loadAll(never);
  await vi.waitFor(() => expect(host.get('fine').state).toBe('loaded'), patience);
  expect(host.get('loops').state).toBe('loading');
  await loading;

  expect(host.list().map(({ id, state, reason }) => [id, state, reason?.code])).toEqual([
    ['at-import', 'degraded', 'import_failed'],
    ['at-register', 'degraded', 'register_failed'],
    ['exits', 'degraded', 'guest_crashed'],
    ['fine', 'loaded', undefined],
    ['hangs-import', 'degraded', 'import_timeout'],
    ['hangs-register', 'degraded', 'register_timeout'],
    ['loops', 'degraded', 'import_timeout'],
  ]);
  expect(host.get('at-import').reason?.message).toBe('import threw: no import');
  expect(host.get('exits').reason?.message).toContain('exited with code 3');
  expect(bench.house.channels.size).toBe(0);
});

test('a guest that hangs keeps no boot waiting, and goes at once when the runtime does', async () => {
  await bench.disk.plugin('loops', { id: 'loops' }, `for (;;) {}`);
  await bench.disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  // Waiting for its import, here or at the end, would outlast this test.
  const host = await bench.hostOf(['loops', 'fine'], { importMs: 600_000, guests: { patienceMs: 500 } });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('fine').state).toBe('loaded'), patience);
  expect(host.get('loops').state).toBe('loading');
  await host.dispose();
  expect(bench.house.statesOf('loops')).toEqual(['loading', 'draining', 'stopped']);
});

test('a guest that keeps exiting is started again with growing pauses, then quarantined', async () => {
  await bench.disk.plugin('exits', { id: 'exits' }, entryOf('exits', `process.exit(3);`));
  const clock = systemClock();
  const pauses: number[] = [];
  const hurried: typeof clock = {
    ...clock,
    sleep: (ms, signal) => {
      const isBackoff = [1_000, 2_000, 4_000, 8_000].includes(ms);
      if (isBackoff) pauses.push(ms);
      return clock.sleep(isBackoff ? 10 : ms, signal);
    },
  };
  const host = await bench.hostOf(['exits'], {
    clock: hurried,
    guests: { patienceMs: 30_000, lookMs: 60_000, graceMs: 1_999 },
  });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('exits').state).toBe('quarantined'), patience);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(host.get('exits').reason).toMatchObject({ code: 'guest_crashed' });
  expect(bench.house.statesOf('exits')).toEqual([
    'loading',
    'degraded(guest_crashed)',
    'quarantined(guest_crashed)',
  ]);
});

const chatty = entryOf(
  'chatty',
  `await context.registerChannel({ name: 'chatty', send: async () => { for (;;) {} } });
   await context.registerProbe({ name: 'pid', kind: 'x', target: 't', everyMs: 1000,
     check: async () => ({ status: 'healthy', details: { pid: process.pid } }) });`,
);

test('kill -9 of a guest: its registrations are gone, it comes back and registers again', async () => {
  await bench.disk.plugin(
    'chatty',
    { id: 'chatty', contributes: { channels: ['chatty'], probes: ['pid'] } },
    chatty,
  );
  const host = await bench.hostOf(['chatty']);
  await host.loadAll(never);
  const first = pidOf(host, 'chatty');
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(host.get('chatty').state).toBe('degraded'), patience);
  expect(host.get('chatty').reason).toMatchObject({
    code: 'guest_crashed',
    message: 'its process was ended by SIGKILL',
  });
  expect(bench.house.probes.size).toBe(0);
  await vi.waitFor(() => expect(host.get('chatty').state).toBe('loaded'), patience);
  const second = pidOf(host, 'chatty');
  expect(second).not.toBe(first);
  expect(await bench.house.probes.get('pid')?.check(signal)).toMatchObject({ details: { pid: second } });
});

test('a guest that loops while it runs is killed, and calls to it fail at their deadline', async () => {
  await bench.disk.plugin(
    'chatty',
    { id: 'chatty', contributes: { channels: ['chatty'], probes: ['pid'] } },
    chatty,
  );
  const host = await bench.hostOf(['chatty'], { guests: { lookMs: 100, answerMs: 300 } });
  await host.loadAll(never);
  const pid = pidOf(host, 'chatty');
  const message = {
    messageId: 1,
    key: 'k',
    thread: 't',
    severity: 'info',
    title: '',
    body: '',
    source: '',
  } as const;
  const send = bench.house.channels
    .get('chatty')
    ?.send({ ...message, correlationId: null, attachments: [], createdAt: '', attempt: 1 }, signal);
  await expect(send).rejects.toMatchObject({ code: 'KORA_PLUGIN_FAILED' });
  await vi.waitFor(() => expect(host.get('chatty').reason?.code).toBe('guest_killed'), patience);
  expect(host.get('chatty').reason?.message).toContain('event loop did not answer');
  expect(isAlive(pid)).toBe(false);
});

test('a guest with too much memory outside its heap is killed', async () => {
  const hoard = `globalThis.hoard = []; setInterval(() => hoard.push(Buffer.alloc(16 * 1024 * 1024, 1)), 20);`;
  await bench.disk.plugin('hoarder', { id: 'hoarder' }, entryOf('hoarder', hoard));
  const host = await bench.hostOf(['hoarder'], { guests: { lookMs: 50, residentMb: 200 } });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('hoarder').reason?.code).toBe('guest_killed'), patience);
  expect(host.get('hoarder').reason?.message).toContain('MB of memory');
});

test('what is no message on the link is the end of the guest, not ours', async () => {
  const garble = `const { writeSync } = await import('node:fs'); setTimeout(() => writeSync(3, '{"cmd":"NODE_HANDLE"}\\nxxx\\n'), 50);`;
  await bench.disk.plugin('garbles', { id: 'garbles' }, entryOf('garbles', garble));
  const host = await bench.hostOf(['garbles'], { guests: { graceMs: 200 } });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('garbles').state).toBe('degraded'), patience);
  expect(['guest_crashed', 'guest_killed']).toContain(host.get('garbles').reason?.code);
});

test('a guest whose runtime was killed dies with it, even in a loop', async () => {
  await bench.disk.plugin(
    'loops',
    { id: 'loops' },
    entryOf('loops', `setTimeout(() => { for (;;) {} }, 50);`),
  );
  await bench.disk.host(['loops']);
  const home = await bench.disk.write('home', {});
  const script = await bench.disk.write('runtime', {
    'run.mts': `
      import { PluginHost, indexPlugins } from ${JSON.stringify(join(runtimeRoot, 'src/plugin/index.ts'))};
      import { systemClock } from ${JSON.stringify(join(runtimeRoot, 'src/clock/index.ts'))};
      import { ScriptedHouse } from ${JSON.stringify(join(runtimeRoot, 'src/plugin/testing/scripted-house.ts'))};
      const house = new ScriptedHouse();
      const index = await indexPlugins({ startDir: ${JSON.stringify(join(bench.disk.root, 'host'))}, bundled: [], runtimeVersion: '0.1.0' });
      const host = new PluginHost({ ports: house, clock: systemClock(), log: house.log, home: ${JSON.stringify(home)}, index,
        configBlock: () => undefined });
      await host.loadAll(new AbortController().signal);
      console.log(host.get('loops').pid);
      await new Promise((r) => setTimeout(r, 300));
      process.kill(process.pid, 'SIGKILL');`,
  });
  const run = promisify(execFile)(process.execPath, [join(script, 'run.mts')]);
  // It dies by its own hand, which is a rejection that carries what it printed.
  const printed: unknown = await run.catch((error: unknown) => error);
  const pid = Number((printed as { stdout: string }).stdout.trim());
  expect(pid).toBeGreaterThan(1);
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), patience);
});
