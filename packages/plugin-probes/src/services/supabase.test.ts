// Supabase as its pages tell it, read 2026-11-22: the refusal of an anonymous key at /rest/v1/ of
// supabase.com/changelog/42949-breaking-change-removing-access-to-openapi-spec-via-the-anon-key (2026-02-17), /auth/v1/health
// of supabase.com/docs/guides/troubleshooting/how-do-i-check-gotrueapi-version-of-a-supabase-project-lQAnOR (2025-01-17), and
// /v1/projects/{ref}/health of the Management API (V1ServiceHealthResponse: name, status, error).
import { describe, expect, it } from 'vitest';
import { deadAddress, ServiceServer, tools } from '../../fixtures/service-server.ts';
import type { Asked, Reply } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import { lookAtSupabase } from './supabase.ts';

const forbidden: Reply = {
  status: 401,
  body: {
    message: 'Access to schema is forbidden',
    hint: 'Accessing the schema via the Data API is only allowed using a secret API key.',
  },
};
const goTrue: Reply = {
  body: { version: 'v2.60.7', name: 'GoTrue', description: 'a user registration API' },
};

function project(health: Reply, rest: Reply = forbidden) {
  const routes: Readonly<Record<string, Reply>> = {
    '/rest/v1/': rest,
    '/auth/v1/health': goTrue,
    '/v1/projects/abcd/health': health,
  };
  return ({ path }: Asked): Reply | undefined => routes[path];
}

async function look(url: string, secrets: Record<string, string> = {}, baseUrl = url) {
  const config = { kind: 'supabase', name: 'supabase', url, baseUrl, ref: 'abcd' };
  const [probe] = configSchema.parse({ probes: [config] }).probes;
  if (probe?.kind !== 'supabase') throw new Error('not a supabase probe');
  const said = tools({ SUPABASE_ANON_KEY: 'anon-key', ...secrets });
  return await lookAtSupabase(probe, said, new AbortController().signal);
}

const token = { SUPABASE_ACCESS_TOKEN: 'sbp_token' };

describe('a supabase look', () => {
  it('takes the refusal of the schema for what it is, an answer of the API behind the gateway', async () => {
    await using server = await ServiceServer.open(project({}));
    expect(await look(server.url)).toMatchObject({
      status: 'healthy',
      details: { notRead: ['no SUPABASE_ACCESS_TOKEN is said'] },
    });
    expect(server.asked.map(({ path, headers }) => [path, headers['apikey']])).toEqual([
      ['/rest/v1/', 'anon-key'],
      ['/auth/v1/health', 'anon-key'],
    ]);
  });

  it('is refused where the key is wrong', async () => {
    await using server = await ServiceServer.open(
      project({}, { status: 401, body: { message: 'Invalid API key' } }),
    );
    expect(await look(server.url)).toMatchObject({ status: 'unhealthy', category: 'auth' });
  });

  it.each([
    ['ACTIVE_HEALTHY', 'healthy', undefined],
    ['COMING_UP', 'degraded', 'supabase : db is COMING_UP'],
    ['UNHEALTHY', 'unhealthy', 'supabase : db is UNHEALTHY'],
  ])('whose database is %s is %s (daemon defect W28)', async (status, grade, error) => {
    const health = [
      { name: 'auth', healthy: true, status: 'ACTIVE_HEALTHY' },
      { name: 'db', healthy: status === 'ACTIVE_HEALTHY', status },
    ];
    await using server = await ServiceServer.open(project({ body: health }));
    const snapshot = await look(server.url, token);
    expect(snapshot).toMatchObject({
      status: grade,
      details: { parts: { auth: 'ACTIVE_HEALTHY', db: status } },
    });
    expect(snapshot.error).toBe(error);
    expect(server.asked.at(-1)).toMatchObject({
      query: { services: 'auth,db,pooler,realtime,rest,storage' },
      headers: { authorization: 'Bearer sbp_token' },
    });
  });

  it('is not down because its management cannot be asked, and says that it was not', async () => {
    await using server = await ServiceServer.open(project({ status: 503, body: {} }));
    const notRead = ['the Management API answered 503'];
    expect(await look(server.url, token)).toMatchObject({ status: 'healthy', details: { notRead } });
    const away = await look(server.url, token, await deadAddress());
    expect(away).toMatchObject({ status: 'healthy', details: { notRead: ['connection refused'] } });
  });
});
