import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { MountRequest } from '../contract.ts';
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

const request = (path: string, body = ''): MountRequest => ({
  method: 'POST',
  path,
  query: 'q=1',
  headers: { 'x-signature': 'mine' },
  body: Buffer.from(body),
  signal: never,
});

test('a mount of a guest answers from its process, bytes as they are; its files are those of its package', async () => {
  const register = `
    const web = new URL('../web', import.meta.url).pathname;
    await context.registerHttpMount({ path: '/', directory: web, fallback: 'index.html', handle: async (given) => {
      if (given.path === '/throws') throw new Error('no');
      if (given.path === '/nothing') return;
      if (given.path === '/odd') return { status: 99 };
      if (given.path === '/waits') return new Promise((resolve) => given.signal.addEventListener('abort', () => {
        context.log.info('gave up'); resolve({}); }));
      return { status: 201, headers: { 'X-Pid': String(process.pid) },
        body: new Uint8Array([...given.body, 0, 255]) };
    } });
    for (const directory of ['/etc', process.cwd()])
      await context.registerHttpMount({ path: '/out', directory }).catch((error) => context.log.info(error.code));
    await context.registerHttpMount({ path: '/../x', directory: web }).catch((error) => context.log.info(error.code));`;
  await bench.disk.plugin('page', { id: 'page', contributes: { mounts: ['/'] } }, entryOf('page', register));
  await bench.disk.write('host/node_modules/page/web', { 'index.html': '<p>' });
  const host = await bench.hostOf(['page']);
  await host.loadAll(never);
  expect(host.get('page').reason).toBeUndefined();
  const mount = bench.house.mounts.get('/');
  const folder = join(bench.disk.root, 'host/node_modules/page/web');
  expect(mount).toMatchObject({ directory: await realpath(folder), fallback: 'index.html' });

  expect(host.get('page').state).toBe('loaded');
  const answer = await mount?.handle?.(request('/a', 'höhe'));
  // An answer is work: it is proven.
  await vi.waitFor(() => expect(host.get('page').state).toBe('proven'));
  expect(answer).toMatchObject({ status: 201, headers: { 'x-pid': String(host.get('page').pid) } });
  expect(Buffer.from(answer?.body ?? '').toString('hex')).toBe(`${Buffer.from('höhe').toString('hex')}00ff`);
  expect(await mount?.handle?.(request('/nothing'))).toMatchObject({ status: 200 });
  await expect(mount?.handle?.(request('/throws'))).rejects.toThrow('no');
  await expect(mount?.handle?.(request('/odd'))).rejects.toMatchObject({ code: 'KORA_PLUGIN_INVALID' });
  const leaving = new AbortController();
  const waiting = mount?.handle?.({ ...request('/waits'), signal: leaving.signal });
  leaving.abort();
  await expect(waiting).rejects.toThrow('aborted');
  await vi.waitFor(() => expect(bench.house.lines.join('\n')).toContain('gave up'));
  const refused = bench.house.lines.filter((line) => /KORA_PLUGIN_(REFUSED|INVALID)/.test(line));
  expect(refused.map((line) => /KORA_\w+/.exec(line)?.[0])).toEqual([
    'KORA_PLUGIN_REFUSED',
    'KORA_PLUGIN_REFUSED',
    'KORA_PLUGIN_INVALID',
  ]);
});
