// Sentry's issues as docs.sentry.io/api/events/list-an-organizations-issues tells them, and its pages as
// docs.sentry.io/api/pagination does, both read 2026-11-22: a link to the next page is always there, `results` says whether
// anything is on it.
import { describe, expect, it } from 'vitest';
import { ServiceServer, tools } from '../../fixtures/service-server.ts';
import type { Asked, Reply } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import type { SentryProbe } from '../config.ts';
import { lookAtSentry, nextCursor } from './sentry.ts';

/** An organization with so many unresolved issues. */
function organizationOf(count: number) {
  return ({ path, query }: Asked): Reply | undefined => {
    if (path !== '/api/0/organizations/acme/issues/') return undefined;
    const from = Number((query['cursor'] ?? '0:0:0').split(':')[1]);
    const to = Math.min(from + Number(query['limit']), count);
    const link = (rel: string, offset: number, results: boolean): string =>
      `<https://sentry.example${path}?&cursor=0:${offset}:0>; rel="${rel}"; results="${results}"; cursor="0:${offset}:0"`;
    return {
      headers: { link: [link('previous', 0, from > 0), link('next', to, to < count)].join(', ') },
      body: Array.from({ length: to - from }, (_, at) => ({
        id: String(from + at),
        shortId: `SHOP-${from + at}`,
        title: `TypeError: ${'x'.repeat(500)}`,
        level: 'error',
        count: '7',
        firstSeen: '2026-11-20T00:00:00Z',
        lastSeen: `2026-11-22T11:${String(at % 60).padStart(2, '0')}:00Z`,
        project: { id: '2', name: 'Shop', slug: 'shop' },
        status: 'unresolved',
      })),
    };
  };
}

async function look(server: ServiceServer, given: Record<string, unknown> = {}) {
  const config = { kind: 'sentry', name: 'sentry', organization: 'acme', baseUrl: server.url, ...given };
  const [parsed] = configSchema.parse({ probes: [config] }).probes;
  if (parsed?.kind !== 'sentry') throw new Error('not a sentry probe');
  const probe: SentryProbe = parsed;
  return await lookAtSentry(probe, tools({ SENTRY_API_TOKEN: 'sntrys_x' }), new AbortController().signal);
}

describe('a sentry look', () => {
  it('counts past the first hundred (daemon defect W28)', async () => {
    await using server = await ServiceServer.open(organizationOf(230));
    const snapshot = await look(server);
    expect(snapshot).toMatchObject({
      status: 'degraded',
      category: 'error_rate',
      error: 'sentry : 230 issues, limit 10',
      details: { issues: 230, truncated: false },
    });
    const { newest } = snapshot.details as { newest: { id: string; title: string; events: number }[] };
    expect(newest).toHaveLength(5);
    expect(newest[0]).toMatchObject({
      level: 'error',
      events: 7,
      project: 'shop',
      title: expect.any(String),
    });
    expect(newest[0]?.title).toHaveLength(120);
    expect(server.asked.map(({ query }) => query['cursor'])).toEqual([undefined, '0:100:0', '0:200:0']);
    expect(server.asked[0]).toMatchObject({
      query: { query: 'is:unresolved', limit: '100' },
      headers: { authorization: 'Bearer sntrys_x' },
    });
  });

  it('ends after ten pages and says that there were more', async () => {
    await using server = await ServiceServer.open(organizationOf(1_100));
    expect(await look(server)).toMatchObject({
      error: 'sentry : more than 1000 issues, limit 10',
      details: { truncated: true },
    });
  });

  it('is healthy up to its limit', async () => {
    await using server = await ServiceServer.open(organizationOf(10));
    expect(await look(server)).toMatchObject({ status: 'healthy', details: { issues: 10 } });
    expect(await look(server, { maxIssues: 9 })).toMatchObject({ status: 'degraded' });
  });

  it('goes only to a page on which something is', () => {
    const page = (results: string): string =>
      `<https://x/?&cursor=0:1:0>; rel="next"; results="${results}"; cursor="0:1:0"`;
    expect(nextCursor(page('true'))).toBe('0:1:0');
    expect([nextCursor(page('false')), nextCursor(null), nextCursor('nonsense')]).toEqual([null, null, null]);
  });
});
