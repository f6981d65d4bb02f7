import { describe, expect, test } from 'vitest';
import { serverBench, token } from './testing/server.ts';
import type { ServerBench } from './testing/server.ts';

async function cookieOf(bench: ServerBench): Promise<string> {
  const minted = await bench.ask('POST', '/api/pairing');
  const code = /#code=([\w-]+)/.exec(minted.body)?.[1] ?? '';
  const paired = await bench.ask('POST', '/api/pair', { Authorization: null }, JSON.stringify({ code }));
  return (paired.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

describe('method', () => {
  test.each(['OPTIONS', 'PUT', 'DELETE', 'PATCH', 'TRACE'])('%s is not offered', async (method) => {
    const { ask } = await serverBench();
    expect((await ask(method, '/api/status')).status).toBe(405);
  });
});

describe('host', () => {
  test.each(['127.0.0.1', 'localhost', '[::1]'])('%s with the port is served', async (name) => {
    const { ask, port } = await serverBench();
    expect((await ask('GET', '/healthz', { Host: `${name}:${port}` })).status).toBe(200);
  });

  test.each([
    'evil.com',
    '127.0.0.1.evil.com',
    '127.0.0.1.evil.com:PORT',
    '127.0.0.1',
    '127.0.0.1:1',
    'localhost.:PORT',
    '127.1:PORT',
    '0.0.0.0:PORT',
    'evil.com@127.0.0.1:PORT',
    '127.0.0.1:PORT, evil.com',
    '',
  ])('"%s" is not', async (host) => {
    const { ask, port } = await serverBench();
    for (const path of ['/healthz', '/api/status', '/']) {
      const { status } = await ask('GET', path, { Host: host.replace('PORT', String(port)) });
      expect([400, 421]).toContain(status);
    }
  });

  test('two hosts are none, whichever comes first', async () => {
    const { raw, port } = await serverBench();
    const good = `Host: 127.0.0.1:${port}`;
    for (const hosts of [
      [good, 'Host: evil.com'],
      ['Host: evil.com', good],
    ]) {
      const { status } = await raw(['GET /healthz HTTP/1.1', ...hosts]);
      expect([400, 421]).toContain(status);
    }
  });

  test('a request in absolute form is judged by its Host and by its URL', async () => {
    const { raw, port } = await serverBench();
    const evil = await raw([`GET http://127.0.0.1:${port}/healthz HTTP/1.1`, 'Host: evil.com']);
    expect([400, 421]).toContain(evil.status);
    const noToken = await raw([`GET http://evil.com/api/status HTTP/1.1`, `Host: 127.0.0.1:${port}`]);
    expect([400, 401, 421]).toContain(noToken.status);
  });

  test('HTTP/1.0 without a host is refused', async () => {
    const { raw } = await serverBench();
    expect([400, 421]).toContain((await raw(['GET /healthz HTTP/1.0'])).status);
  });
});

describe('origin', () => {
  test.each([
    ['https://evil.com'],
    ['http://127.0.0.1:1'],
    ['null'],
    ['http://127.0.0.1:PORT.evil.com'],
    ['https://127.0.0.1:PORT'],
  ])('%s is refused, with a token too', async (origin) => {
    const { ask, port } = await serverBench();
    const changes = { Origin: origin.replace('PORT', String(port)) };
    expect((await ask('GET', '/api/status', changes)).status).toBe(403);
    expect((await ask('POST', '/api/down', changes)).status).toBe(403);
  });

  test.each(['cross-site', 'same-site'])('a fetch from %s is refused', async (site) => {
    const { ask } = await serverBench();
    expect((await ask('GET', '/api/status', { 'Sec-Fetch-Site': site })).status).toBe(403);
    const page = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
    expect((await ask('GET', '/api/status', page)).status, 'not even as a navigation').toBe(403);
    expect((await ask('GET', '/healthz', page)).status, 'a link to the page is fine').toBe(200);
  });

  test('its own page is served', async () => {
    const { ask, port } = await serverBench();
    const own = { Origin: `http://127.0.0.1:${port}`, 'Sec-Fetch-Site': 'same-origin' };
    expect((await ask('GET', '/api/status', own)).status).toBe(200);
  });
});

describe('body', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', ''])(
    'a post of "%s" is refused',
    async (type) => {
      const { ask } = await serverBench();
      expect((await ask('POST', '/api/down', { 'Content-Type': type })).status).toBe(415);
    },
  );

  test('more than 64 KiB, or of unsaid length, is refused before it is read', async () => {
    const { ask, house } = await serverBench();
    const large = JSON.stringify({ reason: 'x'.repeat(70_000) });
    expect((await ask('POST', '/api/down', {}, large)).status).toBe(413);
    const chunked = { 'Content-Length': null, 'Transfer-Encoding': 'chunked' };
    expect((await ask('POST', '/api/down', chunked, '2\r\n{}\r\n0\r\n\r\n')).status).toBe(411);
    expect(house.asked).toEqual([]);
  });

  test.each([
    ['not json'],
    ['[]'],
    ['{"reason":""}'],
    ['{"reason":"a\\u0000"}'],
    ['{"reason":"a","more":1}'],
  ])('%s is a wrong request, with the path that is wrong', async (body) => {
    const { ask } = await serverBench();
    const { status, body: answer } = await ask('POST', '/api/down', {}, body);
    expect(status).toBe(400);
    expect(answer).toContain('KORA_REQUEST_INVALID');
  });
});

