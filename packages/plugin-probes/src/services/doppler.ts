import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { DopplerProbe } from '../config.ts';
import { caller } from './call.ts';
import type { Call } from './call.ts';
import { lookAtService, misshapen, refused } from './service.ts';
import type { ServiceTools } from './service.ts';

const pageSize = 20;
const mostPages = 10;

const workplaceSchema = z.object({ workplace: z.object({ id: z.string(), name: z.string() }) });
const projectsSchema = z.object({ projects: z.array(z.object({ id: z.string() })) });

/** Whether Doppler answers this token, and how many projects it sees. How old a secret is its API does not say. */
export function lookAtDoppler(
  probe: DopplerProbe,
  tools: ServiceTools,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const service = { ...probe, secret: 'DOPPLER_API_TOKEN' };
  return lookAtService(service, tools, signal, async (token, current) => {
    const headers = { authorization: `Bearer ${token}` };
    const call = caller({ baseUrl: probe.baseUrl, headers }, current);
    const answer = await call('/v3/workplace');
    if (answer.status !== 200) return refused('doppler workplace', answer);
    const parsed = workplaceSchema.safeParse(answer.body);
    if (!parsed.success) return misshapen('doppler workplace', answer);
    const { workplace } = parsed.data;
    const details = { workplace: workplace.name, ...(await projectsOf(call)) };
    return { status: 'healthy', latencyMs: answer.latencyMs, details };
  });
}

/** A token may be let in and not see projects: then their number is not told, and why is. */
async function projectsOf(call: Call): Promise<Readonly<Record<string, unknown>>> {
  let projects = 0;
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await call('/v3/projects', { page: String(page), per_page: String(pageSize) });
    const parsed = projectsSchema.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success) return { notRead: [`projects: HTTP ${answer.status}`] };
    projects += parsed.data.projects.length;
    if (parsed.data.projects.length < pageSize) return { projects, truncated: false };
  }
  return { projects, truncated: true };
}
