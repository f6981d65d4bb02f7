import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { PluginHost } from './host.ts';
import type { PluginHostOptions } from './host-options.ts';
import { indexPlugins } from './plugin-index.ts';
import type { PluginSettings } from './plugin-index.ts';
import { entryOf, PackagesOnDisk } from './testing/packages-on-disk.ts';
import { ScriptedHouse } from './testing/scripted-house.ts';
import { ScriptedTicket } from './testing/scripted-ticket.ts';

const never = new AbortController().signal;
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

interface Given {
  readonly settings?: PluginSettings;
  readonly options?: Partial<PluginHostOptions>;
}

/** A host over these packages, all of them trusted. */
async function hostOf(ids: readonly string[], given: Given = {}): Promise<PluginHost> {
  await disk.host(ids);
  const index = await indexPlugins({
    startDir: join(disk.root, 'host'),
    bundled: [],
    runtimeVersion: '0.1.0',
    settings: { trusted: ids, ...given.settings },
  });
  const host = new PluginHost({
    ports: house,
    clock: systemClock(),
    log: house.log,
    home: disk.root,
    index,
    configBlock: () => undefined,
    ...given.options,
  });
  open.push(host);
  return host;
}

const daemon = `await context.registerBackgroundDaemon({
  name: 'ticker', startup: async () => {}, shutdown: async () => {},
  periodicTasks: [{ name: 'tick', cadence: { everyMs: 1000 }, purpose: 'observe', run: async () => 'ok' }],
});`;

test('a plugin is loading until its daemons have started, loaded then, and proven after its first tick', async () => {
  await disk.plugin(
    'tide',
    { id: 'tide', contributes: { daemons: ['ticker'], tasks: ['tick'] } },
    entryOf('tide', daemon),
  );
  const host = await hostOf(['tide']);
  await host.loadAll(never);
  expect(host.get('tide')).toMatchObject({
    state: 'loading',
    isolation: 'in-process',
    registered: { daemons: ['ticker'], tasks: ['tick'] },
  });
  host.daemonsSettled('tide', []);
  expect(host.get('tide').state).toBe('loaded');
  host.ticked('tide');
  expect(host.get('tide').state).toBe('proven');
  await host.unload('tide');
  expect(host.get('tide')).toMatchObject({ state: 'stopped', registered: { daemons: [] } });
  await host.dispose();
  expect(house.statesOf('tide')).toEqual(['loading', 'loaded', 'proven', 'draining', 'stopped']);
  expect(house.journal).toEqual(['+ daemon ticker', '- daemon ticker']);
});

test('a daemon that does not start makes its plugin degraded until a later start succeeds', async () => {
  await disk.plugin(
    'tide',
    { id: 'tide', contributes: { daemons: ['ticker'], tasks: ['tick'] } },
    entryOf('tide', daemon),
  );
  const host = await hostOf(['tide']);
  await host.loadAll(never);
  host.daemonsSettled('tide', ['ticker: no network']);
  expect(host.get('tide')).toMatchObject({ state: 'degraded', reason: { code: 'daemon_failed' } });
  host.daemonsSettled('tide', []);
  expect(host.get('tide')).toMatchObject({ state: 'loaded', reason: undefined });
});

test('a throw in register undoes all of it in reverse, and the others stand', async () => {
  const half = `await context.registerProbe({ name: 'a', kind: 'x', target: 't', everyMs: 1000, check: async () => {} });
    await context.registerChannel({ name: 'b', send: async () => ({ receipt: '' }) });
    throw new Error('half way');`;
  await disk.plugin('broken', { id: 'broken' }, entryOf('broken', half));
  await disk.plugin('fine', { id: 'fine' }, entryOf('fine', ''));
  const host = await hostOf(['broken', 'fine']);
  await host.loadAll(never);
  expect(house.journal).toEqual(['+ probe a', '+ channel b', '- channel b', '- probe a']);
  expect(host.get('broken')).toMatchObject({
    state: 'degraded',
    reason: { code: 'register_failed', message: 'register threw: half way' },
    registered: { probes: [], channels: [] },
  });
  expect(host.get('fine').state).toBe('loaded');
});

