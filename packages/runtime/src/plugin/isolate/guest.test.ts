import { execFile } from 'node:child_process';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { PluginHost } from '../host.ts';
import type { PluginHostOptions } from '../host-options.ts';
import { indexPlugins } from '../plugin-index.ts';
import { entryOf, PackagesOnDisk } from '../testing/packages-on-disk.ts';
import { ScriptedHouse } from '../testing/scripted-house.ts';

const runtimeRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const never = new AbortController().signal;
const patience = { timeout: 20_000, interval: 20 };
// Real processes start here, several at once, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let disk: PackagesOnDisk;
let house: ScriptedHouse;
let open: PluginHost[];
beforeEach(async () => {
  disk = await PackagesOnDisk.create();
  house = new ScriptedHouse();
  open = [];
});
afterEach(async () => {
  for (const host of open) await host.dispose();
  await disk[Symbol.asyncDispose]();
});

/** A host over these packages, all of them strangers but the bundled ones, in a home with a token in it. */
async function hostOf(
  ids: readonly string[],
  options: Partial<PluginHostOptions> = {},
  bundledDirs: readonly string[] = [],
): Promise<PluginHost> {
  await disk.host(ids);
  const home = await disk.write('home', { 'api-token': 'secret' });
  const index = await indexPlugins({
    startDir: join(disk.root, 'host'),
    bundled: bundledDirs.map((packageDir) => ({ packageDir })),
    runtimeVersion: '0.1.0',
  });
  const host = new PluginHost({
    ports: house,
    clock: systemClock(),
    log: house.log,
    home,
    index,
    configBlock: () => undefined,
    ...options,
  });
  open.push(host);
  return host;
}

/** The id of a living guest. Never 0 or absent: a signal to those would go to ourselves. */
function pidOf(host: PluginHost, id: string): number {
  const { pid, reason } = host.get(id);
  if (pid === undefined || pid < 2)
    throw new RangeError(`${id} has no process: ${reason?.message ?? 'no reason'}`);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH: it is gone
  }
}

const signal = new AbortController().signal;