describe('caller', () => {
  test.each([
    ['no token', null],
    ['a wrong one', 'Bearer wrong'],
    ['an empty one', 'Bearer '],
    ['half of it', `Bearer ${token.slice(0, 8)}`],
    ['another scheme', `Basic ${token}`],
  ])('%s is nobody', async (_, authorization) => {
    const { ask, house } = await serverBench();
    const { status, body } = await ask('GET', '/api/status', { Authorization: authorization });
    expect(status).toBe(401);
    expect(body).not.toContain(token);
    expect(house.asked).toEqual([]);
  });

  test('a token in the query is no token', async () => {
    const { ask } = await serverBench();
    expect((await ask('GET', `/api/status?token=${token}`, { Authorization: null })).status).toBe(401);
  });

  test('a paired page may read, and may act only when it says its origin', async () => {
    const bench = await serverBench();
    const session = { Authorization: null, Cookie: await cookieOf(bench) };
    expect((await bench.ask('GET', '/api/status', session)).status).toBe(200);
    const body = '{"reason":"enough"}';
    expect((await bench.ask('POST', '/api/down', session, body)).status).toBe(403);
    const origin = { ...session, Origin: `http://127.0.0.1:${bench.port}` };
    expect((await bench.ask('POST', '/api/down', origin, body)).status).toBe(200);
  });

  test('a request with both a token and a session is refused', async () => {
    const bench = await serverBench();
    expect((await bench.ask('GET', '/api/status', { Cookie: await cookieOf(bench) })).status).toBe(403);
  });

  test('a session ends after twelve idle hours, and after seven days in any case', async () => {
    const bench = await serverBench();
    const session = { Authorization: null, Cookie: await cookieOf(bench) };
    const status = async (): Promise<number> => (await bench.ask('GET', '/api/status', session)).status;
    for (let n = 0; n < 15; n += 1) {
      bench.clock.jump(11 * 3_600_000);
      expect(await status()).toBe(200);
    }
    bench.clock.jump(4 * 3_600_000);
    expect(await status()).toBe(401);
    const fresh = { Authorization: null, Cookie: await cookieOf(bench) };
    bench.clock.jump(12 * 3_600_000 + 1);
    expect((await bench.ask('GET', '/api/status', fresh)).status).toBe(401);
  });
});

test('every answer, refusals too, carries the headers that keep a page safe', async () => {
  const { ask } = await serverBench();
  for (const answer of [
    await ask('GET', '/healthz'),
    await ask('GET', '/api/none'),
    await ask('OPTIONS', '/'),
    await ask('GET', '/', { Host: 'evil.com:80' }),
  ]) {
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  }
});
