import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FixEnvelope, FixObservation, FixSituation } from '@kora/runtime/plugin';
import { expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../config.ts';
import type { FlyProbe } from '../config.ts';
import type { MachineFix } from './config.ts';
import { machineFix } from './machine.ts';

// As https://fly.io/docs/machines/api/machines-resource/ describes it: get a machine, restart a machine (read 2026-11-22).
interface Scene {
  readonly envelope: FixEnvelope;
  /** `POST /v1/apps/…`, with what was sent along. */
  readonly asked: { readonly line: string; readonly authorization: string; readonly key: string }[];
  /** What a machine answers. */
  readonly machine: { state: string; status: number };
}

async function scene(token: string | undefined = 'fly-token'): Promise<Scene> {
  const asked: Scene['asked'][number][] = [];
  const machine = { state: 'stopped', status: 200 };
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({
      line: `${method} ${url}`,
      authorization: headers.authorization ?? '',
      key: String(headers['idempotency-key'] ?? ''),
    });
    response.writeHead(machine.status, { 'content-type': 'application/json' });
    if (method === 'POST') {
      if (machine.status === 200) machine.state = 'started';
      response.end('{"ok":true}');
      return;
    }
    const { state } = machine;
    response.end(
      JSON.stringify({ id: '148e21', name: 'shop', state, region: 'fra', instance_id: '01H', config: {} }),
    );
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = configSchema.parse({
    probes: [{ kind: 'fly', name: 'fly', apps: ['shop'], baseUrl }],
    fixes: [{ probe: 'fly', use: 'restart_unhealthy_machine', mode: 'approve' }],
  });
  const [probe, fix] = [config.probes[0] as FlyProbe, config.fixes[0] as MachineFix];
  const envelope = machineFix(fix, probe, { secret: () => Promise.resolve(token) });
  return { envelope, asked, machine };
}

const seen = (...ids: readonly string[]): FixObservation => ({
  probe: 'fly',
  target: 'shop',
  status: 'degraded',
  details: { targets: ids.map((id) => ({ id, app: 'shop', name: null, state: 'stopped', region: null })) },
  error: null,
  checkedAt: '2026-11-22T03:00:00.000Z',
});

const { signal } = new AbortController();
const target = { id: 'fly:shop/148e21', title: 'machine 148e21 of shop' };

function situation(observation: FixObservation, envelope: FixEnvelope, state: string): FixSituation {
  return { observation, target, targets: envelope.targets(observation), before: { state } };
}

test('a machine is restarted by the id that the look named, under the key of the attempt', async () => {
  const { envelope, asked, machine } = await scene();
  expect(envelope.targets(seen('148e21'))).toEqual([target]);
  const before = await envelope.observe(target, signal);
  expect(before).toEqual({ id: '148e21', name: 'shop', state: 'stopped', region: 'fra', instanceId: '01H' });
  await envelope.execute(target, { key: 'kora-1-fix-4', incidentId: 7, before, signal });
  expect(machine.state).toBe('started');
  expect(asked).toEqual([
    { line: 'GET /v1/apps/shop/machines/148e21', authorization: 'Bearer fly-token', key: '' },
    {
      line: 'POST /v1/apps/shop/machines/148e21/restart',
      authorization: 'Bearer fly-token',
      key: 'kora-1-fix-4',
    },
  ]);
});

test.each([
  ['one that is stopped', ['148e21'], 'stopped', []],
  ['one of two', ['148e21', '9f'], 'stopped', ['single_machine_not_started']],
  ['one that runs again', ['148e21'], 'started', ['machine_not_started']],
  ['one that somebody is at', ['148e21'], 'starting', ['machine_at_rest']],
])('%s', async (_what, ids, state, broken) => {
  const { envelope } = await scene();
  const conditions = envelope.conditions(situation(seen(...ids), envelope, state));
  expect(conditions.filter(({ holds }) => !holds).map(({ name }) => name)).toEqual(broken);
});

test('what Fly refuses is an error, and a missing token asks nobody', async () => {
  const { envelope, machine } = await scene();
  machine.status = 422;
  await expect(envelope.execute(target, { key: 'k', incidentId: 7, before: {}, signal })).rejects.toThrow(
    'Fly answered HTTP 422',
  );
  await expect(envelope.observe(target, signal)).rejects.toThrow('Fly answered HTTP 422');
  const { envelope: without, asked } = await scene(' ');
  await expect(without.observe(target, signal)).rejects.toThrow('there is no token');
  expect(asked).toEqual([]);
});

test('an id cannot lead anywhere else', async () => {
  const { envelope, asked } = await scene();
  await envelope.observe({ id: 'fly:shop/../../secrets', title: '' }, signal);
  expect(asked.map(({ line }) => line)).toEqual(['GET /v1/apps/shop/machines/..%2F..%2Fsecrets']);
});

test('a look without machines names nothing', async () => {
  const { envelope } = await scene();
  expect(envelope.targets({ ...seen(), details: { failure: 'status' } })).toEqual([]);
});
