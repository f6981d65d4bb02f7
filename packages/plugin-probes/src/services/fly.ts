import type { ProbeSnapshot } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { FlyProbe } from '../config.ts';
import { callFault, caller } from './call.ts';
import type { Answered } from './call.ts';
import { lookAtService, misshapen, refused } from './service.ts';
import type { ServiceTools } from './service.ts';

const mostShown = 50;

const machinesSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string().optional(),
    state: z.string(),
    region: z.string().optional(),
    instance_id: z.string().optional(),
    updated_at: z.string().optional(),
    checks: z.array(z.object({ name: z.string(), status: z.string() })).nullish(),
    config: z.object({ standbys: z.array(z.string()).nullish() }).nullish(),
  }),
);

type Machine = z.infer<typeof machinesSchema>[number];

/** One app: its machines, or what was said instead. */
export type AppSeen =
  | { readonly app: string; readonly machines: readonly Machine[] }
  | { readonly app: string; readonly refusal: ProbeSnapshot };

/** Lists the machines of each app and sees which of them run. */
export function lookAtFly(probe: FlyProbe, tools: ServiceTools, signal: AbortSignal): Promise<ProbeSnapshot> {
  const service = { ...probe, secret: 'FLY_API_TOKEN' };
  return lookAtService(service, tools, signal, async (token, current) => {
    const call = caller({ baseUrl: probe.baseUrl, headers: { authorization: `Bearer ${token}` } }, current);
    const from = performance.now();
    // Side by side, and each for itself: an app that does not answer must not hide the others.
    const apps = await Promise.all(
      probe.apps.map(async (app): Promise<AppSeen> => {
        try {
          return seenOf(app, await call(`/v1/apps/${encodeURIComponent(app)}/machines`));
        } catch (error) {
          current.signal.throwIfAborted();
          return { app, refusal: unreached(app, error) };
        }
      }),
    );
    return gradeFly(probe, apps, Math.round(performance.now() - from));
  });
}

function seenOf(app: string, answer: Answered): AppSeen {
  if (answer.status !== 200) return { app, refusal: refused(`fly ${app}`, answer) };
  const parsed = machinesSchema.safeParse(answer.body);
  return parsed.success ? { app, machines: parsed.data } : { app, refusal: misshapen(`fly ${app}`, answer) };
}

function unreached(app: string, error: unknown): ProbeSnapshot {
  const { failure, words, status, category } = callFault(error);
  return { status, details: { failure }, error: `fly ${app} : ${words}`, category };
}

/**
 * Unhealthy when no app answered or one that should run has no machine started, degraded when some are not. What could
 * be restarted stands in the details by its id: whoever mends takes its target from there.
 */
export function gradeFly(
  probe: Pick<FlyProbe, 'atLeast'>,
  seen: readonly AppSeen[],
  latencyMs: number,
): ProbeSnapshot {
  const apps = seen.map((each) => ({ ...each, ...countsOf(each, probe.atLeast) }));
  const details = {
    apps: apps.map(({ app, machines, started, wanted, failure }) => ({
      app,
      machines,
      started,
      wanted,
      failure,
    })),
    targets: seen.flatMap(targetsOf).slice(0, mostShown),
  };
  const refusals = seen.flatMap((each) => ('refusal' in each ? [each.refusal] : []));
  const [first] = refusals;
  if (first !== undefined && refusals.length === seen.length)
    return { ...first, latencyMs, details: { ...first.details, ...details } };
  const short = apps.filter(({ failure }) => failure !== null);
  if (short.length === 0) return { status: 'healthy', latencyMs, details };
  const words = short.map(({ app, failure }) => `${app}: ${failure ?? ''}`).join('; ');
  const down = short.some(({ started, wanted }) => started === 0 && wanted > 0);
  return {
    status: down ? 'unhealthy' : 'degraded',
    latencyMs,
    details: { ...details, failure: 'machines' },
    error: `fly : ${words}`,
    category: refusals.length === short.length ? (first?.category ?? 'machine_down') : 'machine_down',
  };
}

interface Counts {
  readonly machines: number | null;
  readonly started: number | null;
  readonly wanted: number;
  readonly failure: string | null;
}

function countsOf(seen: AppSeen, atLeast: number | undefined): Counts {
  if ('refusal' in seen) {
    const said = seen.refusal.error?.split(' : ').slice(1).join(' : ') ?? 'did not answer';
    return { machines: null, started: null, wanted: atLeast ?? 0, failure: said };
  }
  const counted = seen.machines.filter(isMeantToRun);
  const started = counted.filter(({ state }) => state === 'started').length;
  const wanted = atLeast ?? counted.length;
  const failing = counted.flatMap(({ checks }) => checks ?? []).filter(({ status }) => status === 'critical');
  const failure =
    counted.length === 0
      ? 'has no machine'
      : started < wanted
        ? `${started} of ${wanted} machines started`
        : failing.length > 0
          ? `${failing.length} checks critical`
          : null;
  return { machines: counted.length, started, wanted: Math.max(wanted, 1), failure };
}

/** A standby is stopped until the machine that it stands by fails, and what is destroyed is on its way out of the list. */
function isMeantToRun({ state, config }: Machine): boolean {
  return (config?.standbys ?? []).length === 0 && state !== 'destroyed' && state !== 'destroying';
}

function targetsOf(seen: AppSeen): readonly Readonly<Record<string, unknown>>[] {
  if ('refusal' in seen) return [];
  return seen.machines
    .filter((machine) => isMeantToRun(machine) && machine.state !== 'started')
    .map(({ id, name, state, region, instance_id: instanceId }) => ({
      id,
      app: seen.app,
      name: name ?? null,
      state,
      region: region ?? null,
      instanceId: instanceId ?? null,
    }));
}
