import { readFile } from 'node:fs/promises';
import { messageOf } from '@kora/runtime/plugin';
import type { ProbeCategory, ProbeSnapshot } from '@kora/runtime/plugin';
import { look } from '../probes/look.ts';
import type { Look, LookClock } from '../probes/look.ts';
import { timeoutFault } from '../probes/network-fault.ts';
import { told } from '../probes/told.ts';
import type { Answered } from './call.ts';
import { callFault } from './call.ts';

/** What a look at a service needs of the runtime. */
export interface ServiceTools {
  readonly clock: LookClock;
  /** A secret of this plugin by its name; undefined when the operator has not said it. */
  readonly secret: (name: string) => Promise<string | undefined>;
}

interface Service {
  readonly kind: string;
  /** The plugin's secret that holds its token. */
  readonly secret: string;
  readonly tokenFile?: string | undefined;
  readonly timeoutMs: number;
  readonly slowMs?: number | undefined;
}

/** How a service is asked with its token; what it answers is a snapshot. */
type Ask = (token: string, current: Look) => Promise<ProbeSnapshot>;

/**
 * Looks at a service with its token. Without one nothing is asked and the service is `unconfigured`; one that cannot be
 * reached is `unreachable`, and never unknown: an outage must not look like a service that nobody watches.
 */
export async function lookAtService(
  service: Service,
  tools: ServiceTools,
  signal: AbortSignal,
  ask: Ask,
): Promise<ProbeSnapshot> {
  const token = await tokenOf(service, tools);
  if (typeof token === 'object') return token.snapshot;
  const { clock } = tools;
  const looked = await look({ timeoutMs: service.timeoutMs, clock, signal }, (current) =>
    ask(token, current),
  );
  if (looked.kind === 'answered') return told(slowed(service, looked.answer), [token]);
  const fault =
    looked.kind === 'timeout' ? timeoutFault(service.timeoutMs, looked.waitingFor) : callFault(looked.error);
  return told(
    {
      status: fault.status,
      details: { failure: fault.failure },
      error: `${service.kind} : ${fault.words}`,
      category: fault.category,
    },
    [token],
  );
}

/** An answer that is not 200: what it means, the same for every service. */
export function refused(what: string, { status, latencyMs }: Answered): ProbeSnapshot {
  const [words, category, grade] = meaningOf(status);
  return {
    status: grade,
    latencyMs,
    details: { failure: 'status', statusCode: status },
    error: `${what} : HTTP ${status}, ${words}`,
    category,
  };
}

/** An answer that is 200 and not what the service's pages say. */
export function misshapen(what: string, { latencyMs }: Answered): ProbeSnapshot {
  return {
    status: 'unhealthy',
    latencyMs,
    details: { failure: 'shape' },
    error: `${what} : the answer has another shape than the service documents`,
    category: 'drift',
  };
}

function meaningOf(status: number): readonly [string, ProbeCategory, 'degraded' | 'unhealthy'] {
  if (status === 401 || status === 403) return ['the token is refused', 'auth', 'unhealthy'];
  if (status === 404) return ['there is no such thing, or the token may not see it', 'drift', 'unhealthy'];
  // It is this token that asked too often; of the service itself nothing is known but that it answers.
  if (status === 429) return ['too many requests with this token', 'capacity', 'degraded'];
  if (status >= 500) return ['the service fails', 'service_unhealthy', 'unhealthy'];
  return ['unexpected', 'service_unhealthy', 'unhealthy'];
}

/** A good answer that came late is degraded; a bad one is bad enough. */
function slowed(service: Service, snapshot: ProbeSnapshot): ProbeSnapshot {
  const { latencyMs } = snapshot;
  if (snapshot.status !== 'healthy' || service.slowMs === undefined || latencyMs === undefined)
    return snapshot;
  if (latencyMs <= service.slowMs) return snapshot;
  return {
    ...snapshot,
    status: 'degraded',
    details: { ...snapshot.details, failure: 'slow' },
    error: `${service.kind} : answered after ${latencyMs} ms, slower than ${service.slowMs} ms`,
    category: 'latency',
  };
}

async function tokenOf(
  service: Service,
  { secret }: ServiceTools,
): Promise<string | { readonly snapshot: ProbeSnapshot }> {
  const { kind, tokenFile } = service;
  const variable = `KORA_PLUGIN_PROBES_${service.secret}`;
  const without = (why: string, details: Readonly<Record<string, unknown>>) => ({
    snapshot: { status: 'unconfigured', details, error: `${kind} : ${why}` } as const,
  });
  try {
    const token = (
      tokenFile === undefined ? await secret(service.secret) : await readFile(tokenFile, 'utf8')
    )?.trim();
    // A blank one is what a variable is that was meant to be filled in.
    if (token !== undefined && token !== '') return token;
  } catch (error) {
    if (tokenFile === undefined) return without(messageOf(error), { missing: [variable] });
    return without(`tokenFile ${tokenFile} cannot be read`, { missing: [tokenFile] });
  }
  if (tokenFile !== undefined) return without(`tokenFile ${tokenFile} is empty`, { missing: [tokenFile] });
  return without(`no token is said in ${variable} or ${variable}_FILE`, { missing: [variable] });
}
