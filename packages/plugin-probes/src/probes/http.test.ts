import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Socket, Server as TcpServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { HttpProbe } from '../config.ts';
import { bodyLimitBytes, lookAtHttp } from './http.ts';
import type { LookClock } from './look.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

/** A real server on loopback; the test fails when a look leaves a connection behind. */
async function serve(
  listener: RequestListener,
): Promise<{ url: string; server: Server; sockets: Set<Socket> }> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, server, sockets };
}

async function listen(server: TcpServer): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({ close: () => new Promise((resolve) => server.close(() => resolve())) });
  return (server.address() as AddressInfo).port;
}

function probe(given: Record<string, unknown>): HttpProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'http', name: 'shop', ...given }] }).probes;
  if (parsed?.kind !== 'http') throw new Error('not an http probe');
  return parsed;
}

const never = new AbortController().signal;
const ask = (given: Record<string, unknown>, clock: LookClock = handClock()) =>
  lookAtHttp(probe(given), clock, never);

describe('an http look that is answered', () => {
  it('is healthy on a good status, and leaves no connection behind', async () => {
    const { url, server, sockets } = await serve((_request, response) => response.end('hello'));
    const snapshot = await ask({ url: `${url}/health` });
    expect(snapshot).toMatchObject({ status: 'healthy', details: { statusCode: 200 } });
    expect(snapshot.error).toBeUndefined();
    expect(snapshot.latencyMs).toBeGreaterThan(0);
    await new Promise((resolve) => server.close(resolve));
    expect(sockets.size).toBe(0);
  });

  it('does not follow a redirect, which is a good status', async () => {
    const paths: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await ask({ url })).toMatchObject({ status: 'healthy', details: { statusCode: 302 } });
    expect(paths).toEqual(['/']);
  });

  it.each([
    [500, 'service_unhealthy'],
    [404, 'service_unhealthy'],
    [401, 'auth'],
    [403, 'auth'],
    [429, 'capacity'],
  ])('is unhealthy on status %i, category %s', async (code, category) => {
    const { url } = await serve((_request, response) => response.writeHead(code).end());
    expect(await ask({ url })).toMatchObject({
      status: 'unhealthy',
      category,
      error: `GET ${url}/ : status ${code}, expected 200-399`,
      details: { statusCode: code, failure: 'status' },
    });
  });

  it.each([
    [204, 204, 'healthy'],
    ['200-299', 302, 'unhealthy'],
    [[200, '500-503'], 502, 'healthy'],
  ])('with expectStatus %j takes %i for %s', async (expectStatus, code, status) => {
    const { url } = await serve((_request, response) => response.writeHead(code).end());
    expect((await ask({ url, expectStatus })).status).toBe(status);
  });

  it('is degraded when slower than slowMs', async () => {
    const { url } = await serve((_request, response) => void setTimeout(() => response.end(), 30));
    const snapshot = await ask({ url, slowMs: 1 });
    expect(snapshot).toMatchObject({ status: 'degraded', category: 'latency', details: { failure: 'slow' } });
    expect(snapshot.error).toBe(`GET ${url}/ : answered after ${snapshot.latencyMs} ms, slower than 1 ms`);
  });
});

describe('the body of an http look', () => {
  it('is found across chunks', async () => {
    const { url } = await serve((_request, response) => {
      response.write('status: o');
      response.end('k');
    });
    const snapshot = await ask({ url, bodyIncludes: 'ok' });
    expect(snapshot).toMatchObject({ status: 'healthy', details: { bodyMatched: true } });
  });

  it('is drift when the text is missing', async () => {
    const { url } = await serve((_request, response) => response.end('down for maintenance'));
    expect(await ask({ url, bodyIncludes: 'ok' })).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      error: `GET ${url}/ : status 200, but its body lacks the expected text`,
      details: { failure: 'body' },
    });
  });

  it('is read no further than 64 KiB, even when it never ends', async () => {
    const { url } = await serve((_request, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(8_192)));
      };
      response.on('drain', more);
      more();
    });
    expect(await ask({ url, bodyIncludes: 'ok' })).toMatchObject({
      status: 'unhealthy',
      details: { bodyMatched: false, bodyBytes: bodyLimitBytes },
      error: `GET ${url}/ : status 200, but the first 65536 bytes of its body lack the expected text`,
    });
  });
});