test('a good guest: everything it registers is called back in its process, and its words arrive', async () => {
  const entry = `
import { definePlugin } from '@kora/runtime/plugin';
import { z } from 'zod';
export default definePlugin({
  id: 'tide',
  config: z.object({ port: z.number().default(80) }),
  async register(context) {
    let started = 'no';
    await context.registerEventTypes([{ type: 'tide.turned', version: 1, means: 'the tide turned',
      payload: z.object({ height: z.number() }) }]);
    await context.registerBackgroundDaemon({
      name: 'tide', startup: async ({ timeoutMs }) => { started = 'in ' + timeoutMs; },
      shutdown: async () => { context.log.info('shut down'); },
      periodicTasks: [{ name: 'tide.look', cadence: { everyMs: 1000 }, purpose: 'observe',
        run: async ({ scheduledAt }) => {
          await context.chain.append({ type: 'tide.turned', payload: { height: context.config.port } });
          await context.tickets.add({ kind: 'k', title: scheduledAt });
          await context.notify.send({ key: 'a', thread: 't', severity: 'info', title: started, body: '', source: 's' });
          return 'noop';
        } }],
    });
    await context.registerPeriodicTask({ name: 'tide.other', cadence: { cron: '0 * * * *' }, purpose: 'act', run: async () => {} });
    await context.registerProbe({ name: 'buoy', kind: 'tide', target: 'sea', everyMs: 1000,
      check: async () => ({ status: 'healthy', details: { pid: process.pid } }) });
    await context.registerChannel({ name: 'bottle', send: async (message) => ({ receipt: message.key }) });
    await context.registerIdentityProvider({ name: 'triton', provide: async ({ workspace }) => ({
      soulMd: 'soul', systemPrompt: workspace, metadata: { agentName: 'T', agentVersion: '1', pluginName: 'tide' } }) });
    await context.registerTicketHandler({ kind: 'measure', work: async (ticket) => ({
      resolution: 'completed', summary: ticket.title, events: [{ type: 'tide.turned', payload: { height: 2 } }] }) });
    await context.subscribe({ consumer: 'watch', types: ['probe'],
      react: async (event) => event.seq === 1 ? undefined : { messages: [{ key: 'm', thread: 't', severity: 'info',
        title: event.type, body: '', source: 's' }] } });
    const gone = await context.registerChannel({ name: 'mistake', send: async () => ({ receipt: '' }) });
    await gone.dispose();
    console.log('registered all');
  },
});`;
  const contributes = {
    daemons: ['tide'],
    tasks: ['tide.look', 'tide.other'],
    probes: ['buoy'],
    channels: ['bottle'],
    identities: ['triton'],
    ticketKinds: ['measure'],
    events: ['tide.turned'],
  };
  await disk.plugin('tide', { id: 'tide', contributes }, entry);
  const modules = join(disk.root, 'host/node_modules');
  await mkdir(join(modules, '@kora'));
  await symlink(runtimeRoot, join(modules, '@kora/runtime'));
  await symlink(join(runtimeRoot, 'node_modules/zod'), join(modules, 'zod'));
  const host = await hostOf(['tide']);

  await host.loadAll(never);
  host.daemonsSettled('tide', []);

  const pid = pidOf(host, 'tide');
  const row = host.get('tide');
  expect(row).toMatchObject({ state: 'loaded', reason: undefined, isolation: 'process' });
  expect(pid).not.toBe(process.pid);
  expect(row.registered).toMatchObject({ ...contributes, subscriptions: ['watch'] });
  expect(house.owners).toEqual([{ id: 'tide', trusted: false }]);

  const daemon = house.daemons.get('tide');
  await daemon?.startup({ signal, timeoutMs: 500 });
  expect(await daemon?.periodicTasks?.[0]?.run({ signal, scheduledAt: '2026-01-01T00:00:00Z' })).toBe('noop');
  expect(house.appended).toEqual([{ type: 'tide.turned', payload: { height: 80 } }]);
  expect(house.tickets).toEqual([
    { kind: 'k', title: '2026-01-01T00:00:00Z', origin: 'plugin:tide', trusted: false },
  ]);
  expect(house.messages).toMatchObject([{ key: 'tide:a', title: 'in 500' }]);
  expect(await house.probes.get('buoy')?.check(signal)).toEqual({
    status: 'healthy',
    details: { pid },
  });
  const message = {
    messageId: 1,
    key: 'k1',
    thread: 't',
    severity: 'info',
    title: '',
    body: '',
    source: '',
  } as const;
  const sent = { ...message, correlationId: null, createdAt: '', attempt: 1 };
  expect(await house.channels.get('bottle')?.send(sent, signal)).toEqual({ receipt: 'k1' });
  expect(await house.identities.get('triton')?.provide({ workspace: 'w' })).toMatchObject({
    systemPrompt: 'w',
  });
  const ticket = { ticketId: 1, kind: 'measure', title: 'depth', objective: '', payload: {}, attempt: 1 };
  expect(await house.handlers.get('measure')?.work({ ...ticket, correlationId: null, signal })).toEqual({
    resolution: 'completed',
    summary: 'depth',
    events: [{ type: 'tide.turned', payload: { height: 2 } }],
  });
  const event = {
    seq: 2,
    eventId: 'e',
    type: 'probe.wake_requested',
    schemaVersion: 1,
    actorId: 'a',
    runtimeId: 'r',
  };
  const nulls = { sessionId: null, correlationId: null, causationId: null, ticketId: null, fence: null };
  const whole = { ...event, ...nulls, occurredAt: '', hash: '', payload: {} };
  expect(await house.subscriptions.get('watch')?.react(whole)).toMatchObject({
    messages: [{ key: 'tide:m' }],
  });
  expect(await house.subscriptions.get('watch')?.react({ ...whole, seq: 1 })).toBeUndefined();
  expect(house.eventTypes.get('tide.turned')?.payload.safeParse({ height: 'x' }).success).toBe(false);
  await vi.waitFor(() => expect(house.lines.join('\n')).toContain('registered all'), patience);

  await host.unload('tide');
  expect(isAlive(pid)).toBe(false);
  expect(house.journal.slice(-1)).toEqual(['- event tide.turned']);
  expect(house.daemons.size + house.probes.size + house.subscriptions.size).toBe(0);
  expect(house.statesOf('tide')).toEqual(['loading', 'loaded', 'draining', 'stopped']);
});