test('a register that hangs is given up at its deadline, undone, and serves nothing afterwards', async () => {
  const hang = `await context.registerChannel({ name: 'b', send: async () => ({ receipt: '' }) });
    globalThis.laterCall = () => context.registerChannel({ name: 'late', send: async () => ({ receipt: '' }) });
    await new Promise(() => {});`;
  await disk.plugin('slow', { id: 'slow' }, entryOf('slow', hang));
  const host = await hostOf(['slow'], { options: { registerMs: 50 } });
  await host.loadAll(never);
  expect(host.get('slow')).toMatchObject({ state: 'degraded', reason: { code: 'register_timeout' } });
  const { laterCall } = globalThis as unknown as { laterCall: () => Promise<unknown> };
  await expect(laterCall()).rejects.toMatchObject({ code: 'KORA_PLUGIN_GONE' });
  expect(house.journal).toEqual(['+ channel b', '- channel b']);
});

test('a handler of a plugin that went begins nothing more for its ticket; what it had begun is still answered', async () => {
  const work = `await context.registerTicketHandler({ kind: 'measure', work: async ({ note, operation, progress, signal }) => {
    progress({ percent: 1 });
    await note('begun');
    const spec = { id: 'pay', tool: 'bank', sideEffects: 'once' };
    const paid = await operation(spec, () => new Promise((resolve) => { globalThis.pay = resolve; }));
    progress({ percent: 2 });
    const codes = await Promise.all([note('late'), operation({ ...spec, id: 'more' }, async () => 'ran')]
      .map((late) => late.then(() => 'let through', (error) => error.code)));
    return { resolution: 'completed', summary: [paid, ...codes, String(signal.aborted)].join(' ') };
  } });`;
  await disk.plugin('near', { id: 'near', contributes: { ticketKinds: ['measure'] } }, entryOf('near', work));
  const host = await hostOf(['near']);
  await host.loadAll(never);
  const ticket = new ScriptedTicket();
  const worked = house.handlers.get('measure')?.work(ticket);
  await expect.poll(() => ticket.ledger).toHaveLength(1);
  await host.unload('near');
  const { pay } = globalThis as unknown as { pay: (answer: string) => void };
  pay('paid');
  expect(await worked).toMatchObject({ summary: 'paid KORA_PLUGIN_GONE KORA_PLUGIN_GONE false' });
  expect(ticket.ledger).toEqual([expect.stringMatching(/^begun .*"pay"/), 'answered "paid"']);
  expect(ticket.notes).toEqual(['begun']);
  expect(ticket.reports).toEqual([{ percent: 1 }]);
});

test('what cannot be imported, is no plugin, or is another plugin, says so', async () => {
  await disk.plugin('throws', { id: 'throws' }, `throw new Error('at import');`);
  await disk.plugin('nothing', { id: 'nothing' }, 'export default 42;');
  await disk.plugin('masked', { id: 'masked' }, entryOf('another', ''));
  const host = await hostOf(['throws', 'nothing', 'masked']);
  await host.loadAll(never);
  expect(host.get('throws').reason).toMatchObject({
    code: 'import_failed',
    message: 'import threw: at import',
  });
  expect(host.get('nothing').reason).toMatchObject({ code: 'not_a_plugin' });
  expect(host.get('masked').reason?.message).toContain('exports the plugin another');
});

