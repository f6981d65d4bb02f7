import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { SupabaseProbe } from '../config.ts';
import type { Look } from '../probes/look.ts';
import { callFault, caller } from './call.ts';
import type { Answered } from './call.ts';
import { lookAtService, refused } from './service.ts';
import type { ServiceTools } from './service.ts';

/** The parts that the Management API is asked about. */
const parts = ['auth', 'db', 'pooler', 'realtime', 'rest', 'storage'] as const;

const healthSchema = z.array(z.object({ name: z.string(), status: z.string(), error: z.string().nullish() }));

type Part = z.infer<typeof healthSchema>[number];

/** What the Management API says of a project's parts, or why it was not asked. */
type Inside = { readonly parts: readonly Part[] } | { readonly notRead: string };

/**
 * Asks a project's gateway with its API key, as its own clients do, and where an access token is said, the Management
 * API about its parts.
 */
export function lookAtSupabase(
  probe: SupabaseProbe,
  tools: ServiceTools,
  signal: AbortSignal,
): Promise<ProbeSnapshot> {
  const service = { ...probe, secret: 'SUPABASE_ANON_KEY' };
  return lookAtService(service, tools, signal, async (key, current) => {
    const call = caller({ baseUrl: probe.url, headers: { apikey: key } }, current);
    const rest = await call('/rest/v1/');
    if (!isServed(rest)) return refused('supabase rest', rest);
    const auth = await call('/auth/v1/health');
    if (auth.status !== 200) return refused('supabase auth', auth);
    return gradeSupabase({ rest, inside: await insideOf(probe, tools, current) });
  });
}

/**
 * An anonymous key may no longer read the schema: that refusal comes from the API behind the gateway, and says that both
 * work. https://supabase.com/changelog/42949-breaking-change-removing-access-to-openapi-spec-via-the-anon-key, of 2026-02-17.
 */
export function isServed({ status, body }: Pick<Answered, 'status' | 'body'>): boolean {
  if (status === 200 || status === 204) return true;
  if (status !== 401 && status !== 403) return false;
  const said = z.object({ message: z.string() }).safeParse(body);
  return said.success && /access to schema is forbidden/i.test(said.data.message);
}

async function insideOf(probe: SupabaseProbe, { secret }: ServiceTools, current: Look): Promise<Inside> {
  try {
    const token = (await secret('SUPABASE_ACCESS_TOKEN'))?.trim() ?? '';
    if (token === '') return { notRead: 'no SUPABASE_ACCESS_TOKEN is said' };
    const ref = probe.ref ?? new URL(probe.url).hostname.split('.', 1)[0] ?? '';
    const call = caller({ baseUrl: probe.baseUrl, headers: { authorization: `Bearer ${token}` } }, current);
    const answer = await call(`/v1/projects/${encodeURIComponent(ref)}/health`, {
      services: parts.join(','),
    });
    const parsed = healthSchema.safeParse(answer.body);
    if (answer.status !== 200 || !parsed.success)
      return { notRead: `the Management API answered ${answer.status}` };
    return { parts: parsed.data };
  } catch (error) {
    // The project itself has answered: that its management cannot be asked is no outage of it.
    current.signal.throwIfAborted();
    return { notRead: error instanceof KoraError ? messageOf(error) : callFault(error).words };
  }
}

export function gradeSupabase({
  rest,
  inside,
}: {
  readonly rest: Pick<Answered, 'latencyMs'>;
  readonly inside: Inside;
}): ProbeSnapshot {
  const { latencyMs } = rest;
  if ('notRead' in inside) return { status: 'healthy', latencyMs, details: { notRead: [inside.notRead] } };
  const details = { parts: Object.fromEntries(inside.parts.map(({ name, status }) => [name, status])) };
  const unwell = inside.parts.filter(({ status }) => status !== 'ACTIVE_HEALTHY');
  if (unwell.length === 0) return { status: 'healthy', latencyMs, details };
  const broken = unwell.some(({ name, status }) => name === 'db' && status === 'UNHEALTHY');
  return {
    status: broken ? 'unhealthy' : 'degraded',
    latencyMs,
    details: { ...details, failure: 'parts' },
    error: `supabase : ${unwell.map(({ name, status }) => `${name} is ${status}`).join(', ')}`,
    category: 'service_unhealthy',
  };
}