test('guests that throw, hang or exit at the start are down with their reason; the good one is there at once', async () => {
  await disk.plugin('at-import', { id: 'at-import' }, `throw new Error('no import');`);
  await disk.plugin(
    'at-register',
    { id: 'at-register' },
    entryOf(
      'at-register',
      `
    await context.registerChannel({ name: 'half', send: async () => ({ receipt: '' }) });
    throw Object.assign(new Error('no register'), { code: 'PLUGIN_MINE' });`,
    ),
  );
  await disk.plugin(
    'hangs-import',
    { id: 'hangs-import' },
    `await new Promise((r) => setInterval(() => {}, 1000));`,
  );
  await disk.plugin(
    'hangs-register',
    { id: 'hangs-register' },
    entryOf(
      'hangs-register',
      `
    await context.registerChannel({ name: 'left', send: async () => ({ receipt: '' }) });
    await new Promise(() => {});`,
    ),
  );
  await disk.plugin('loops', { id: 'loops' }, `for (;;) {}`);
  await disk.plugin('exits', { id: 'exits' }, `process.exit(3);`);
  await disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const ids = ['at-import', 'at-register', 'hangs-import', 'hangs-register', 'loops', 'exits', 'fine'];
  const host = await hostOf(ids, { importMs: 3_000, registerMs: 3_000, guests: { patienceMs: 30_000 } });

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
  expect(house.channels.size).toBe(0);
});

test('a guest that hangs keeps no boot waiting, and goes at once when the runtime does', async () => {
  await disk.plugin('loops', { id: 'loops' }, `for (;;) {}`);
  await disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const host = await hostOf(['loops', 'fine'], { guests: { patienceMs: 1_500 } });
  const begin = performance.now();
  await host.loadAll(never);
  expect(host.list().map(({ id, state }) => [id, state])).toEqual([
    ['fine', 'loaded'],
    ['loops', 'loading'],
  ]);
  await host.dispose();
  expect(performance.now() - begin).toBeLessThan(8_000);
  expect(house.statesOf('loops')).toEqual(['loading', 'draining', 'stopped']);
});

test('a mount is refused to a guest with a code and the way out', async () => {
  await disk.plugin(
    'page',
    { id: 'page' },
    entryOf(
      'page',
      `
    try { await context.registerHttpMount({ path: '/', directory: '/' }); }
    catch (error) { context.log.info(error.code + ' ' + error.fix); }`,
    ),
  );
  const host = await hostOf(['page']);
  await host.loadAll(never);
  await vi.waitFor(
    () => expect(house.lines.join('\n')).toMatch(/KORA_PLUGIN_REFUSED .*plugins\.trusted/),
    patience,
  );
  expect(host.get('page').state).toBe('loaded');
});

test('a guest registers after the trusted plugins, so it takes no name of theirs', async () => {
  const channel = `await context.registerChannel({ name: 'mail', send: async () => ({ receipt: '' }) });`;
  const late = `await new Promise((r) => setTimeout(r, 700)); ${channel}`;
  const contributes = { channels: ['mail'] };
  await disk.plugin('aaa-squatter', { id: 'aaa-squatter', contributes }, entryOf('aaa-squatter', channel));
  const ours = await disk.plugin('mailer', { id: 'mailer', contributes }, entryOf('mailer', late));
  const host = await hostOf(['aaa-squatter'], { guests: { patienceMs: 30_000 } }, [ours]);
  await host.loadAll(never);
  expect(host.get('mailer').state).toBe('loaded');
  expect(host.get('aaa-squatter').reason).toMatchObject({ code: 'register_failed' });
});

