import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock, systemClock } from '../../clock/index.ts';
import type { HttpMountSpec, MountRequest, MountResponse } from '../../plugin/index.ts';
import { GuestMounts } from './guest-mounts.ts';
import { mayLeave } from './headers.ts';

interface Bench {
  readonly mounts: GuestMounts;
  readonly clock: FakeClock;
  readonly errors: unknown[];
  /** What the plugin was asked. */
  readonly asked: MountRequest[];
  ask(path: string, options?: Ask): Promise<Answer>;
}

interface Ask {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function bench(): Bench {
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const mounts = new GuestMounts({
    host: '127.0.0.1',
    port: 0,
    clock,
    onError: (_, error) => errors.push(error),
  });
  onTestFinished(() => mounts.close());
  return {
    mounts,
    clock,
    errors,
    asked: [],
    ask: (path, options) => ask(`${mounts.url}${path}`, options),
  };
}

/** A plugin `tide` whose `/` is answered by this. */
async function tide(
  answer: (request: MountRequest) => MountResponse | Promise<MountResponse>,
  spec: Partial<HttpMountSpec> = {},
): Promise<Bench> {
  const made = bench();
  await made.mounts.add(
    {
      path: '/',
      ...spec,
      handle: async (given) => {
        made.asked.push(given);
        return answer(given);
      },
    },
    'tide',
  );
  return made;
}

function ask(url: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

test('no port is opened before a plugin brings a mount; each is under its plugin’s name', async () => {
  const { mounts, ask: asking } = await tide(() => ({ body: 'here' }));
  expect(bench().mounts.url).toBeNull();
  expect(mounts.urlsOf('tide')).toEqual([`${mounts.url}/plugins/tide`]);
  expect(mounts.urlsOf('moon')).toEqual([]);
  expect(await asking('/plugins/tide/any/where?high=1')).toMatchObject({ status: 200, body: 'here' });
  for (const path of ['/', '/plugins', '/plugins/moon', '/plugins/tidewater'])
    expect((await asking(path)).status).toBe(404);
});

test('a request is plain data, without cookies, credentials and words of the house', async () => {
  const { asked, ask: asking } = await tide(() => ({ status: 201 }));
  const headers = {
    Cookie: 'kora_session_9119=x',
    Authorization: 'Bearer the-token-of-the-home',
    'Proxy-Authorization': 'Basic x',
    'X-Kora-Reason': 'x',
    'X-Signature': 'mine',
  };
  const answer = await asking('/plugins/tide/a%2Fb?q=1&r', { method: 'PUT', headers, body: 'höhe' });
  expect(answer.status).toBe(201);
  const [request] = asked;
  expect(request).toMatchObject({ method: 'PUT', path: '/a%2Fb', query: 'q=1&r' });
  expect(Buffer.from(request?.body ?? []).toString()).toBe('höhe');
  expect(Object.keys(request?.headers ?? {}).sort()).toEqual(['content-length', 'host', 'x-signature']);
});

test('an answer keeps what describes it, and loses what would speak for the host', async () => {
  const { ask: asking } = await tide(() => ({
    status: 203,
    headers: {
      'Content-Type': 'text/html',
      'X-Tide': 'high',
      ETag: '"1"',
      'Set-Cookie': 'kora_session_9119=stolen',
      'Clear-Site-Data': '"*"',
      'Strict-Transport-Security': 'max-age=1',
      'Content-Security-Policy': "default-src *; script-src 'unsafe-inline'",
      'X-Frame-Options': 'ALLOWALL',
      'WWW-Authenticate': 'Basic',
      'Transfer-Encoding': 'chunked',
    },
    body: new TextEncoder().encode('<p>'),
  }));
  const { status, headers, body } = await asking('/plugins/tide');
  expect({ status, body }).toEqual({ status: 203, body: '<p>' });
  expect(headers).toMatchObject({ 'content-type': 'text/html', 'x-tide': 'high', etag: '"1"' });
  expect(headers['content-security-policy']).toMatch(/^sandbox allow-scripts(?!.*allow-same-origin)/);
  expect(headers['x-frame-options']).toBe('DENY');
  for (const name of ['set-cookie', 'clear-site-data', 'strict-transport-security', 'www-authenticate'])
    expect(headers[name]).toBeUndefined();
});

test('law: no spelling of a header that speaks for the host comes through', () => {
  const barred = [
    'set-cookie',
    'set-cookie2',
    'clear-site-data',
    'alt-svc',
    'refresh',
    'connection',
    'x-kora-x',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...barred), fc.array(fc.boolean()), (name, upper) => {
      const letters = name.split('').map((each, at) => (upper[at] === true ? each.toUpperCase() : each));
      expect(mayLeave(letters.join(''))).toBe(false);
    }),
  );
});

