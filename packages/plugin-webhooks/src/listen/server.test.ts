import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { proxiesOf } from '../config.ts';
import { send } from '../../fixtures/sender.ts';
import { bodyOf } from './body.ts';
import type { Answer } from './receive.ts';
import { PublicPort } from './server.ts';
import type { ServerParts } from './server.ts';

const log = { info: () => undefined, warn: vi.fn<() => void>(), error: () => undefined };
const clock = {
  sleep: (ms: number, signal?: AbortSignal): Promise<boolean> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), ms);
      signal?.addEventListener('abort', () => (clearTimeout(timer), resolve(false)), { once: true });
    }),
};
const died = vi.fn<() => void>();
const sockets: Socket[] = [];
let open: PublicPort | undefined;

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await open?.close();
  open = undefined;
});

async function listening(answer: ServerParts['answer'], proxies: readonly string[] = []): Promise<number> {
  const limits = { headMs: 100, requestMs: 200, lookMs: 20, connections: 20, connectionsOfOne: 3 };
  open = new PublicPort({
    host: '127.0.0.1',
    port: 0,
    proxies: proxiesOf(proxies),
    log,
    clock,
    answer,
    died,
    limits,
  });
  return open.open();
}

/** Says this and then nothing; answers what came back before the other side hung up. */
function mumble(port: number, words: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    let heard = '';
    socket.on('data', (chunk) => (heard += chunk.toString('utf8')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(heard));
    socket.write(words);
  });
}

const fine = (): Promise<Answer> => Promise.resolve({ status: 200, body: { fine: true } });

test('a head that comes slowly, and a body that never ends, are hung up on', async () => {
  const port = await listening(async (request) => {
    await bodyOf(request, 1_000);
    return { status: 200, body: 'never' };
  });
  const [head, body] = await Promise.all([
    mumble(port, 'POST /webhooks/a HTTP/1.1\r\nHost: x\r\nX-Slow: '),
    mumble(port, 'POST /webhooks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'),
  ]);
  expect(head).toContain('408');
  expect(body).not.toContain('200');
});

test('a head that is too large, or is none, is answered and hung up on', async () => {
  const port = await listening(fine);
  const large = await mumble(port, `GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`);
  expect(large).toContain('431');
  expect(await mumble(port, '\u0016\u0003\u0001 is TLS\r\n\r\n')).toContain('400');
  expect(await send({ port, path: '/', method: 'GET' })).toMatchObject({ status: 200 });
});

test('one address has so many connections, unless it is a proxy of ours', async () => {
  const port = await listening(fine);
  const idle = Array.from({ length: 3 }, () => mumble(port, 'GET / HTTP/1.1\r\n'));
  await expect(send({ port, path: '/', method: 'GET' })).rejects.toThrow(/hang up|ECONNRESET/);
  await Promise.all(idle);
  await expect
    .poll(() => send({ port, path: '/', method: 'GET' }).catch(() => undefined))
    .toMatchObject({ status: 200 });
  await open?.close();
  const behind = await listening(fine, ['127.0.0.0/8']);
  const many = Array.from({ length: 5 }, () => mumble(behind, 'GET / HTTP/1.1\r\n'));
  expect(await send({ port: behind, path: '/', method: 'GET' })).toMatchObject({ status: 200 });
  await Promise.all(many);
});

test('what cannot be kept is not said to be taken', async () => {
  const port = await listening(() => Promise.reject(new Error('the store is away')));
  expect(await send({ port, path: '/', body: '{}' })).toMatchObject({
    status: 503,
    json: { refused: 'not_kept' },
    headers: { 'retry-after': '5' },
  });
});

test('a port that somebody has is said with what mends it', async () => {
  const port = await listening(fine);
  const second = new PublicPort({
    host: '127.0.0.1',
    port,
    proxies: proxiesOf([]),
    log,
    clock,
    answer: fine,
    died,
  });
  await expect(second.open()).rejects.toMatchObject({ code: 'PLUGIN_WEBHOOKS_PORT' });
  await second.close();
  expect(died).not.toHaveBeenCalled();
});
