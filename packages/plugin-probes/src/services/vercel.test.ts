// Vercel's deployments as vercel.com/docs/rest-api/deployments/list-deployments tells them (updated 2026-05-15, read
// 2026-11-22): newest first, `limit` at most 100, and `pagination.next` goes into `until`.
import { describe, expect, it } from 'vitest';
import { ServiceServer, tools } from '../../fixtures/service-server.ts';
import type { Reply } from '../../fixtures/service-server.ts';
import { configSchema } from '../config.ts';
import type { VercelProbe } from '../config.ts';
import { gradeVercel, lookAtVercel } from './vercel.ts';

const noon = Date.parse('2026-11-22T12:00:00Z');
const minute = 60_000;

interface Made {
  readonly created: number;
  readonly state: string;
}

/** Serves deployments as the API does, newest first and page by page. */
function deploymentsFrom(made: readonly Made[]) {
  return ({
    path,
    query,
  }: {
    readonly path: string;
    readonly query: Readonly<Record<string, string>>;
  }): Reply | undefined => {
    if (path !== '/v6/deployments') return undefined;
    const [limit, since, until] = ['limit', 'since', 'until'].map((key) => Number(query[key] ?? Number.NaN));
    const fitting = made
      .filter(({ created }) => created > (since ?? 0) && !(created >= (until ?? Number.POSITIVE_INFINITY)))
      .toSorted((one, other) => other.created - one.created);
    const page = fitting.slice(0, limit);
    const next = fitting.length > page.length ? (page.at(-1)?.created ?? null) : null;
    return {
      body: {
        deployments: page.map(({ created, state }) => ({
          uid: `dpl_${created}`,
          name: 'docs',
          url: 'docs-9jaeg38me.vercel.app',
          created,
          state,
          readyState: state,
          type: 'LAMBDAS',
          target: 'production',
        })),
        pagination: { count: page.length, next, prev: page[0]?.created ?? null },
      },
    };
  };
}

function probe(given: Record<string, unknown>): VercelProbe {
  const [parsed] = configSchema.parse({ probes: [{ kind: 'vercel', name: 'vercel', ...given }] }).probes;
  if (parsed?.kind !== 'vercel') throw new Error('not a vercel probe');
  return parsed;
}

const look = (given: Record<string, unknown>) =>
  lookAtVercel(probe(given), tools({ VERCEL_API_TOKEN: 'vcp_token' }), new AbortController().signal);

describe('a vercel look', () => {
  it('counts all of 24 hours, past the first hundred (daemon defect W28)', async () => {
    const made = Array.from({ length: 250 }, (_, at) => ({
      created: noon - (at + 1) * 5 * minute,
      state: at % 5 === 0 ? 'ERROR' : 'READY',
    }));
    const older = { created: noon - 25 * 60 * minute, state: 'ERROR' };
    await using server = await ServiceServer.open(deploymentsFrom([...made, older]));
    expect(await look({ baseUrl: server.url, teamId: 'team_1', project: 'docs' })).toMatchObject({
      status: 'degraded',
      category: 'error_rate',
      error: 'vercel : 50 of 250 deployments of 24 hours failed, limit 10 %',
      details: { deployments24h: 250, finished24h: 250, failed24h: 50, errorRate24h: 0.2, truncated: false },
    });
    expect(server.asked.map(({ query }) => query['until'])).toEqual([
      undefined,
      String(noon - 500 * minute),
      String(noon - 1_000 * minute),
    ]);
    expect(server.asked[0]).toMatchObject({
      query: { teamId: 'team_1', projectId: 'docs', limit: '100' },
      headers: { authorization: 'Bearer vcp_token' },
    });
  });

  it('ends after ten pages and says that there was more', async () => {
    const made = Array.from({ length: 1_300 }, (_, at) => ({
      created: noon - (at + 1) * minute,
      state: 'READY',
    }));
    await using server = await ServiceServer.open(deploymentsFrom(made));
    expect(await look({ baseUrl: server.url })).toMatchObject({
      status: 'healthy',
      details: { deployments24h: 1_000, truncated: true },
    });
    expect(server.asked).toHaveLength(10);
  });

  it('counts only what has ended: of none nothing is said (daemon defect W28)', () => {
    const at = { uid: 'dpl_1', name: 'docs', created: noon };
    const deployments = ['BUILDING', 'QUEUED', 'CANCELED'].map((readyState) => ({ ...at, readyState }));
    expect(gradeVercel({ maxErrorRate: 0.1 }, { deployments, truncated: false, latencyMs: 1 })).toMatchObject(
      {
        status: 'healthy',
        details: { deployments24h: 3, finished24h: 0, errorRate24h: null, latest: { id: 'dpl_1' } },
      },
    );
  });
});
