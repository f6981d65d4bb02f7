import { describe, expect, test } from 'vitest';
import type { Scope } from './session/house.ts';
import { listedPaths } from './session/needs.ts';
import { serverBench, token } from './testing/server.ts';
import type { ServerBench } from './testing/server.ts';

async function cookieOf(bench: ServerBench, wish: object = {}): Promise<string> {
  const minted = await bench.ask('POST', '/api/pairing', {}, JSON.stringify(wish));
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

  test('on the other loopback address it is the same Kora, where the machine has one', async ({ skip }) => {
    const { port } = await serverBench();
    const answer = await fetch(`http://[::1]:${port}/api/status`).catch(() => undefined);
    if (answer === undefined) return skip('no IPv6 here');
    expect(answer.status).toBe(401);
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

  test.each(['null', 'http://127.0.0.1:1', 'http://localhost.evil.com:PORT', 'https://127.0.0.1:PORT', ''])(
    'a paired page that says its origin is "%s" may not act',
    async (origin) => {
      const bench = await serverBench();
      const session = { Authorization: null, Cookie: await cookieOf(bench) };
      const page = { ...session, Origin: origin.replace('PORT', String(bench.port)) };
      expect((await bench.ask('POST', '/api/down', page, '{"reason":"enough"}')).status).toBe(403);
      expect(bench.house.asked).toEqual([]);
    },
  );

  test('the cookie of another port is none here', async () => {
    const bench = await serverBench();
    const cookie = (await cookieOf(bench)).replace(`_${bench.port}=`, `_${bench.port + 1}=`);
    expect((await bench.ask('GET', '/api/status', { Authorization: null, Cookie: cookie })).status).toBe(401);
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

/** Where each mutation is, as the application lists them for its document. */
async function mutations(bench: ServerBench): Promise<string[]> {
  const { paths } = JSON.parse((await bench.ask('GET', '/api/openapi.json')).body) as {
    paths: Record<string, { post?: object }>;
  };
  const posts = Object.keys(paths).filter((path) => paths[path]?.post !== undefined);
  return posts.filter((path) => path.startsWith('/api/') && !/^\/api\/(pair$|worker\/)/.test(path));
}

describe('permissions', () => {
  test('every mutation says what it needs, and the list names no other', async () => {
    const written = (await mutations(await serverBench())).map((path) =>
      path.replace('/api', '').replaceAll(/\{(\w+)\}/g, ':$1'),
    );
    expect([...listedPaths].sort()).toEqual(written.sort());
  });

  test('a page without any but read is refused everywhere else, before a room is asked', async () => {
    const bench = await serverBench();
    const cookie = await cookieOf(bench, { scopes: ['read'] });
    const page = { Authorization: null, Cookie: cookie, Origin: `http://127.0.0.1:${bench.port}` };
    const open: string[] = [];
    for (const path of [...(await mutations(bench)), '/api/not-there']) {
      const { status, body } = await bench.ask('POST', path.replaceAll(/\{\w+\}/g, '1'), page);
      if (status === 403 && body.includes('KORA_SCOPE_MISSING')) continue;
      open.push(path);
    }
    // These change nothing; and a session may sign itself out.
    expect(open).toEqual(['/api/phrasebook/preview', '/api/sessions/{session}/revoke']);
    const [first] = bench.house.asked;
    expect(first).toBeUndefined();
    expect((await bench.ask('GET', '/api/status', page)).status).toBe(200);
    const own = JSON.parse((await bench.ask('GET', '/api/caller', page)).body) as {
      data: { scopes: string[]; session: { sessionId: string } };
    };
    expect(own.data.scopes).toEqual(['read']);
    const out = await bench.ask(
      'POST',
      `/api/sessions/${own.data.session.sessionId}/revoke`,
      page,
      '{"reason":"done"}',
    );
    expect(out.status).toBe(200);
    expect((await bench.ask('GET', '/api/status', page)).status).toBe(401);
  });

  test('an action of a panel that is a yes asks for a page that may approve, and was paired just now', async () => {
    const bench = await serverBench();
    const action = { title: 'A', purpose: 'act', confirm: null };
    const actions = [
      { ...action, id: 'yes', needs: 'approve' },
      { ...action, id: 'look', needs: 'operate' },
    ];
    Object.assign(bench.house, {
      panels: () => [{ plugin: 'mcp', id: 'servers', title: 'S', everyMs: 5_000, actions }],
    });
    const ask = async (scopes: readonly Scope[], name: string, waitMs = 0): Promise<[number, string]> => {
      const cookie = await cookieOf(bench, { scopes });
      bench.clock.jump(waitMs);
      const page = { Authorization: null, Cookie: cookie, Origin: `http://127.0.0.1:${bench.port}` };
      const path = `/api/plugins/mcp/panels/servers/actions/${name}`;
      const { status, body } = await bench.ask('POST', path, page, '{"reason":"a test"}');
      return [status, /KORA_[A-Z_]+/.exec(body)?.[0] ?? ''];
    };
    expect(await ask(['read', 'operate'], 'yes')).toEqual([403, 'KORA_SCOPE_MISSING']);
    expect(await ask(['read', 'operate'], 'look')).toEqual([200, '']);
    expect(await ask(['read', 'operate', 'approve'], 'yes', 11 * 60_000)).toEqual([
      403,
      'KORA_SESSION_NOT_FRESH',
    ]);
    expect(await ask(['read', 'operate', 'approve'], 'yes')).toEqual([200, '']);
  });

  test('a page hands on no more than it has', async () => {
    const bench = await serverBench();
    const cookie = await cookieOf(bench, { scopes: ['read', 'admin'] });
    const page = { Authorization: null, Cookie: cookie, Origin: `http://127.0.0.1:${bench.port}` };
    expect((await bench.ask('POST', '/api/pairing', page, '{"scopes":["stop"]}')).status).toBe(403);
    const { body } = await bench.ask('POST', '/api/pairing', page);
    expect(JSON.parse(body)).toMatchObject({ scopes: ['read', 'admin'] });
  });

  test('stopping is easy, and a yes of high risk asks for a page that was paired just now', async () => {
    const bench = await serverBench();
    const cookie = await cookieOf(bench);
    const page = { Authorization: null, Cookie: cookie, Origin: `http://127.0.0.1:${bench.port}` };
    const approve = () => bench.ask('POST', '/api/approvals/7/approve', page, '{"reason":"fine"}');
    expect((await approve()).status).toBe(200);
    bench.clock.jump(600_001);
    expect((await approve()).status, 'of low risk').toBe(200);
    // What nobody declares counts as high.
    bench.house.capabilities = () => Promise.resolve({ capabilities: [], grants: [] });
    const refused = await approve();
    expect([refused.status, JSON.parse(refused.body)]).toMatchObject([
      403,
      { error: { code: 'KORA_SESSION_NOT_FRESH', hint: 'kora cockpit' } },
    ]);
    const stop = await bench.ask('POST', '/api/stop', page, '{"level":1,"reason":"enough"}');
    expect(stop.status).toBe(200);
  });
});

describe('a deed', () => {
  test('is told with who, where and why, and what was asked again is the same one', async () => {
    const bench = await serverBench();
    const body = '{"reason":"lunch","idempotencyKey":"k"}';
    const [one, two] = [
      await bench.ask('POST', '/api/pause', {}, body),
      await bench.ask('POST', '/api/pause', {}, body),
    ];
    const deed = one.headers.get('x-kora-deed');
    expect([deed?.length, two.headers.get('x-kora-deed')]).toEqual([36, deed]);
    expect(bench.house.deeds).toEqual([
      { deed, path: '/api/pause', session: null, device: null, reason: 'lunch', idempotencyKey: 'k' },
    ]);
  });

  test('is none that was refused, and none that only looked', async () => {
    const bench = await serverBench();
    await bench.ask('POST', '/api/pause', {}, '{}');
    const checked = await bench.ask('POST', '/api/channels/inbox/check');
    expect([checked.status, checked.headers.get('x-kora-deed'), bench.house.deeds]).toEqual([
      200,
      undefined,
      [],
    ]);
  });

  test('that cannot be told was done all the same', async () => {
    const bench = await serverBench();
    bench.house.sessions.deed = () => Promise.reject(new Error('no store'));
    const answer = await bench.ask('POST', '/api/pause', {}, '{"reason":"lunch"}');
    expect([answer.status, answer.headers.get('x-kora-deed'), bench.errors.length]).toEqual([
      200,
      undefined,
      1,
    ]);
  });
});

test('who is turned away is counted by why', async () => {
  const bench = await serverBench();
  await bench.ask('GET', '/', { Host: 'evil.com' });
  await bench.ask('GET', '/api/status', { Origin: 'https://evil.com' });
  await bench.ask('GET', '/api/status', { Authorization: null });
  await bench.ask('GET', '/api/status', { Authorization: 'Bearer wrong' });
  await bench.ask('GET', '/api/status', { Authorization: null, Cookie: `kora_session_${bench.port}=x` });
  await bench.ask('POST', '/api/pair', { Authorization: null }, '{"code":"guess"}');
  await bench.ask('POST', '/mcp');
  const { data } = JSON.parse((await bench.ask('GET', '/api/sessions')).body) as {
    data: { refused: { causes: { cause: string; count: number }[] } };
  };
  expect(data.refused.causes.map(({ cause }) => cause).sort()).toEqual([
    'dead_session',
    'foreign_page',
    'host',
    'mcp_token',
    'no_credential',
    'pairing_wrong',
    'wrong_token',
  ]);
});

test('what the policy stopped is told by whoever was stopped, and kept short', async () => {
  const bench = await serverBench();
  const report = (blocked: string) =>
    JSON.stringify({
      'csp-report': { 'violated-directive': 'img-src', 'blocked-uri': blocked, 'document-uri': '/' },
    });
  const send = (body: string, type = 'application/csp-report') =>
    bench.ask('POST', '/csp', { Authorization: null, 'Content-Type': type }, body);
  for (let n = 0; n < 25; n += 1) expect((await send(report(`https://evil.com/${n}`))).status).toBe(204);
  expect((await send('{"what":"else"}')).status).toBe(204);
  expect((await send(report('x'), 'text/plain')).status).toBe(415);
  expect((await send('{}', 'application/json')).status).toBe(415);
  const { data } = JSON.parse((await bench.ask('GET', '/api/csp-reports')).body) as {
    data: { total: number; last: { blocked: string }[] };
  };
  expect([data.total, data.last.length, data.last[0]?.blocked]).toEqual([25, 20, 'https://evil.com/24']);
});