test('a guest that keeps exiting is started again with growing pauses, then quarantined', async () => {
  await disk.plugin('exits', { id: 'exits' }, entryOf('exits', `process.exit(3);`));
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
  const host = await hostOf(['exits'], {
    clock: hurried,
    guests: { patienceMs: 30_000, lookMs: 60_000, graceMs: 1_999 },
  });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('exits').state).toBe('quarantined'), patience);
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(host.get('exits').reason).toMatchObject({ code: 'guest_crashed' });
  expect(house.statesOf('exits')).toEqual([
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
  await disk.plugin(
    'chatty',
    { id: 'chatty', contributes: { channels: ['chatty'], probes: ['pid'] } },
    chatty,
  );
  const host = await hostOf(['chatty']);
  await host.loadAll(never);
  const first = pidOf(host, 'chatty');
  process.kill(first, 'SIGKILL');
  await vi.waitFor(() => expect(host.get('chatty').state).toBe('degraded'), patience);
  expect(host.get('chatty').reason).toMatchObject({
    code: 'guest_crashed',
    message: 'its process was ended by SIGKILL',
  });
  expect(house.probes.size).toBe(0);
  await vi.waitFor(() => expect(host.get('chatty').state).toBe('loaded'), patience);
  const second = pidOf(host, 'chatty');
  expect(second).not.toBe(first);
  expect(await house.probes.get('pid')?.check(signal)).toMatchObject({ details: { pid: second } });
});

test('a guest that loops while it runs is killed, and calls to it fail at their deadline', async () => {
  await disk.plugin(
    'chatty',
    { id: 'chatty', contributes: { channels: ['chatty'], probes: ['pid'] } },
    chatty,
  );
  const host = await hostOf(['chatty'], { guests: { lookMs: 100, answerMs: 300 } });
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
  const send = house.channels
    .get('chatty')
    ?.send({ ...message, correlationId: null, createdAt: '', attempt: 1 }, signal);
  await expect(send).rejects.toMatchObject({ code: 'KORA_PLUGIN_FAILED' });
  await vi.waitFor(() => expect(host.get('chatty').reason?.code).toBe('guest_killed'), patience);
  expect(host.get('chatty').reason?.message).toContain('event loop did not answer');
  expect(isAlive(pid)).toBe(false);
});

test('a guest with too much memory outside its heap is killed', async () => {
  const hoard = `globalThis.hoard = []; setInterval(() => hoard.push(Buffer.alloc(16 * 1024 * 1024, 1)), 20);`;
  await disk.plugin('hoarder', { id: 'hoarder' }, entryOf('hoarder', hoard));
  const host = await hostOf(['hoarder'], { guests: { lookMs: 50, residentMb: 200 } });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('hoarder').reason?.code).toBe('guest_killed'), patience);
  expect(host.get('hoarder').reason?.message).toContain('MB of memory');
});

test('what a guest prints is in the log under its name, within bounds', async () => {
  const flood = `console.log('hello'); console.error('oh'); for (let i = 0; i < 20000; i += 1) console.log('line ' + i);
    context.log.info('said', { n: 1 });`;
  await disk.plugin('noisy', { id: 'noisy' }, entryOf('noisy', flood));
  const host = await hostOf(['noisy']);
  await host.loadAll(never);
  expect(host.get('noisy').state).toBe('loaded');
  await host.unload('noisy');
  expect(house.lines).toContain('info hello {"stream":"stdout","plugin":"noisy"}');
  expect(house.lines).toContain('warn oh {"stream":"stderr","plugin":"noisy"}');
  expect(house.lines.filter((line) => line.startsWith('info line ')).length).toBeLessThan(1_000);
  await vi.waitFor(
    () => expect(house.lines.join('\n')).toMatch(/\d+ lines of the plugin were dropped/),
    patience,
  );
});

