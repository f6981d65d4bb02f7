import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FixObservation } from '@kora/runtime/plugin';
import { expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { HookFix } from './config.ts';
import { hookFix } from './hook.ts';

interface Heard {
  readonly url: string;
  readonly key: string;
  readonly token: string;
  readonly body: unknown;
}

async function scene(status = 200, location?: string) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({
        url: request.url ?? '',
        key: String(request.headers['idempotency-key']),
        token: String(request.headers['x-token']),
        body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown,
      });
      response.writeHead(status, location === undefined ? {} : { location }).end('fine');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = configSchema.parse({
    fixes: [
      {
        probe: 'shop',
        use: 'call_hook',
        url: `${base}/mend`,
        rollbackUrl: `${base}/back`,
        headers: { 'x-token': 't' },
      },
    ],
  });
  return { envelope: hookFix(config.fixes[0] as HookFix), heard };
}

const seen = (status: FixObservation['status']): FixObservation => ({
  probe: 'shop',
  target: 'https://shop.example',
  status,
  details: {},
  error: null,
  checkedAt: '2026-11-22T03:00:00.000Z',
});
const { signal } = new AbortController();
const call = { key: 'kora-1-fix-4', incidentId: 7, before: {}, signal };

test('a hook is told what fails under the key of the attempt, and so is the one that takes it back', async () => {
  const { envelope, heard } = await scene();
  const [target] = envelope.targets(seen('unhealthy'));
  if (target === undefined) throw new TypeError('there is one');
  await envelope.execute(target, call);
  await envelope.rollback?.(target, call);
  const body = { probe: 'shop', target: 'probe:shop', incident: 7, key: 'kora-1-fix-4' };
  expect(heard).toEqual([
    { url: '/mend', key: 'kora-1-fix-4', token: 't', body },
    { url: '/back', key: 'kora-1-fix-4', token: 't', body },
  ]);
});

test.each([
  ['says no', 500, undefined],
  ['sends elsewhere', 302, 'https://elsewhere.example/'],
])('one that %s has not done it', async (_what, status, location) => {
  const { envelope } = await scene(status, location);
  await expect(envelope.execute({ id: 'probe:shop', title: '' }, call)).rejects.toThrow(
    `answered HTTP ${status}`,
  );
});

test('what is only slow is not mended', async () => {
  const { envelope } = await scene();
  const asked = (status: FixObservation['status']): boolean[] =>
    envelope
      .conditions({ observation: seen(status), target: { id: 'x', title: '' }, targets: [], before: {} })
      .map(({ holds }) => holds);
  expect([asked('degraded'), asked('unreachable')]).toEqual([[false], [true]]);
});
