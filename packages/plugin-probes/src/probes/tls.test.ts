import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../fixtures/certificate.ts';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import type { LookClock } from './look.ts';
import { lookAtTls } from './tls.ts';

const dayMs = 86_400_000;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}

/** A server that speaks TLS and nothing behind it, with a certificate that ends in so many days. */
async function serve(days: number, ip?: readonly number[]): Promise<{ port: number; caFile: string }> {
  const { key, cert } = selfSigned(Date.now() - 30 * dayMs, Date.now() + days * dayMs, ip);
  const server = createServer({ key: key.export({ type: 'pkcs8', format: 'pem' }), cert }, (line) => {
    line.on('error', () => {});
    line.resume();
  });
  server.on('tlsClientError', () => {});
  const folder = await mkdtemp(join(tmpdir(), 'kora-ca-'));
  open.push(() => rm(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, cert);
  return { port: await listen(server), caFile };
}

const clock: LookClock = { ...handClock(), now: () => Date.now() };

async function ask(given: Record<string, unknown>): Promise<ProbeSnapshot> {
  const config = { kind: 'tls', name: 'mail', host: '127.0.0.1', ...given };
  const [probe] = configSchema.parse({ probes: [config] }).probes;
  if (probe?.kind !== 'tls') throw new Error('not a tls probe');
  return await lookAtTls(probe, clock, new AbortController().signal);
}

describe('a tls look', () => {
  it('is healthy with a certificate that is trusted and lasts, and says whose it is', async () => {
    const { port, caFile } = await serve(90.5);
    expect(await ask({ port, caFile })).toMatchObject({
      status: 'healthy',
      details: { certificateDaysLeft: 90, certificateSubject: 'kora probe test', protocol: 'TLSv1.3' },
    });
  });

  it('is degraded when the certificate expires soon', async () => {
    const { port, caFile } = await serve(5.5);
    const snapshot = await ask({ port, caFile });
    expect(snapshot).toMatchObject({
      status: 'degraded',
      category: 'certificate',
      details: { failure: 'certificate_expiring', certificateDaysLeft: 5 },
    });
    expect(snapshot.error).toContain(`TLS 127.0.0.1:${port} : certificate expires in 5 days, on `);
    expect(await ask({ port, caFile, certificateDays: 5 })).toMatchObject({ status: 'healthy' });
  });

  it.each([
    [-3, undefined, 'CERT_HAS_EXPIRED', /certificate expired on \d{4}-\d\d-\d\d$/],
    [90, [10, 9, 8, 7], 'ERR_TLS_CERT_ALTNAME_INVALID', /certificate is for another host name$/],
  ])('is unhealthy with one of %i days for %j', async (days, ip, objection, words) => {
    const { port, caFile } = await serve(days, ip);
    const snapshot = await ask({ port, caFile });
    expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'certificate', details: { objection } });
    expect(snapshot.error).toMatch(words);
  });

  it('is unhealthy where the port speaks no TLS, unreachable where nobody listens', async () => {
    const port = await listen(createTcpServer((socket) => socket.resume().end('220 mail ready\r\n')));
    expect(await ask({ port })).toMatchObject({ status: 'unhealthy', category: 'service_unhealthy' });
    await open.pop()?.();
    expect(await ask({ port })).toMatchObject({
      status: 'unreachable',
      error: `TLS 127.0.0.1:${port} : connection refused`,
    });
  });

  it('names a caFile that cannot be read', async () => {
    expect(await ask({ port: 1, caFile: '/nonexistent/ca.pem' })).toMatchObject({
      status: 'unhealthy',
      category: 'drift',
      error: 'TLS 127.0.0.1:1 : caFile /nonexistent/ca.pem cannot be read (ENOENT)',
    });
  });
});
