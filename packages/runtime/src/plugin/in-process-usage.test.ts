import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GuestBench } from './testing/guest-bench.ts';
import { entryOf } from './testing/packages-on-disk.ts';

const never = new AbortController().signal;
let bench: GuestBench;
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

test('a plugin inside the runtime: calls, errors, lines and how long it held the loop; the rest is not known', async () => {
  const register = `
    context.log.info('here');
    await context.registerChannel({ name: 'slow', send: async () => {
      const until = performance.now() + 30; while (performance.now() < until);
      return { receipt: 'r' };
    } });
    await context.registerProbe({ name: 'bad', kind: 'x', target: 't', everyMs: 1000,
      check: async () => { throw new Error('no'); } });`;
  const contributes = { channels: ['slow'], probes: ['bad'] };
  await bench.disk.plugin('own', { id: 'own', contributes }, entryOf('own', register));
  const host = await bench.hostOf([], {}, [join(bench.disk.root, 'host/node_modules/own')]);
  await host.loadAll(never);
  expect(host.get('own')).toMatchObject({ state: 'loaded', isolation: 'in-process' });
  await expect(bench.house.probes.get('bad')?.check(never)).rejects.toThrow('no');
  const message = {
    messageId: 1,
    key: 'k',
    thread: 't',
    severity: 'info',
    title: '',
    body: '',
    source: '',
  } as const;
  await bench.house.channels
    .get('slow')
    ?.send({ ...message, correlationId: null, attachments: [], createdAt: '', attempt: 1 }, never);
  host.erred('own');

  const usage = host.get('own').usage;
  // Its import, its register, the two.
  expect(usage).toMatchObject({
    calls: 4,
    errors: 2,
    logLines: 1,
    cpuMs: null,
    residentMb: null,
    crashes: 0,
  });
  expect(usage?.loopMs).toBeGreaterThanOrEqual(29);
  expect(usage?.eventLoopDelayMs?.max).toBeGreaterThanOrEqual(29);
  // To have sent a message is work.
  await vi.waitFor(() => expect(host.get('own').state).toBe('proven'));
});