test.each([
  ['throws', () => Promise.reject(new Error('secret path'))],
  ['answers nothing', () => undefined as never],
  ['answers a status that is none', () => ({ status: 99 })],
  ['answers 101', () => ({ status: 101 })],
  ['answers too much', () => ({ body: 'x'.repeat(2 * 1024 * 1024 + 1) })],
  ['answers a header with a line in it', () => ({ headers: { 'x-tide': 'a\r\nset-cookie: b' } })],
])('a plugin that %s is answered 502, and the caller is told nothing of the inside', async (_, answer) => {
  const { ask: asking, errors } = await tide(answer);
  const { status, body, headers } = await asking('/plugins/tide');
  expect(status).toBe(502);
  expect(body).toContain('KORA_PLUGIN_FAILED');
  expect(body).not.toContain('secret');
  expect(headers['set-cookie']).toBeUndefined();
  expect(errors).toHaveLength(1);
});

test('one that hangs is answered 504 at its deadline, and is told by its signal', async () => {
  const {
    ask: asking,
    clock,
    asked,
  } = await tide(() => new Promise<never>(() => undefined), { deadlineMs: 2_000 });
  const answer = asking('/plugins/tide');
  await expect.poll(() => asked.length).toBe(1);
  await clock.advance(2_000);
  expect((await answer).status).toBe(504);
  expect(asked[0]?.signal.aborted).toBe(true);
});

test('a body that is too large is refused, whether it says so or not', async () => {
  const { ask: asking, asked } = await tide(() => ({}));
  const body = Buffer.alloc(1024 * 1024 + 1);
  const tooLarge = await asking('/plugins/tide', { method: 'POST', body });
  const unsaid = await asking('/plugins/tide', {
    method: 'POST',
    body,
    headers: { 'Transfer-Encoding': 'chunked' },
  });
  expect([tooLarge.status, unsaid.status]).toEqual([413, 413]);
  expect(asked).toEqual([]);
});

test('other host names and methods are refused', async () => {
  const { ask: asking, asked } = await tide(() => ({}));
  expect((await asking('/plugins/tide', { headers: { Host: 'evil.example' } })).status).toBe(421);
  expect((await asking('/plugins/tide', { method: 'PROPFIND' })).status).toBe(405);
  expect(asked).toEqual([]);
});

test('more requests at once than a plugin may have wait outside; another plugin’s are answered', async () => {
  const held = Promise.withResolvers<MountResponse>();
  const { mounts, ask: asking, asked } = await tide(() => held.promise);
  await mounts.add({ path: '/', handle: async () => ({ body: 'moon' }) }, 'moon');
  const answers = Array.from({ length: 32 }, () => asking('/plugins/tide'));
  await expect.poll(() => asked.length).toBe(32);
  expect((await asking('/plugins/tide')).status).toBe(503);
  expect((await asking('/plugins/moon')).status).toBe(200);
  held.resolve({});
  expect(new Set((await Promise.all(answers)).map(({ status }) => status))).toEqual(new Set([200]));
  expect((await asking('/plugins/tide')).status).toBe(200);
});

test('files come first, then the plugin’s word, then the page that owns its routes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kora-guest-mount-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'web'));
  await writeFile(join(folder, 'web', 'app.js'), 'file');
  await writeFile(join(folder, 'web', 'index.html'), 'page');
  await writeFile(join(folder, 'outside'), 'SECRET');
  const directory = join(folder, 'web');
  const { mounts, ask: asking } = await tide(() => ({ body: 'said' }), { directory });
  await mounts.add({ path: '/', directory, fallback: 'index.html' }, 'moon');
  expect((await asking('/plugins/tide/app.js')).body).toBe('file');
  expect((await asking('/plugins/tide/app.js', { method: 'POST' })).body).toBe('said');
  expect((await asking('/plugins/tide/other')).body).toBe('said');
  expect((await asking('/plugins/moon/other')).body).toBe('page');
  expect((await asking('/plugins/moon/%2e%2e/outside')).body).not.toContain('SECRET');
});

test('a path that is taken, nothing to serve, and a port that is taken are refused; what was taken back is gone', async () => {
  const { mounts, ask: asking } = await tide(() => ({ body: 'one' }));
  await expect(mounts.add({ path: '/', handle: async () => ({}) }, 'tide')).rejects.toThrow("is tide's");
  await expect(mounts.add({ path: '/none' }, 'tide')).rejects.toThrow('neither directory nor handle');
  const undo = await mounts.add({ path: '/low', handle: async () => ({ body: 'two' }) }, 'tide');
  expect((await asking('/plugins/tide/low')).body).toBe('two');
  undo();
  expect((await asking('/plugins/tide/low')).body).toBe('one');

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const other = new GuestMounts({ host: '127.0.0.1', port, clock: systemClock(), onError: () => undefined });
  await expect(other.add({ path: '/', handle: async () => ({}) }, 'tide')).rejects.toMatchObject({
    code: 'KORA_PORT_TAKEN',
    fix: expect.stringContaining('http.guestPort') as string,
  });
  expect(other.url).toBeNull();
});
