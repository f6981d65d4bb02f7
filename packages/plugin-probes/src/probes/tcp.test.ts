import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { handClock, spentClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { TcpProbe } from '../config.ts';
import { lookAtTcp, shownEndpoint } from './tcp.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await closed(server);
});

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

async function listen(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  return { server, port: (server.address() as AddressInfo).port };
}

function probe(given: Record<string, unknown>): TcpProbe {
  const [parsed] = configSchema.parse({
    probes: [{ kind: 'tcp', name: 'db', host: '127.0.0.1', ...given }],
  }).probes;
  if (parsed?.kind !== 'tcp') throw new Error('not a tcp probe');
  return parsed;
}

const clock = handClock();
const never = new AbortController().signal;

describe('a tcp look', () => {
  it('is healthy when the port accepts, and closes the connection it opened', async () => {
    const { server, port } = await listen();
    const gone = new Promise<void>((resolve) =>
      server.on('connection', (socket) => void socket.resume().on('close', () => resolve())),
    );
    expect(await lookAtTcp(probe({ port }), clock, never)).toMatchObject({ status: 'healthy', details: {} });
    await gone;
  });

  it('is unreachable when refused', async () => {
    const { server, port } = await listen();
    await closed(server);
    expect(await lookAtTcp(probe({ port }), clock, never)).toEqual({
      status: 'unreachable',
      category: 'unreachable',
      error: `TCP 127.0.0.1:${port} : connection refused`,
      details: { failure: 'refused' },
    });
  });

  it('is unreachable when the name does not resolve', async () => {
    const snapshot = await lookAtTcp(probe({ host: 'nonexistent.invalid', port: 5432 }), clock, never);
    expect(snapshot).toMatchObject({ status: 'unreachable', details: { failure: 'dns' } });
    expect(snapshot.error).toMatch(/^TCP nonexistent\.invalid:5432 : DNS lookup failed/);
  });

  it('is unreachable when the time is up before the connection stands', async () => {
    const { port } = await listen();
    const atOnce = spentClock();
    expect(await lookAtTcp(probe({ port, timeoutMs: 900 }), atOnce, never)).toMatchObject({
      status: 'unreachable',
      category: 'unreachable',
      error: `TCP 127.0.0.1:${port} : timed out after 900 ms waiting for a connection`,
      details: { failure: 'timeout' },
    });
  });

  it('rejects when the runtime has given up already', async () => {
    const { port } = await listen();
    await expect(lookAtTcp(probe({ port }), clock, AbortSignal.abort(new Error('over')))).rejects.toThrow(
      'over',
    );
  });

  it('writes IPv6 addresses in brackets', () => {
    expect(shownEndpoint({ host: '::1', port: 5432 })).toBe('[::1]:5432');
    expect(shownEndpoint({ host: 'db.internal', port: 5432 })).toBe('db.internal:5432');
  });
});