describe('an http look that breaks off', () => {
  it('is unreachable when refused', async () => {
    const closed = createTcpServer();
    const port = await listen(closed);
    await new Promise<void>((resolve) => closed.close(() => resolve()));
    expect(await ask({ url: `http://127.0.0.1:${port}/health` })).toEqual({
      status: 'unreachable',
      category: 'unreachable',
      error: `GET http://127.0.0.1:${port}/health : connection refused`,
      details: { failure: 'refused' },
    });
  });

  it('is unreachable when the name does not resolve', async () => {
    const snapshot = await ask({ url: 'http://nonexistent.invalid/' });
    expect(snapshot).toMatchObject({
      status: 'unreachable',
      category: 'unreachable',
      details: { failure: 'dns' },
    });
    expect(snapshot.error).toMatch(
      /^GET http:\/\/nonexistent\.invalid\/ : DNS lookup failed \((ENOTFOUND|EAI_AGAIN)\)$/,
    );
  });

  it('is unreachable when nothing answers in time, and says how far it came', async () => {
    const clock = handClock();
    const { url } = await serve(() => clock.elapse());
    expect(await ask({ url, timeoutMs: 5_000 }, clock)).toEqual({
      status: 'unreachable',
      category: 'unreachable',
      error: `GET ${url}/ : timed out after 5000 ms waiting for the response`,
      details: { failure: 'timeout' },
    });
  });

  it('tells a body that stalls from a response that never came', async () => {
    const clock = handClock();
    const { url } = await serve((_request, response) => void response.write('status: '));
    const stalling = {
      ...probe({ url, timeoutMs: 5_000 }),
      // Asked for once the headers are there; a turn later the look waits for the body.
      get bodyIncludes(): string {
        setImmediate(() => clock.elapse());
        return 'ok';
      },
    };
    const snapshot = await lookAtHttp(stalling, clock, never);
    expect(snapshot.error).toBe(`GET ${url}/ : timed out after 5000 ms waiting for the rest of the body`);
  });

  it('says when the connection is closed without an answer', async () => {
    const { url } = await serve((request) => request.socket.destroy());
    expect(await ask({ url })).toMatchObject({
      status: 'unreachable',
      error: `GET ${url}/ : connection closed before the answer was complete`,
      details: { failure: 'closed' },
    });
  });

  it('says when what answers is not HTTP', async () => {
    const server = createTcpServer((socket) => socket.resume().end('SSH-2.0-OpenSSH_9.6\r\n'));
    const url = `http://127.0.0.1:${await listen(server)}`;
    const snapshot = await ask({ url });
    expect(snapshot).toMatchObject({
      status: 'unhealthy',
      category: 'service_unhealthy',
      details: { failure: 'protocol' },
    });
    expect(snapshot.error).toMatch(/ : the answer is not HTTP \(HPE_[A-Z_]+\)$/);
  });

  it('rejects when the runtime gives up, and closes the connection', async () => {
    const gone = Promise.withResolvers<void>();
    const stop = new AbortController();
    const { url } = await serve((request) => {
      request.socket.on('close', () => gone.resolve());
      stop.abort(new Error('shutting down'));
    });
    await expect(lookAtHttp(probe({ url }), handClock(), stop.signal)).rejects.toThrow('shutting down');
    await gone.promise;
  });
});

describe('an http look that asks another way', () => {
  it('sends method and body, and names the method', async () => {
    const seen: string[] = [];
    const { url } = await serve((request, response) => {
      void text(request).then((body) => {
        seen.push(`${request.method} ${request.headers['content-type']} ${body}`);
        response.writeHead(503).end();
      });
    });
    const headers = { 'Content-Type': 'application/json' };
    const snapshot = await ask({ url, method: 'POST', body: '{"ping":1}', headers });
    expect(seen).toEqual(['POST application/json {"ping":1}']);
    expect(snapshot.error).toBe(`POST ${url}/ : status 503, expected 200-399`);
  });

  it('holds the body against a pattern and against values, and says what is wrong with it', async () => {
    const { url } = await serve((_request, response) => response.end('{"version":"1.4","db":{"ok":false}}'));
    expect(await ask({ url, bodyMatches: '"version":"1\\.\\d+"' })).toMatchObject({ status: 'healthy' });
    const snapshot = await ask({ url, bodyJson: [{ path: 'db.ok', equals: true }] });
    expect(snapshot).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      error: `GET ${url}/ : status 200, but db.ok of its body is false, expected true`,
      details: { failure: 'body', bodyMatched: false, bodyBytes: 35 },
    });
  });
});

describe('secrets of an http look', () => {
  beforeEach(() => {
    vi.stubEnv('SHOP_PASSWORD', 's3cret');
    vi.stubEnv('SHOP_TOKEN', 'tok3n');
  });
  afterEach(() => vi.unstubAllEnvs());

  it('go to the server and nowhere else', async () => {
    const seen: (string | undefined)[] = [];
    const { url } = await serve((request, response) => {
      seen.push(
        request.headers.authorization,
        String(request.headers['x-token']),
        request.url,
        request.headers.host,
      );
      response.writeHead(500).end();
    });
    const address = new URL(`${url}/health?key=hunter2#here`);
    address.username = 'admin';
    const snapshot = await ask({
      url: address.href,
      password: 'env:SHOP_PASSWORD',
      headers: { 'X-Token': 'env:SHOP_TOKEN' },
    });
    const basic = `Basic ${Buffer.from('admin:s3cret').toString('base64')}`;
    expect(seen).toEqual([basic, 'tok3n', '/health?key=hunter2', address.host]);
    expect(snapshot.error).toBe(`GET ${url}/health?… : status 500, expected 200-399`);
    expect(JSON.stringify(snapshot)).not.toMatch(/s3cret|hunter2|tok3n|admin/);
  });

  it('stay out of the sentence when the connection fails', async () => {
    const snapshot = await ask({
      url: 'http://admin@127.0.0.1:1/?key=hunter2',
      password: 'env:SHOP_PASSWORD',
      headers: { a: 'tok3n' },
    });
    expect(snapshot.error).toBe('GET http://127.0.0.1:1/?… : connection refused');
    expect(JSON.stringify(snapshot)).not.toMatch(/s3cret|hunter2|tok3n|admin/);
  });
});
