import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../fixtures/certificate.ts';
import type { MadeCertificate } from '../../fixtures/certificate.ts';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import { lookAtHttp } from './http.ts';
import type { LookClock } from './look.ts';

const dayMs = 86_400_000;
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serveTls(made: MadeCertificate): Promise<{ url: string; caFile: string; asked: string[] }> {
  const asked: string[] = [];
  const key = made.key.export({ type: 'pkcs8', format: 'pem' });
  const server = createServer({ key, cert: made.cert }, (request, response) => {
    asked.push(String(request.headers['x-shop']));
    response.end('ok');
  });
  server.on('tlsClientError', () => {});
  const folder = await mkdtemp(join(tmpdir(), 'kora-ca-'));
  open.push(() => rm(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, made.cert);
  return { url: await listen(server), caFile, asked };
}

const clock: LookClock = { ...handClock(), now: () => Date.now() };

async function ask(given: Record<string, unknown>, at: LookClock = clock): Promise<ProbeSnapshot> {
  const [probe] = configSchema.parse({ probes: [{ kind: 'http', name: 'shop', ...given }] }).probes;
  if (probe?.kind !== 'http') throw new Error('not an http probe');
  return await lookAtHttp(probe, at, new AbortController().signal);
}

describe('an https look', () => {
  it('is healthy with a certificate that is trusted and lasts, and says how long', async () => {
    const { url, caFile } = await serveTls(selfSigned(Date.now() - dayMs, Date.now() + 90.5 * dayMs));
    const snapshot = await ask({ url, caFile, bodyIncludes: 'ok' });
    expect(snapshot).toMatchObject({
      status: 'healthy',
      details: { statusCode: 200, certificateDaysLeft: 90 },
    });
  });

  it('is degraded when the certificate expires soon', async () => {
    const until = Date.now() + 5.5 * dayMs;
    const { url, caFile } = await serveTls(selfSigned(Date.now() - dayMs, until));
    expect(await ask({ url, caFile })).toMatchObject({
      status: 'degraded',
      category: 'certificate',
      error: `GET ${url}/ : certificate expires in 5 days, on ${new Date(until).toISOString().slice(0, 10)}`,
      details: { failure: 'certificate_expiring', certificateDaysLeft: 5 },
    });
    expect((await ask({ url, caFile, certificateDays: 0 })).status).toBe('healthy');
  });

  it('is unhealthy when the certificate has expired, and names the day', async () => {
    const until = Date.now() - 3 * dayMs;
    const { url, caFile } = await serveTls(selfSigned(Date.now() - 9 * dayMs, until));
    expect(await ask({ url, caFile })).toMatchObject({
      status: 'unhealthy',
      category: 'certificate',
      error: `GET ${url}/ : certificate expired on ${new Date(until).toISOString().slice(0, 10)}`,
      details: { failure: 'certificate', objection: 'CERT_HAS_EXPIRED' },
    });
  });

  it('sends nothing to a server whose certificate is self-signed', async () => {
    const { url, asked } = await serveTls(selfSigned(Date.now() - dayMs, Date.now() + 90 * dayMs));
    expect(await ask({ url, headers: { 'X-Shop': 'tok3n' } })).toMatchObject({
      status: 'unhealthy',
      category: 'certificate',
      error: `GET ${url}/ : certificate is self-signed and not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    });
    expect(asked).toEqual([]);
  });

  it('says expired first when it is self-signed too', async () => {
    const { url } = await serveTls(selfSigned(Date.now() - 9 * dayMs, Date.now() - 3 * dayMs));
    expect((await ask({ url })).error).toMatch(/ : certificate expired on \d{4}-\d\d-\d\d$/);
  });

  it('is unhealthy when the certificate is for another host', async () => {
    const { url, caFile } = await serveTls(
      selfSigned(Date.now() - dayMs, Date.now() + 90 * dayMs, [10, 9, 8, 7]),
    );
    expect(await ask({ url, caFile })).toMatchObject({
      category: 'certificate',
      error: `GET ${url}/ : certificate is for another host name`,
    });
  });

  it('is unhealthy when the port speaks no TLS', async () => {
    const url = await listen(
      createTcpServer((socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    );
    const snapshot = await ask({ url });
    expect(snapshot).toMatchObject({
      status: 'unhealthy',
      category: 'service_unhealthy',
      details: { failure: 'tls' },
    });
    expect(snapshot.error).toMatch(/ : TLS handshake failed \(\w+\)$/);
  });

  it('says that the handshake timed out when the port accepts and stays silent', async () => {
    let pass = (): void => {};
    const hand: LookClock = { ...clock, sleep: () => new Promise((resolve) => (pass = () => resolve(true))) };
    const url = await listen(createTcpServer((socket) => void socket.once('data', () => pass())));
    const snapshot = await ask({ url, timeoutMs: 700 }, hand);
    expect(snapshot.error).toBe(`GET ${url}/ : timed out after 700 ms waiting for the TLS handshake`);
  });

  it('names a caFile that cannot be read', async () => {
    const snapshot = await ask({ url: 'https://127.0.0.1:1', caFile: '/nonexistent/ca.pem' });
    expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'drift' });
    expect(snapshot.error).toContain('caFile /nonexistent/ca.pem cannot be read (ENOENT)');
  });
});
