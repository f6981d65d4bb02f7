// Fly's machines as fly.io/docs/machines/api/machines-resource/ (list) and fly.io/docs/machines/machine-states/ tell them,
// read 2026-11-22.
import { describe, expect, it } from 'vitest';
import { ServiceServer, tools } from '../../fixtures/service-server.ts';
import type { Reply } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import { lookAtFly } from './fly.ts';

const machine = (id: string, state: string, over: Record<string, unknown> = {}) => ({
  id,
  name: `${id}-name`,
  state,
  region: 'ams',
  instance_id: '01K4SR42ZPDHHCN70QNZKVPK48',
  private_ip: 'fdaa:0:fcc8:a7b:32c:3a59:29d5:2',
  created_at: '2026-11-01T00:00:00Z',
  updated_at: '2026-11-22T11:00:00Z',
  config: { image: 'registry.fly.io/shop:1', env: { SECRET: 'never told' } },
  checks: [{ name: 'servicecheck-00-http-8080', status: 'passing', output: 'ok' }],
  ...over,
});

async function look(apps: Record<string, Reply>, given: Record<string, unknown> = {}) {
  await using server = await ServiceServer.open(({ path }) => apps[path.split('/')[3] ?? '']);
  const config = { kind: 'fly', name: 'fly', apps: Object.keys(apps), baseUrl: server.url, ...given };
  const [probe] = configSchema.parse({ probes: [config] }).probes;
  if (probe?.kind !== 'fly') throw new Error('not a fly probe');
  const snapshot = await lookAtFly(
    probe,
    tools({ FLY_API_TOKEN: 'FlyV1 fm2_x' }),
    new AbortController().signal,
  );
  return { snapshot, asked: server.asked };
}

describe('a fly look', () => {
  it('is healthy while every machine is started', async () => {
    const { snapshot, asked } = await look({
      shop: { body: [machine('m1', 'started'), machine('m2', 'started')] },
    });
    expect(snapshot).toMatchObject({
      status: 'healthy',
      details: { apps: [{ app: 'shop', machines: 2, started: 2, wanted: 2, failure: null }], targets: [] },
    });
    expect(asked[0]).toMatchObject({
      path: '/v1/apps/shop/machines',
      headers: { authorization: 'Bearer FlyV1 fm2_x' },
    });
    expect(JSON.stringify(snapshot)).not.toContain('never told');
  });

  it('names the machines that could be restarted, each by its id (daemon defect W22)', async () => {
    const { snapshot } = await look({ shop: { body: [machine('m1', 'started'), machine('m2', 'stopped')] } });
    expect(snapshot).toMatchObject({
      status: 'degraded',
      category: 'machine_down',
      error: 'fly : shop: 1 of 2 machines started',
      details: { failure: 'machines', targets: [{ id: 'm2', app: 'shop', state: 'stopped', region: 'ams' }] },
    });
  });

  it('is unhealthy when an app has no machine started', async () => {
    const { snapshot } = await look({
      shop: { body: [machine('m1', 'failed')] },
      api: { body: [machine('m2', 'started')] },
    });
    expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'machine_down' });
    expect(snapshot.error).toBe('fly : shop: 0 of 1 machines started');
  });

  it('counts neither standbys nor what is destroyed, and no more than is wanted', async () => {
    const body = [
      machine('m1', 'started'),
      machine('m2', 'stopped', { config: { standbys: ['m1'] } }),
      machine('m3', 'destroyed'),
      machine('m4', 'stopped'),
    ];
    const { snapshot } = await look({ shop: { body } }, { atLeast: 1 });
    expect(snapshot).toMatchObject({ status: 'healthy', details: { apps: [{ machines: 2, started: 1 }] } });
  });

  it('is degraded by a critical check of a machine that runs', async () => {
    const checks = [{ name: 'http', status: 'critical' }];
    const { snapshot } = await look({ shop: { body: [machine('m1', 'started', { checks })] } });
    expect(snapshot).toMatchObject({ status: 'degraded', error: 'fly : shop: 1 checks critical' });
  });

  it('is degraded when one app is refused, and what the refusal says when all are', async () => {
    const refusal: Reply = { status: 401, body: { error: 'unauthorized' } };
    const one = await look({ shop: refusal, api: { body: [machine('m1', 'started')] } });
    expect(one.snapshot).toMatchObject({
      status: 'degraded',
      category: 'auth',
      error: 'fly : shop: HTTP 401, the token is refused',
    });
    const all = await look({ shop: refusal, api: refusal });
    expect(all.snapshot).toMatchObject({ status: 'unhealthy', category: 'auth' });
  });
});
