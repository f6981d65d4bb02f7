import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { handClock, spentClock } from '../fixtures/clock.ts';
import { ServiceServer, tools } from '../fixtures/service-server.ts';
import { configSchema } from './config.ts';
import type { LookClock } from './probes/look.ts';
import { probeSpecs } from './specs.ts';

const never = new AbortController().signal;
async function specsOf(
  probes: readonly Record<string, unknown>[],
  clock: LookClock = handClock(),
  perHost = 4,
) {
  const config = configSchema.parse({ builtin: false, perHost, probes });
  return await probeSpecs(config, tools({}, clock));
}

describe('what is registered', () => {
  it('says of each kind what is looked at and where it lives, and nothing secret', async () => {
    const specs = await specsOf([
      { kind: 'http', name: 'a', url: 'https://u@shop.example/health?key=s3cret', password: 'env:P' },
      { kind: 'tls', name: 'b', host: 'mail.example', port: 993 },
      { kind: 'dns', name: 'c', host: 'shop.example', record: 'MX', server: '9.9.9.9' },
      { kind: 'load', name: 'd' },
      { kind: 'systemd', name: 'e', unit: 'shop.service' },
      { kind: 'command', name: 'f', argv: ['/usr/lib/checks/raid', '--token=s3cret'] },
      { kind: 'postgres', name: 'g', url: 'postgres://kora@db.example/orders', password: 'file:/p' },
      { kind: 'vercel', name: 'h', project: 'docs' },
      { kind: 'sentry', name: 'i', organization: 'acme' },
      { kind: 'doppler', name: 'j' },
      { kind: 'supabase', name: 'k', url: 'https://abcd.supabase.co' },
      { kind: 'fly', name: 'l', apps: ['shop', 'api'] },
    ]);
    expect(specs.map(({ kind, target, host }) => `${kind} ${target} @ ${host ?? '-'}`)).toEqual([
      'http https://shop.example/health?… @ shop.example',
      'tls mail.example:993 @ mail.example',
      'dns MX shop.example at 9.9.9.9 @ 9.9.9.9',
      'load this machine @ this machine',
      'systemd shop.service @ this machine',
      'command raid @ this machine',
      'postgres db.example/orders @ db.example',
      'vercel docs @ api.vercel.com',
      'sentry acme @ sentry.io',
      'doppler https://api.doppler.com/ @ api.doppler.com',
      'supabase https://abcd.supabase.co/ @ abcd.supabase.co',
      'fly shop, api @ api.machines.dev',
    ]);
    expect(JSON.stringify(specs)).not.toContain('s3cret');
  });

  it('hands on what it depends on and who looks; unresolved issues alone wake nobody at night', async () => {
    const [http, sentry] = await specsOf([
      { kind: 'http', name: 'shop', url: 'http://127.0.0.1', dependsOn: ['db'], scope: 'fleet' },
      { kind: 'sentry', name: 'sentry', organization: 'acme' },
    ]);
    expect(http).toMatchObject({ dependsOn: ['db'], scope: 'fleet' });
    expect(http?.severity).toBeUndefined();
    expect(sentry?.severity).toBe('warning');
  });
});

describe('looks at one host', () => {
  const named = (name: string, url: string): Record<string, unknown> => ({ kind: 'http', name, url });

  it('go side by side, no more at a time than is allowed (daemon defect W29)', async () => {
    const held: ServerResponse[] = [];
    let [under, most] = [0, 0];
    const server = createServer((_request, response) => {
      under += 1;
      most = Math.max(most, under);
      held.push(response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const specs = await specsOf(
      ['a', 'b', 'c', 'd', 'e'].map((name) => named(name, url)),
      handClock(),
      2,
    );
    const looking = specs.map((spec) => spec.check(never));
    await vi.waitFor(() => expect(held).toHaveLength(2));
    for (const _ of specs) {
      await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
      under -= 1;
      held.shift()?.end();
    }
    expect((await Promise.all(looking)).map(({ status }) => status)).toEqual(specs.map(() => 'healthy'));
    expect(most).toBe(2);
    server.close();
    await once(server, 'close');
  });

  it('say that they saw nothing when no place came free in time', async () => {
    await using server = await ServiceServer.open(() => ({ body: {} }));
    const probes = ['a', 'b'].map((name) => ({ ...named(name, server.url), timeoutMs: 60 }));
    const [first, second] = await specsOf(probes, spentClock(), 1);
    const looking = first?.check(never);
    expect(await second?.check(never)).toEqual({
      status: 'degraded',
      category: 'latency',
      details: { failure: 'host_busy' },
      error: 'b was not asked: other looks at its host were still under way after 60 ms',
    });
    await looking;
    // Its place in the queue went with it, and the first one's is free.
    expect(await second?.check(never)).toMatchObject({ details: { failure: 'timeout' } });
  });
});

it('a header that the other side repeats is told to nobody', async () => {
  vi.stubEnv('SHOP_TOKEN', 'tok3n-abc');
  onTestFinished(() => void vi.unstubAllEnvs());
  await using server = await ServiceServer.open(({ headers }) => ({ body: { said: headers.authorization } }));
  const [spec] = await specsOf([
    {
      kind: 'http',
      name: 'shop',
      url: server.url,
      headers: { Authorization: 'Bearer env:SHOP_TOKEN' },
      bodyJson: [{ path: 'said', equals: 'x' }],
    },
  ]);
  const snapshot = await spec?.check(never);
  expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'drift' });
  expect(snapshot?.error).toContain('said of its body is "Bearer [redacted]", expected "x"');
});