test('configuration errors name the key as the operator wrote it', async () => {
  const schema = `{ safeParseAsync: async () => ({ success: false, error: { issues: [
    { path: ['port'], message: 'expected number' }, { path: ['list', 0], message: 'empty' }] } }) }`;
  const entry = entryOf('tide', '').replace('config: undefined', `config: ${schema}`);
  await disk.plugin('tide', { id: 'tide' }, entry);
  await disk.plugin('bare', { id: 'bare' }, entryOf('bare', ''));
  const host = await hostOf(['tide', 'bare'], { options: { configBlock: () => ({ port: 'x' }) } });
  await host.loadAll(never);
  expect(host.get('tide').reason).toMatchObject({
    code: 'config_invalid',
    message: 'plugins.config.tide.port: expected number; plugins.config.tide.list.0: empty',
    fix: 'correct plugins.config.tide in kora.json',
  });
  expect(host.get('bare').reason?.message).toContain('plugins.config.bare.port');
});

test('a channel that is declared and not set up is no difference', async () => {
  const contributes = { daemons: ['ticker'], tasks: ['tick'], channels: ['mail'] };
  await disk.plugin('mailer', { id: 'mailer', contributes }, entryOf('mailer', daemon));
  const host = await hostOf(['mailer']);
  await host.loadAll(never);
  host.daemonsSettled('mailer', []);
  expect(host.get('mailer')).toMatchObject({ state: 'loaded' });
  expect(host.get('mailer').reason).toBeUndefined();
});

test('declared and registered must match; probes beyond the list come from configuration', async () => {
  const probe = `await context.registerProbe({ name: 'shop', kind: 'http', target: 't', everyMs: 1000, check: async () => {} });`;
  await disk.plugin(
    'differs',
    { id: 'differs', contributes: { daemons: ['other'] } },
    entryOf('differs', daemon),
  );
  await disk.plugin(
    'prober',
    { id: 'prober', contributes: { probes: ['http', 'tcp'] } },
    entryOf('prober', probe),
  );
  const host = await hostOf(['differs', 'prober']);
  await host.loadAll(never);
  host.daemonsSettled('differs', []);
  expect(host.get('differs').reason).toMatchObject({
    code: 'declared_mismatch',
    message:
      'daemons declared and not registered: other; daemons registered and not declared: ticker; ' +
      'tasks registered and not declared: tick',
  });
  expect(host.get('prober').state).toBe('loaded');
});

test('refused plugins are rows with their reason and none of their code runs', async () => {
  await disk.plugin('future', { id: 'future', api: 9 }, `globalThis.ran = true;`);
  await disk.plugin('denied', { id: 'denied' }, `globalThis.ran = true;`);
  const host = await hostOf(['future', 'denied'], { settings: { deny: ['denied'] } });
  await host.loadAll(never);
  await host.dispose();
  expect(host.list().map(({ id, state, reason }) => [id, state, reason?.code])).toEqual([
    ['denied', 'denied', 'denied'],
    ['future', 'incompatible', 'api_mismatch'],
  ]);
  expect(house.statesOf('future')).toEqual(['incompatible(api_mismatch)']);
  expect((globalThis as { ran?: boolean }).ran).toBeUndefined();
});

test("an event type of a plugin begins with the plugin's id", async () => {
  const foreign = `await context.registerEventTypes([{ type: 'other.thing', version: 1, payload: {}, means: '' }]);`;
  await disk.plugin('tide-table', { id: 'tide-table' }, entryOf('tide-table', foreign));
  const host = await hostOf(['tide-table']);
  await host.loadAll(never);
  expect(host.get('tide-table').reason?.message).toContain('must begin with tide_table.');
});

test('a chain that cannot take the change does not keep a plugin from running', async () => {
  await disk.plugin('tide', { id: 'tide' }, entryOf('tide', ''));
  house.record = () => Promise.reject(new Error('store away'));
  const host = await hostOf(['tide']);
  await host.loadAll(never);
  expect(host.get('tide').state).toBe('loaded');
  await host.dispose();
  expect(house.lines.filter((line) => line.includes('could not be recorded'))).not.toHaveLength(0);
});

test('an unknown plugin has a code', async () => {
  const host = await hostOf([]);
  expect(() => host.get('nobody')).toThrow(expect.objectContaining({ code: 'KORA_PLUGIN_UNKNOWN' }));
});
