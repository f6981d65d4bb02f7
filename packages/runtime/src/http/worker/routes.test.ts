import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { Access } from '../access.ts';
import { bootReportSchema } from '../contract.ts';
import { Mounts } from '../mounts.ts';
import { application } from '../server.ts';
import { sample, scriptedHouse } from '../testing/house.ts';
import { serverBench, token } from '../testing/server.ts';
import type { Answer } from '../testing/server.ts';
import { workerToken } from './testing/desk.ts';

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route of the API as the router has it. */
function apiRoutes(): Route[] {
  const clock = new FakeClock();
  const app = application({
    options: {
      host: '127.0.0.1',
      port: 0,
      token,
      clock,
      boot: () => sample(bootReportSchema),
      onError: () => undefined,
    },
    access: new Access({ token, clock, onError: () => undefined }),
    mounts: new Mounts(),
    port: () => 0,
    house: scriptedHouse,
    signal: AbortSignal.abort(),
  });
  return app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/'))
    .map(({ method, path }) => ({ method, path: path.replace(/:\w+/g, '1').replace('*', 'anything') }));
}

const routes = apiRoutes();
const workers = routes.filter(({ path }) => path.startsWith('/api/worker/'));
const others = routes.filter(({ path }) => !path.startsWith('/api/worker/') && path !== '/api/pair');

const codeOf = ({ body }: Answer): unknown =>
  (JSON.parse(body) as { error?: { code?: unknown } }).error?.code;

test('eight routes are a worker’s, and all the others are not', () => {
  expect(workers.map(({ path }) => path.slice('/api/worker/'.length)).sort()).toEqual([
    'claim',
    'event',
    'note',
    'operation',
    'progress',
    'refresh',
    'release',
    'resolve',
  ]);
  expect(others.length).toBeGreaterThan(50);
});

test.each(others)('$method $path refuses a worker’s token', async ({ method, path }) => {
  const { ask, house } = await serverBench();
  const answer = await ask(method, path, { Authorization: `Bearer ${workerToken}` });
  expect([answer.status, codeOf(answer)]).toEqual([401, 'KORA_AUTH_MISSING']);
  expect(house.asked).toEqual([]);
});

test.each(workers)('$method $path refuses the operator’s token, a page and a stranger', async (route) => {
  const { ask, house, port } = await serverBench();
  const code = /#code=([\w-]+)/.exec((await ask('POST', '/api/pairing')).body)?.[1] ?? '';
  const paired = await ask('POST', '/api/pair', { Authorization: null }, JSON.stringify({ code }));
  const cookie = (paired.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  expect(cookie).not.toBe('');
  const page = { Authorization: null, Cookie: cookie, Origin: `http://127.0.0.1:${port}` };
  const refused = [
    await ask(route.method, route.path),
    await ask(route.method, route.path, page),
    await ask(route.method, route.path, { Authorization: null }),
    await ask(route.method, route.path, { Authorization: `Bearer ${workerToken}x` }),
    await ask(route.method, route.path, { Authorization: `Basic ${workerToken}` }),
  ];
  expect(refused.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  expect(new Set(refused.map(({ body }) => body)).size).toBe(1);
  expect(house.asked).toEqual([]);
});

test.each([
  '/api/worker',
  '/api/worker/',
  '/api/worker/nothing',
  '/api/worker/../status',
  '/api/worker/%2e%2e/status',
  '/api//worker/claim',
  '/api/%77orker/claim',
  '/api/WORKER/claim',
  '/api/worker%2fclaim',
])('%s lets nobody in by the wrong token', async (path) => {
  const reached = async (bearer: string): Promise<string[]> => {
    const { ask, house } = await serverBench();
    for (const method of ['GET', 'POST']) await ask(method, path, { Authorization: `Bearer ${bearer}` });
    return house.asked.map(([name]) => name);
  };
  expect((await reached(token)).filter((name) => name.startsWith('workers.'))).toEqual([]);
  expect((await reached(workerToken)).filter((name) => !name.startsWith('workers.'))).toEqual([]);
});

test('after a kill no worker’s token is worth anything', async () => {
  const { ask, server, house } = await serverBench();
  const headers = { Authorization: `Bearer ${workerToken}` };
  expect((await ask('POST', '/api/worker/claim', headers, '{}')).status).toBe(200);
  server.revoke();
  expect((await ask('POST', '/api/worker/claim', headers, '{}')).status).toBe(401);
  expect(house.asked).toHaveLength(1);
});

test('a token in what would be kept is refused', async () => {
  const { ask, house } = await serverBench();
  const headers = { Authorization: `Bearer ${workerToken}` };
  const claim = 'c'.repeat(88);
  const said: readonly [string, object][] = [
    ['note', { text: `see ${claim}` }],
    ['note', { text: workerToken }],
    ['resolve', { resolution: 'completed', summary: 'done', result: { deep: [{ claim }] } }],
    ['event', { name: 'told', data: { [claim]: 1 } }],
    ['operation', { step: 'begin', id: claim, tool: 'mail', sideEffects: 'none' }],
  ];
  for (const [path, body] of said) {
    const answer = await ask('POST', `/api/worker/${path}`, headers, JSON.stringify({ claim, ...body }));
    expect([path, answer.status, codeOf(answer)]).toEqual([path, 400, 'KORA_REQUEST_INVALID']);
    expect(answer.body).not.toContain(claim);
  }
  expect(house.asked).toEqual([]);
});
