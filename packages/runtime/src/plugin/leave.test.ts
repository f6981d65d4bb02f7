import { afterEach, beforeEach, expect, test } from 'vitest';
import { GuestBench } from './testing/guest-bench.ts';
import { entryOf } from './testing/packages-on-disk.ts';
import { indexPlugins } from './plugin-index.ts';
import { join } from 'node:path';

const never = new AbortController().signal;
let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

const says = `console.log('its code ran'); await context.registerChannel({ name: 'c', send: async () => ({ receipt: '' }) });`;

/** One trusted plugin and one guest; the trusted one is `near`. */
async function both(): Promise<Awaited<ReturnType<GuestBench['hostOf']>>> {
  for (const id of ['near', 'far']) {
    await bench.disk.plugin(id, { id, contributes: { channels: ['c'] } }, entryOf(id, says));
  }
  await bench.disk.host(['near', 'far']);
  const index = await indexPlugins({
    startDir: join(bench.disk.root, 'host'),
    bundled: [],
    runtimeVersion: '0.1.0',
    settings: { trusted: ['near'] },
  });
  return bench.hostOf(['near', 'far'], { index });
}

test('in a process that is being killed no plugin is loaded, and its row says why', async () => {
  const host = await both();
  bench.house.door.move({ stopLevel: 4, killed: true });
  await host.loadAll(never);
  for (const id of ['near', 'far']) {
    expect(host.get(id)).toMatchObject({
      state: 'degraded',
      pid: undefined,
      reason: { code: 'not_admitted', message: 'no plugin is loaded now: stop_l4', fix: 'kora status' },
    });
  }
  expect(bench.house.journal).toEqual([]);
  expect(bench.house.owners).toEqual([]);
  expect(bench.house.door.refusals).toHaveLength(2);
  expect(bench.house.door.refusals).toEqual(
    expect.arrayContaining([
      { door: 'plugin_load', cause: 'stop_l4', caller: 'near' },
      { door: 'plugin_load', cause: 'stop_l4', caller: 'far' },
    ]),
  );
});

test('a kill that comes between the leave and the import stops the import', async () => {
  const host = await both();
  const { admission } = bench.house;
  const admit = admission.admit.bind(admission);
  admission.admit = async (...question) => {
    const leave = await admit(...question);
    bench.house.door.move({ stopLevel: 5, killed: true });
    return leave;
  };
  await host.loadAll(never);
  expect(host.get('near').state).toBe('degraded');
  expect(host.get('far').state).toBe('degraded');
  expect(bench.house.journal).toEqual([]);
});