test('what is no message on the link is the end of the guest, not ours', async () => {
  const garble = `const { writeSync } = await import('node:fs'); setTimeout(() => writeSync(3, '{"cmd":"NODE_HANDLE"}\\nxxx\\n'), 50);`;
  await disk.plugin('garbles', { id: 'garbles' }, entryOf('garbles', garble));
  const host = await hostOf(['garbles'], { guests: { graceMs: 200 } });
  await host.loadAll(never);
  await vi.waitFor(() => expect(host.get('garbles').state).toBe('degraded'), patience);
  expect(['guest_crashed', 'guest_killed']).toContain(host.get('garbles').reason?.code);
});

test('a guest reads neither the home nor the environment, writes only its folder, and starts nothing', async () => {
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
    await context.notify.send({ key: 'k', thread: 't', severity: 'info', title: 't', source: 's', body: JSON.stringify(
      { outcome, env: Object.keys(process.env).sort(), uid: process.getuid() }) });`
    .replaceAll('HOME + ', `${JSON.stringify(join(disk.root, 'home'))} + `)
    .replaceAll('HOME)', `${JSON.stringify(join(disk.root, 'home'))})`)
    .replaceAll('HOST + ', `${JSON.stringify(join(disk.root, 'host'))} + `);
  await disk.plugin('thief', { id: 'thief' }, entryOf('thief', attempts));
  process.env['KORA_TEST_SECRET'] = 'secret';
  const host = await hostOf(['thief']);
  await host.loadAll(never);
  delete process.env['KORA_TEST_SECRET'];
  expect(host.get('thief').reason).toBeUndefined();

  const told = JSON.parse(house.messages[0]?.body ?? '{}') as { outcome: object; env: string[]; uid: number };
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
    // Where we are an ordinary user, so is the guest, and the same one: said in the documentation.
    'kill the runtime': asRoot ? 'EPERM' : 'did it',
  });
  expect(told.env).toEqual(['HOME', 'LANG', 'TMPDIR', 'TZ']);
  expect(told.uid === 0 || told.uid === 65_534).toBe(false);
});

test('a guest whose runtime was killed dies with it, even in a loop', async () => {
  await disk.plugin('loops', { id: 'loops' }, entryOf('loops', `setTimeout(() => { for (;;) {} }, 50);`));
  await disk.host(['loops']);
  const home = await disk.write('home', {});
  const script = await disk.write('runtime', {
    'run.mts': `
      import { PluginHost, indexPlugins } from ${JSON.stringify(join(runtimeRoot, 'src/plugin/index.ts'))};
      import { systemClock } from ${JSON.stringify(join(runtimeRoot, 'src/clock/index.ts'))};
      import { ScriptedHouse } from ${JSON.stringify(join(runtimeRoot, 'src/plugin/testing/scripted-house.ts'))};
      const house = new ScriptedHouse();
      const index = await indexPlugins({ startDir: ${JSON.stringify(join(disk.root, 'host'))}, bundled: [], runtimeVersion: '0.1.0' });
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

test('the data folder is swept of links before a start', async () => {
  await disk.plugin('fine', { id: 'fine' }, entryOf('fine', `context.log.info(process.cwd());`));
  const host = await hostOf(['fine']);
  await host.loadAll(never);
  await vi.waitFor(() => expect(house.lines.join('\n')).toMatch(/plugins\/fine/), patience);
  const folder = /info (\S+plugins\/fine)/.exec(house.lines.join('\n'))?.[1] ?? '';
  await host.unload('fine');
  await symlink('/etc', join(folder, 'way-out'));
  await writeFile(join(folder, 'kept'), 'x');
  const again = await hostOf(['fine']);
  await again.loadAll(never);
  expect(again.get('fine').state).toBe('loaded');
  expect(await readdir(folder)).toEqual(['kept']);
});
