import { afterEach, expect, inject, it, vi } from 'vitest';
import { handClock } from '../../fixtures/clock.ts';
import { configSchema } from '../config.ts';
import { lookAtPostgres } from './postgres.ts';

const { host, port, user, password, database } = inject('postgres');

afterEach(() => vi.unstubAllEnvs());

async function ask(over: { readonly password?: string; readonly database?: string } = {}) {
  const at = host.startsWith('/') ? encodeURIComponent(host) : host;
  const url = new URL(`postgres://${user}@${at}:${port}`);
  vi.stubEnv('OWN_PASSWORD', over.password ?? password);
  url.pathname = `/${over.database ?? database}`;
  const [probe] = configSchema.parse({
    probes: [{ kind: 'postgres', name: 'own', url: url.href, password: 'env:OWN_PASSWORD' }],
  }).probes;
  if (probe?.kind !== 'postgres') throw new Error('not a postgres probe');
  return await lookAtPostgres(probe, handClock(), new AbortController().signal);
}

it('asks a real server what a real server answers', async () => {
  const { status, details } = await ask();
  expect({ status, standby: details['standby'] }).toEqual({ status: 'healthy', standby: false });
  expect(details['version']).toMatch(/^\d+\./);
  expect(details['connections']).toBeGreaterThan(0);
  expect(details['maxConnections']).toBeGreaterThan(0);
  expect(details['connectionsPercent']).toBeGreaterThan(0);
});

it('is refused by a real server for what it is', async () => {
  expect(await ask({ password: 'wrong' })).toMatchObject({ status: 'unhealthy', category: 'auth' });
  expect(await ask({ database: 'not_there' })).toMatchObject({
    status: 'unhealthy',
    category: 'drift',
    details: { failure: 'no_database', code: '3D000' },
  });
});
