// Doppler's API as docs.doppler.com/reference tells it (workplace-retrieve, projects-list), read 2026-11-22 through the
// models that were generated from its OpenAPI document (docs.rs/crate/doppler-rs/0.0.1) and two clients of it.
import { describe, expect, it } from 'vitest';
import { ServiceServer, tools } from '../../fixtures/service-server.ts';
import type { Reply } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import type { DopplerProbe } from '../config.ts';
import { lookAtDoppler } from './doppler.ts';

const workplace: Reply = {
  body: {
    workplace: {
      id: '7c4c1e5e',
      name: 'Acme',
      billing_email: 'pay@acme.example',
      security_email: 'safe@acme.example',
    },
    success: true,
  },
};

function probe(baseUrl: string): DopplerProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'doppler', name: 'secrets', baseUrl }] }).probes;
  if (parsed?.kind !== 'doppler') throw new Error('not a doppler probe');
  return parsed;
}

const look = (url: string) =>
  lookAtDoppler(probe(url), tools({ DOPPLER_API_TOKEN: 'dp.pt.abc' }), new AbortController().signal);

describe('a doppler look', () => {
  it('counts projects through all their pages (daemon defect W28)', async () => {
    await using server = await ServiceServer.open(({ path, query }) => {
      if (path === '/v3/workplace') return workplace;
      const page = Number(query['page']);
      const size = page < 3 ? Number(query['per_page']) : 2;
      const projects = Array.from({ length: size }, (_, at) => ({
        id: `p${page}-${at}`,
        slug: `p${page}-${at}`,
        name: 'p',
        description: '',
        created_at: '2026-01-02T03:04:05.000Z',
      }));
      return { body: { page, projects } };
    });
    const snapshot = await look(server.url);
    expect(snapshot).toMatchObject({
      status: 'healthy',
      details: { workplace: 'Acme', projects: 42, truncated: false },
    });
    expect(server.asked.map(({ path, query }) => `${path} ${query['page'] ?? ''}`.trim())).toEqual([
      '/v3/workplace',
      '/v3/projects 1',
      '/v3/projects 2',
      '/v3/projects 3',
    ]);
    expect(JSON.stringify(snapshot)).not.toContain('acme.example');
  });

  it('says what it could not read, and has no field that can never be known (daemon defect W28)', async () => {
    await using server = await ServiceServer.open(({ path }) =>
      path === '/v3/workplace' ? workplace : { status: 403, body: { messages: ['no'], success: false } },
    );
    const { status, details } = await look(server.url);
    expect({ status, details }).toEqual({
      status: 'healthy',
      details: { workplace: 'Acme', notRead: ['projects: HTTP 403'] },
    });
  });
});
