import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { SentryProbe } from '../config.ts';
import { caller } from './call.ts';
import type { Call } from './call.ts';
import { lookAtService, misshapen, refused } from './service.ts';
import type { ServiceTools } from './service.ts';

const pageSize = 100;
const mostPages = 10;
const shown = 5;
const longestTitle = 120;

const pageSchema = z.array(
  z.object({
    shortId: z.string(),
    title: z.string(),
    level: z.string().optional(),
    count: z.union([z.string(), z.number()]).optional(),
    firstSeen: z.string().optional(),
    lastSeen: z.string().nullish(),
    project: z.object({ slug: z.string() }).optional(),
  }),
);

type Issue = z.infer<typeof pageSchema>[number];

export interface SentrySeen {
  readonly issues: readonly Issue[];
  readonly truncated: boolean;
  readonly latencyMs: number;
}

/** Counts an organization's unresolved issues, through all its pages. */
export function lookAtSentry(
  probe: SentryProbe,
  tools: ServiceTools,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const service = { ...probe, secret: 'SENTRY_API_TOKEN' };
  return lookAtService(service, tools, signal, async (token, current) => {
    const headers = { authorization: `Bearer ${token}` };
    const seen = await issuesOf(probe, caller({ baseUrl: probe.baseUrl, headers }, current));
    return 'status' in seen ? seen : gradeSentry(probe, seen);
  });
}

async function issuesOf(probe: SentryProbe, call: Call): Promise<SentrySeen | ProbeSnapshot> {
  const path = `/api/0/organizations/${encodeURIComponent(probe.organization)}/issues/`;
  const issues: Issue[] = [];
  let cursor: string | null = null;
  let latencyMs: number | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const query = { query: probe.query, limit: String(pageSize), ...(cursor === null ? {} : { cursor }) };
    const answer = await call(path, query);
    if (answer.status !== 200) return refused('sentry issues', answer);
    const parsed = pageSchema.safeParse(answer.body);
    if (!parsed.success) return misshapen('sentry issues', answer);
    latencyMs ??= answer.latencyMs;
    issues.push(...parsed.data);
    cursor = nextCursor(answer.link);
    if (cursor === null) return { issues, truncated: false, latencyMs };
  }
  return { issues, truncated: true, latencyMs: latencyMs ?? 0 };
}

/** The cursor of the page behind this one: Sentry links to one always, and says by `results` whether anything is on it. */
export function nextCursor(link: string | null): string | null {
  for (const part of (link ?? '').split(/,\s*(?=<)/)) {
    if (!/;\s*rel="next"/.test(part) || !/;\s*results="true"/.test(part)) continue;
    return /;\s*cursor="([^"]+)"/.exec(part)?.[1] ?? null;
  }
  return null;
}

export function gradeSentry(probe: Pick<SentryProbe, 'maxIssues'>, seen: SentrySeen): ProbeSnapshot {
  const count = seen.issues.length;
  const newest = seen.issues
    .toSorted((one, other) => Date.parse(other.lastSeen ?? '') - Date.parse(one.lastSeen ?? '') || 0)
    .slice(0, shown)
    .map(({ shortId, title, level, count: events, firstSeen, lastSeen, project }) => ({
      id: shortId,
      title: title.slice(0, longestTitle),
      level: level ?? null,
      events: events === undefined ? null : Number(events),
      firstSeen: firstSeen ?? null,
      lastSeen: lastSeen ?? null,
      project: project?.slug ?? null,
    }));
  const details = { issues: count, truncated: seen.truncated, newest };
  if (count <= probe.maxIssues) return { status: 'healthy', latencyMs: seen.latencyMs, details };
  return {
    status: 'degraded',
    latencyMs: seen.latencyMs,
    details: { ...details, failure: 'issues' },
    error: `sentry : ${seen.truncated ? 'more than ' : ''}${count} issues, limit ${probe.maxIssues}`,
    category: 'error_rate',
  };
}
