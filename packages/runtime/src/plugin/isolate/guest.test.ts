import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { coordinatorView } from '../../daemon/testing/view.ts';
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
          await context.notify.send({ key: 'a', thread: 't', severity: 'info', title: started,
            body: 'quiet ' + (await context.notify.isQuiet()), source: 's' });
          const leave = await context.admit({ door: 'model_call', callId: 'c1', route: 'fast', estimateMicroUsd: 5 });
          if (leave.allow) await context.settle('c1', { costMicroUsd: 4 });
          await context.admit({ door: 'plugin_load' }).catch((error) => context.log.info(error.code));
          context.log.info('answered ' + (await context.approvals.wait(12)));
          await context.approvals.wait(0).catch((error) => context.log.info('unread ' + error.code));
          return 'noop';
        } }],
    });
    await context.registerPeriodicTask({ name: 'tide.other', cadence: { cron: '0 * * * *' }, purpose: 'act', run: async () => {} });
    await context.registerProbe({ name: 'buoy', kind: 'tide', target: 'sea', everyMs: 1000,
      check: async () => ({ status: 'healthy', details: { pid: process.pid } }) });
    await context.registerChannel({ name: 'bottle', send: async (message) => ({ receipt: message.key }) });
    await context.registerCapability({ id: 'cap_raise_tide', title: 'raise it', risk: 'high', defaultVerdict: 'ask' });
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
  await bench.disk.plugin('tide', { id: 'tide', contributes }, entry);
  const modules = join(bench.disk.root, 'host/node_modules');
  await mkdir(join(modules, '@kora'));
  await symlink(runtimeRoot, join(modules, '@kora/runtime'));
  await symlink(join(runtimeRoot, 'node_modules/zod'), join(modules, 'zod'));
  const host = await bench.hostOf(['tide']);

  await host.loadAll(never);
  host.daemonsSettled('tide', []);

  const pid = pidOf(host, 'tide');
  const row = host.get('tide');
  expect(row).toMatchObject({ state: 'loaded', reason: undefined, isolation: 'process' });
  expect(pid).not.toBe(process.pid);
  expect(row.registered).toMatchObject({ ...contributes, subscriptions: ['watch'] });
  expect(bench.house.owners).toMatchObject([{ id: 'tide', trusted: false }]);

  const daemon = bench.house.daemons.get('tide');
  await daemon?.startup(coordinatorView({ timeoutMs: 500 }));
  expect(await daemon?.periodicTasks?.[0]?.run({ signal, scheduledAt: '2026-01-01T00:00:00Z' })).toBe('noop');
  expect(bench.house.appended).toEqual([{ type: 'tide.turned', payload: { height: 80 } }]);
  expect(bench.house.calls).toEqual([
    { door: 'model_call', callId: 'c1', route: 'fast', estimateMicroUsd: 5 },
  ]);
  expect(bench.house.settled).toEqual([{ callId: 'c1', costMicroUsd: 4 }]);
  expect(bench.house.capabilities.get('cap_raise_tide')).toEqual({
    id: 'cap_raise_tide',
    title: 'raise it',
    risk: 'high',
    defaultVerdict: 'ask',
  });
  const words = (): string => bench.house.lines.join('\n');
  await vi.waitFor(
    () => expect(words()).toMatch(/answered approved[^]*unread KORA_PLUGIN_INVALID/),
    patience,
  );
  expect(bench.house.tickets).toEqual([
    { kind: 'k', title: '2026-01-01T00:00:00Z', origin: 'plugin:tide', trusted: false },
  ]);
  expect(bench.house.messages).toMatchObject([{ key: 'tide:a', title: 'in 500' }]);
  expect(await bench.house.probes.get('buoy')?.check(signal)).toEqual({
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
  const sent = { ...message, correlationId: null, attachments: [], createdAt: '', attempt: 1 };
  expect(await bench.house.channels.get('bottle')?.send(sent, signal)).toEqual({ receipt: 'k1' });
  expect(await bench.house.identities.get('triton')?.provide({ workspace: 'w' })).toMatchObject({
    systemPrompt: 'w',
  });
  const ticket = {
    ticketId: 1,
    kind: 'measure',
    title: 'depth',
    objective: '',
    payload: {},
    attempt: 1,
    fence: 3,
    correlationId: null,
    signal,
    progress: () => {},
    note: () => Promise.resolve(),
    operation: () => Promise.reject(new Error('it measures and does nothing')),
  };
  expect(await bench.house.handlers.get('measure')?.work(ticket)).toEqual({
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
  expect(await bench.house.subscriptions.get('watch')?.react(whole)).toMatchObject({
    messages: [{ key: 'tide:m' }],
  });
  expect(await bench.house.subscriptions.get('watch')?.react({ ...whole, seq: 1 })).toBeUndefined();
  expect(bench.house.eventTypes.get('tide.turned')?.payload.safeParse({ height: 'x' }).success).toBe(false);
  await vi.waitFor(() => expect(bench.house.lines.join('\n')).toContain('registered all'), patience);

  await host.unload('tide');
  expect(isAlive(pid)).toBe(false);
  expect(bench.house.journal.slice(-1)).toEqual(['- event tide.turned']);
  expect(bench.house.daemons.size + bench.house.probes.size + bench.house.subscriptions.size).toBe(0);
  expect(bench.house.statesOf('tide')).toEqual(['loading', 'loaded', 'proven', 'draining', 'stopped']);
});

test('a mount of files that its package did not bring is refused with a code and the way out', async () => {
  await bench.disk.plugin(
    'page',
    { id: 'page' },
    entryOf(
      'page',
      `
    try { await context.registerHttpMount({ path: '/', directory: '/' }); }
    catch (error) { context.log.info(error.code + ' ' + error.fix); }`,
    ),
  );
  const host = await bench.hostOf(['page']);
  await host.loadAll(never);
  await vi.waitFor(
    () => expect(bench.house.lines.join('\n')).toMatch(/KORA_PLUGIN_REFUSED .*answer with handle/),
    patience,
  );
  expect(host.get('page').state).toBe('loaded');
});

test('a guest registers after the trusted plugins, so it takes no name of theirs', async () => {
  const channel = `await context.registerChannel({ name: 'mail', send: async () => ({ receipt: '' }) });`;
  const late = `await new Promise((r) => setTimeout(r, 700)); ${channel}`;
  const contributes = { channels: ['mail'] };
  await bench.disk.plugin(
    'aaa-squatter',
    { id: 'aaa-squatter', contributes },
    entryOf('aaa-squatter', channel),
  );
  const ours = await bench.disk.plugin('mailer', { id: 'mailer', contributes }, entryOf('mailer', late));
  const host = await bench.hostOf(['aaa-squatter'], { guests: { patienceMs: 30_000 } }, [ours]);
  await host.loadAll(never);
  expect(host.get('mailer').state).toBe('loaded');
  expect(host.get('aaa-squatter').reason).toMatchObject({ code: 'register_failed' });
});

test('what a guest prints is in the log under its name, within bounds', async () => {
  const flood = `console.log('hello'); console.error('oh'); for (let i = 0; i < 20000; i += 1) console.log('line ' + i);
    context.log.info('said', { n: 1 });`;
  await bench.disk.plugin('noisy', { id: 'noisy' }, entryOf('noisy', flood));
  const host = await bench.hostOf(['noisy']);
  await host.loadAll(never);
  expect(host.get('noisy').state).toBe('loaded');
  await host.unload('noisy');
  expect(bench.house.lines).toContain('info hello {"stream":"stdout","plugin":"noisy"}');
  expect(bench.house.lines).toContain('warn oh {"stream":"stderr","plugin":"noisy"}');
  expect(bench.house.lines.filter((line) => line.startsWith('info line ')).length).toBeLessThan(1_000);
  await vi.waitFor(
    () => expect(bench.house.lines.join('\n')).toMatch(/\d+ lines of the plugin were dropped/),
    patience,
  );
});

test('the data folder is swept of links before a start', async () => {
  await bench.disk.plugin('fine', { id: 'fine' }, entryOf('fine', `context.log.info(process.cwd());`));
  const host = await bench.hostOf(['fine']);
  await host.loadAll(never);
  await vi.waitFor(() => expect(bench.house.lines.join('\n')).toMatch(/plugins\/fine/), patience);
  const folder = /info (\S+plugins\/fine)/.exec(bench.house.lines.join('\n'))?.[1] ?? '';
  await host.unload('fine');
  await symlink('/etc', join(folder, 'way-out'));
  await writeFile(join(folder, 'kept'), 'x');
  const again = await bench.hostOf(['fine']);
  await again.loadAll(never);
  expect(again.get('fine').state).toBe('loaded');
  expect(await readdir(folder)).toEqual(['kept']);
});

test('a guest’s service token is asked about across the wall, and a boot gate and a fix are refused to it', async () => {
  await bench.disk.plugin(
    'mail',
    { id: 'mail' },
    entryOf(
      'mail',
      `
    await context.registerServiceToken({ name: 'imap', check: async () => ({ state: 'refused', detail: 'revoked' }) });
    await context.registerServiceToken({ name: 'odd', check: async () => ({ state: 'perhaps' }) });
    try { await context.registerBootGate({ gateId: 'g', title: 'G', gateClass: 'invariant', run: async () => ({}) }); }
    catch (error) { context.log.info(error.code + ' ' + error.fix); }
    try { await context.registerFix({ probe: 'p', fixName: 'f', mode: 'auto', execute: async () => {} }); }
    catch (error) { context.log.info(error.code + ' ' + error.fix); }`,
    ),
  );
  const host = await bench.hostOf(['mail']);
  await host.loadAll(never);
  for (const refused of [/KORA_PLUGIN_REFUSED .*registerBootGate/, /KORA_PLUGIN_REFUSED .*registerFix/])
    await vi.waitFor(() => expect(bench.house.lines.join('\n')).toMatch(refused), patience);
  const check = (name: string): Promise<unknown> | undefined =>
    bench.house.serviceTokens.get(name)?.check(never);
  expect(await check('imap')).toEqual({ state: 'refused', detail: 'revoked' });
  await expect(check('odd')).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
  await host.unload('mail');
  expect(bench.house.serviceTokens.size).toBe(0);
});
