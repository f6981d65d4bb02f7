import { afterEach, describe, expect, it, vi } from 'vitest';
import { handClock, spentClock } from '../../fixtures/clock.ts';
import { PostgresServer } from '../../fixtures/postgres-server.ts';
import type { Manner } from '../../fixtures/postgres-server.ts';
import { configSchema } from '../config.ts';
import type { PostgresProbe } from '../config.ts';
import type { LookClock } from './look.ts';
import { lookAtPostgres } from './postgres.ts';

const well = {
  maxConnections: '100',
  version: '18.4',
  standby: 'f',
  connections: '12',
  longestTransactionSeconds: null,
  lagSeconds: null,
};

function probe(given: Record<string, unknown>): PostgresProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'postgres', name: 'orders', ...given }] }).probes;
  if (parsed?.kind !== 'postgres') throw new Error('not a postgres probe');
  return parsed;
}

async function ask(manner: Manner, given: Record<string, unknown> = {}, clock: LookClock = handClock()) {
  await using server = await PostgresServer.open(manner);
  const url = `postgres://kora@127.0.0.1:${server.port}/orders`;
  vi.stubEnv('ORDERS_PASSWORD', 's3cret');
  const password = 'env:ORDERS_PASSWORD';
  const snapshot = await lookAtPostgres(
    probe({ url, password, ...given }),
    clock,
    new AbortController().signal,
  );
  await vi.waitFor(() => expect(server.connections).toBe(0));
  return { snapshot, logins: server.logins, port: server.port };
}

afterEach(() => vi.unstubAllEnvs());

describe('a postgres look', () => {
  it('is healthy when the server answers, says how it is, and leaves no connection behind', async () => {
    const { snapshot, logins } = await ask({ answers: well });
    expect(snapshot).toMatchObject({
      status: 'healthy',
      details: {
        connections: 12,
        maxConnections: 100,
        connectionsPercent: 12,
        standby: false,
        version: '18.4',
      },
    });
    expect(snapshot.latencyMs).toBeGreaterThan(0);
    expect(logins[0]).toMatchObject({ user: 'kora', database: 'orders', application_name: 'kora-probe' });
  });

  it.each([
    [{ connections: '80' }, {}, 'degraded', 'capacity', '80 of 100 connections taken, 80 %, limit 80 %'],
    [{ connections: '97' }, {}, 'unhealthy', 'capacity', '97 of 100 connections taken, 97 %, limit 95 %'],
    [{ standby: 't' }, { role: 'primary' }, 'unhealthy', 'drift', 'is a standby, expected a primary'],
    [
      { standby: 't', lagSeconds: '42.4' },
      { maxLagSeconds: 30 },
      'degraded',
      'latency',
      'lags 42 s behind, limit 30 s',
    ],
  ])('grades %j under %j', async (over, given, status, category, words) => {
    const { snapshot, port } = await ask({ answers: { ...well, ...over } }, given);
    expect(snapshot).toMatchObject({ status, category });
    expect(snapshot.error).toBe(`PostgreSQL 127.0.0.1:${port}/orders : ${words}`);
  });

  it.each([
    ['28P01', 'unhealthy', 'auth', 'the password is refused (28P01)'],
    ['53300', 'unhealthy', 'capacity', 'all connections are taken (53300)'],
    ['3D000', 'unhealthy', 'drift', 'there is no such database (3D000)'],
    ['57P03', 'unhealthy', 'service_unhealthy', 'it does not accept connections yet (57P03)'],
    ['XX000', 'unhealthy', 'service_unhealthy', 'refused (XX000)'],
  ])(
    'refused with %s is %s, %s, and repeats no word of the server',
    async (refuses, status, category, words) => {
      const { snapshot } = await ask({ refuses });
      expect(snapshot).toMatchObject({ status, category });
      expect(snapshot.error).toMatch(new RegExp(`/orders : ${words.replaceAll(/[()]/g, '\\$&')}$`));
      expect(JSON.stringify(snapshot)).not.toContain('s3cret');
    },
  );

  it('is unreachable when the server hangs up, stays silent or is not there', async () => {
    const rude = await ask({ is: 'rude' });
    expect(rude.snapshot).toMatchObject({ status: 'unreachable', details: { failure: 'closed' } });
    const silent = await ask({ is: 'silent' }, { timeoutMs: 300 }, spentClock());
    expect(silent.snapshot.error).toContain('timed out after 300 ms waiting for a session');
    const gone = probe({ url: `postgres://kora@127.0.0.1:${silent.port}/orders` });
    expect(await lookAtPostgres(gone, handClock(), new AbortController().signal)).toMatchObject({
      status: 'unreachable',
      error: `PostgreSQL 127.0.0.1:${silent.port}/orders : connection refused`,
    });
  });

  it('names a password that is nowhere to be read', async () => {
    const { snapshot } = await ask({ answers: well }, { password: 'file:/nonexistent/password' });
    expect(snapshot).toMatchObject({ status: 'unhealthy', category: 'drift' });
    expect(snapshot.error).toContain(
      'password file:/nonexistent/password is not said, empty or cannot be read',
    );
  });
});
