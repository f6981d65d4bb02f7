import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { VercelProbe } from '../config.ts';
import { caller } from './call.ts';
import type { Call } from './call.ts';
import { lookAtService, misshapen, refused } from './service.ts';
import type { ServiceTools } from './service.ts';

const dayMs = 86_400_000;
const pageSize = 100;
/** A thousand deployments a day are counted; of more it is said that they were not. */
const mostPages = 10;

const pageSchema = z.object({
  deployments: z.array(
    z.object({
      uid: z.string(),
      name: z.string(),
      created: z.number(),
      // Which of the two it has depends on the version of the API.
      state: z.string().optional(),
      readyState: z.string().optional(),
      target: z.string().nullish(),
    }),
  ),
  pagination: z.object({ next: z.number().nullish() }),
});

type Deployment = z.infer<typeof pageSchema>['deployments'][number];

export interface VercelSeen {
  readonly deployments: readonly Deployment[];
  /** Whether there were more than were read. */
  readonly truncated: boolean;
  readonly latencyMs: number;
}

/** Counts the deployments of the last 24 hours and how many of them failed. */
export function lookAtVercel(
  probe: VercelProbe,
  tools: ServiceTools,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const service = { ...probe, secret: 'VERCEL_API_TOKEN' };
  return lookAtService(service, tools, signal, async (token, current) => {
    const headers = { authorization: `Bearer ${token}` };
    const seen = await deploymentsOf(
      probe,
      caller({ baseUrl: probe.baseUrl, headers }, current),
      tools.clock.now(),
    );
    return 'status' in seen ? seen : gradeVercel(probe, seen);
  });
}

async function deploymentsOf(
  probe: VercelProbe,
  call: Call,
  now: number,
): Promise<VercelSeen | ProbeSnapshot> {
  const since = now - dayMs;
  const asked = {
    limit: String(pageSize),
    since: String(since),
    ...(probe.teamId === undefined ? {} : { teamId: probe.teamId }),
    ...(probe.project === undefined ? {} : { projectId: probe.project }),
  };
  const deployments: Deployment[] = [];
  let until: number | null = null;
  let latencyMs: number | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await call('/v6/deployments', {
      ...asked,
      ...(until === null ? {} : { until: String(until) }),
    });
    if (answer.status !== 200) return refused('vercel deployments', answer);
    const parsed = pageSchema.safeParse(answer.body);
    if (!parsed.success) return misshapen('vercel deployments', answer);
    latencyMs ??= answer.latencyMs;
    deployments.push(...parsed.data.deployments.filter(({ created }) => created >= since));
    until = parsed.data.pagination.next ?? null;
    if (until === null || until < since) return { deployments, truncated: false, latencyMs };
  }
  return { deployments, truncated: true, latencyMs: latencyMs ?? 0 };
}

export function gradeVercel(probe: Pick<VercelProbe, 'maxErrorRate'>, seen: VercelSeen): ProbeSnapshot {
  const states = seen.deployments.map((each) => each.readyState ?? each.state ?? 'UNKNOWN');
  const failed = states.filter((state) => state === 'ERROR' || state === 'FAILED').length;
  const finished = failed + states.filter((state) => state === 'READY').length;
  // One that is queued, building or cancelled says nothing of how deployments end.
  const errorRate = finished === 0 ? null : Math.round((failed / finished) * 1000) / 1000;
  const [latest] = seen.deployments.toSorted((one, other) => other.created - one.created);
  const details = {
    deployments24h: states.length,
    finished24h: finished,
    failed24h: failed,
    errorRate24h: errorRate,
    truncated: seen.truncated,
    ...(latest === undefined
      ? {}
      : {
          latest: {
            id: latest.uid,
            project: latest.name,
            state: latest.readyState ?? latest.state ?? null,
            target: latest.target ?? null,
            at: new Date(latest.created).toISOString(),
          },
        }),
  };
  if (errorRate === null || errorRate <= probe.maxErrorRate)
    return { status: 'healthy', latencyMs: seen.latencyMs, details };
  return {
    status: 'degraded',
    latencyMs: seen.latencyMs,
    details: { ...details, failure: 'error_rate' },
    error: `vercel : ${failed} of ${finished} deployments of 24 hours failed, limit ${probe.maxErrorRate * 100} %`,
    category: 'error_rate',
  };
}
