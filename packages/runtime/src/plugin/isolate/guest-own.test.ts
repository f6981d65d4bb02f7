import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { PluginHost } from '../host.ts';
import { Panels } from '../panel/panels.ts';
import { FakeClock } from '../../clock/index.ts';
import { GuestBench } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';

const never = new AbortController().signal;
// Real processes start here, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

const kora = { id: 'tide', contributes: { panels: ['now'] }, secrets: ['API_KEY', 'OTHER_KEY'] };

async function guestOf(register: string): Promise<PluginHost> {
  await bench.disk.plugin('tide', kora, entryOf('tide', register));
  const host = await bench.hostOf(['tide'], { guests: { patienceMs: 30_000 } });
  await host.loadAll(never);
  return host;
}

test('a guest knows who speaks, asks for its secrets by name, and finds none in its environment (daemon defect §20.2 W15)', async () => {
  bench.house.secrets.set('tide.API_KEY', 'a-secret');
  const host = await guestOf(`
    const { name, hash, metadata } = await context.identity.current();
    const asked = [await context.secret('API_KEY'), await context.secret('OTHER_KEY') === undefined];
    const undeclared = await context.secret('PATH').catch((error) => error.code);
    context.log.info('seen', { name, hash, agent: metadata.agentName, asked, undeclared,
      environment: Object.keys(process.env).sort() });
    await context.registerCockpitPanel({ id: 'now', title: 'Now', view: async () => ({ kind: 'text', text: '' }) });`);
  expect(host.get('tide')).toMatchObject({ state: 'loaded', reason: undefined });
  const line = bench.house.lines.find((each) => each.startsWith('info seen'));
  expect(JSON.parse(line?.slice('info seen '.length) ?? '{}')).toMatchObject({
    name: 'kora',
    hash: 'a'.repeat(64),
    agent: 'Kora',
    asked: ['a-secret', true],
    undeclared: 'KORA_SECRET_UNDECLARED',
    environment: ['HOME', 'LANG', 'TMPDIR', 'TZ'],
  });
});

test('a guest’s panel is drawn and its actions are done in its own process; what it says is parsed on this side', async () => {
  const host = await guestOf(`
    let height = 1;
    await context.registerCockpitPanel({ id: 'now', title: 'Now', everyMs: 2000,
      view: async () => height > 2 ? { kind: 'html', html: '<b>' } :
        { kind: 'figures', figures: [{ label: 'height', value: height, unit: 'm', markup: '<b>' }] },
      actions: [
        { id: 'raise', title: 'Raise', needs: 'approve', confirm: 'Raise it?', run: async ({ by }) => { height += by; return { message: 'pid ' + process.pid }; } },
        { id: 'break', title: 'Break', run: async () => { throw new Error('it broke'); } },
      ] });`);
  expect(host.get('tide')).toMatchObject({
    state: 'loaded',
    reason: undefined,
    registered: { panels: ['now'] },
  });
  const spec = bench.house.panels.get('now');
  if (spec === undefined) throw new Error('the guest registered no panel');
  const clock = new FakeClock();
  const panels = new Panels(clock, bench.house.admission);
  panels.register(spec, 'tide');
  expect(panels.row('tide', 'now')).toMatchObject({
    everyMs: 2_000,
    actions: [
      { id: 'raise', needs: 'approve', confirm: 'Raise it?' },
      { id: 'break', needs: 'operate' },
    ],
  });
  const { view } = await panels.look('tide', 'now');
  expect(view).toEqual({ kind: 'figures', figures: [{ label: 'height', value: 1, unit: 'm' }] });
  expect(await panels.act('tide', 'now', 'raise', { by: 1 })).toEqual({
    message: `pid ${host.get('tide').pid}`,
  });
  expect((await panels.look('tide', 'now')).view).toMatchObject({ figures: [{ value: 2 }] });
  await expect(panels.act('tide', 'now', 'break', {})).rejects.toMatchObject({
    code: 'KORA_PANEL_FAILED',
    message: expect.stringContaining('it broke') as string,
  });
  await panels.act('tide', 'now', 'raise', { by: 1 });
  await expect(panels.look('tide', 'now')).rejects.toMatchObject({ code: 'KORA_PANEL_FAILED' });
  await host.unload('tide');
  expect(bench.house.panels.size).toBe(0);
});

test('a plugin that is configured anew is registered again with what stands now; its schema is known from its code', async () => {
  let place = 'Brest';
  await bench.disk.plugin(
    'tide',
    { id: 'tide' },
    `export default { [Symbol.for('kora.plugin')]: 1, id: 'tide', config: undefined,
      register(context) { context.log.info('at ' + JSON.stringify(context.config)); } };`,
  );
  const host = await bench.hostOf(['tide'], {
    guests: { patienceMs: 30_000 },
    configBlock: () => (place === '' ? {} : { place }),
  });
  await host.loadAll(never);
  expect(host.get('tide')).toMatchObject({ state: 'degraded', reason: { code: 'config_invalid' } });
  place = '';
  const pid = host.get('tide').pid;
  expect(await host.reconfigure('tide')).toMatchObject({ id: 'tide', state: 'loaded', reason: undefined });
  expect(host.get('tide').pid).not.toBe(pid);
  await vi.waitFor(() => expect(bench.house.lines.join('\n')).toContain('at {}'), 10_000);
  await expect(host.reconfigure('none')).rejects.toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
});
