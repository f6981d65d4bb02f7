import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { serverBench } from './testing/server.ts';
import type { ServerBench } from './testing/server.ts';

async function page(): Promise<ServerBench> {
  const home = await mkdtemp(join(tmpdir(), 'kora-mount-'));
  onTestFinished(() => rm(home, { recursive: true }));
  const directory = join(home, 'web');
  await mkdir(join(directory, 'assets'), { recursive: true });
  await writeFile(join(home, 'api-token'), 'SECRET');
  await writeFile(join(directory, 'index.html'), '<p>page');
  await writeFile(join(directory, 'assets/app-AbCd1234.js'), 'plain');
  await writeFile(join(directory, 'assets/app-AbCd1234.js.br'), 'brotli');
  await symlink(join(home, 'api-token'), join(directory, 'link.txt'));
  const bench = await serverBench();
  bench.server.mounts.add({ path: '/', directory, fallback: 'index.html' }, 'cockpit');
  return bench;
}

test.each([
  '/../api-token',
  '/%2e%2e/api-token',
  '/..%2fapi-token',
  '/assets/../../api-token',
  '/assets/%2e%2e/%2e%2e/api-token',
  '/%252e%252e/api-token',
  '/..%5capi-token',
  '/link.txt',
  '/api-token%00.html',
  '/%',
  '/%E0%A4%A',
  '//etc/passwd',
])('%s gives nothing from outside the folder', async (path) => {
  const { ask, errors } = await page();
  const { status, body } = await ask('GET', path, { Authorization: null });
  expect(status).toBeLessThan(500);
  expect(body).not.toContain('SECRET');
  expect(body).not.toContain('root:');
  expect(errors).toEqual([]);
});

test('a page owns its routes, and a missing asset is missing', async () => {
  const { ask } = await page();
  expect((await ask('GET', '/tickets/7', { Authorization: null })).body).toContain('<p>page');
  expect((await ask('GET', '/assets/gone.js', { Authorization: null })).status).toBe(404);
  // A browser that goes to the address of a task asks for a page, whatever the name of the task is.
  const goes = { Authorization: null, Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
  expect((await ask('GET', '/tasks/probe.shop', goes)).body).toContain('<p>page');
});

test('an asset is served packed to who unpacks it, and may be kept for ever', async () => {
  const { ask } = await page();
  const path = '/assets/app-AbCd1234.js';
  const packed = await ask('GET', path, { 'Accept-Encoding': 'gzip, br' });
  expect(packed.headers.get('content-encoding')).toBe('br');
  expect(packed.body).toContain('brotli');
  expect(packed.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(packed.headers.get('cache-control')).toContain('immutable');
  expect(packed.headers.get('vary')).toBe('accept-encoding');
  const plain = await ask('GET', path);
  expect(plain.headers.get('content-encoding')).toBeUndefined();
  expect(plain.body).toContain('plain');
  expect((await ask('GET', '/')).headers.get('cache-control')).toBe('no-cache');
});

test('a path has one owner, and the longest one answers', async () => {
  const { server, ask } = await page();
  const directory = tmpdir();
  expect(() => server.mounts.add({ path: '/', directory }, 'other')).toThrow("is cockpit's");
  expect(() => server.mounts.add({ path: 'x', directory }, 'other')).toThrow('must begin with /');
  const off = server.mounts.add({ path: '/docs', directory: join(directory, 'absent') }, 'other');
  expect((await ask('GET', '/docs/a')).status).toBe(404);
  off();
  expect((await ask('GET', '/docs/a')).status).toBe(200);
});

test('the link to the page opens it signed in, and there is none without a page', async () => {
  const bare = await serverBench();
  expect(bare.server.pairingUrl()).toBeNull();
  const { server } = await page();
  expect(server.pairingUrl()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/pair#code=[0-9A-Z]{32}$/);
});
