import type { PluginContext, ProbeResult, ProbeState } from '@kora/runtime/plugin';
import { hostOf } from '../rules/host.ts';
import { isFailing } from '../rules/rule.ts';
import type { Scene as Told } from '../rules/rule.ts';
import { configurationEvents } from './chain-changes.ts';
import type { Certificate, Entity, Look, Scene, UnitState } from './contract.ts';
import type { OpenLog } from './file-log.ts';
import type { LogsOf } from './log-files.ts';

/** How many neighbours' looks are read: those that fail, and those that the probe depends on. */
const mostNeighbours = 20;
const neighbourLooks = 200;

/** Of the log of a neighbour: what happened lately, and not the memory of this process. */
const neighbourBytes = 4 * 1_048_576;

/**
 * The world as this runtime knows it, made of what the rules of the probe were told and of its neighbours' looks.
 * Rejects when the signal is raised between two reads.
 */
export async function stateOfWorld(
  context: Pick<PluginContext<unknown>, 'probes'>,
  told: Told,
  { signal, logsOf }: { readonly signal: AbortSignal; readonly logsOf?: LogsOf },
): Promise<Scene> {
  const { now } = told;
  const looks = new Map([[told.order.probe, ownLooks(told)]]);
  const own = told.states.find(({ name }) => name === told.order.probe);
  const opened: OpenLog[] = [];
  if (own !== undefined && logsOf !== undefined)
    opened.push(...(await logsOf({ probe: own.name, entity: watchedId(own), now })));
  for (const state of neighbours(told)) {
    signal.throwIfAborted();
    const past = await context.probes.history({ probe: state.name, limit: neighbourLooks });
    looks.set(state.name, withDetails(past, state));
    const of = { probe: state.name, entity: watchedId(state), now, mostBytes: neighbourBytes };
    if (logsOf !== undefined) opened.push(...(await logsOf(of)));
  }
  return {
    now,
    order: told.order,
    wake: told.wake,
    incident: told.incident,
    entities: entitiesOf(told.states),
    looks: (probe) => looks.get(probe) ?? [],
    incidents: told.incidents,
    incidentsComplete: told.incidentsComplete,
    // What looks measured is read from the looks themselves.
    series: [],
    logs: opened.flatMap((one) => ('log' in one ? [one.log] : [])),
    units: told.states.flatMap(unitOf),
    certificates: told.states.flatMap(certificateOf),
    changes: configurationEvents(told.changes.events),
    memories: [],
    missing: opened.flatMap((one) => ('missing' in one ? [one.missing] : [])),
  };
}

function neighbours({ states, order }: Told): readonly ProbeState[] {
  const own = states.find(({ name }) => name === order.probe);
  const needed = states.filter(({ name }) => own?.dependsOn?.includes(name) === true);
  const failing = states.filter(
    ({ name, status }) => isFailing(status) && !needed.some((one) => one.name === name),
  );
  return [...needed, ...failing].filter(({ name }) => name !== order.probe).slice(0, mostNeighbours);
}

/** Looks are kept without what they measured; the wake and the state know it of the first and of the last. */
function ownLooks({ looks, states, order, wake, failingSince }: Told): readonly Look[] {
  const state = states.find(({ name }) => name === order.probe);
  const all = state === undefined ? looks.map((look) => lookOf(look, {})) : withDetails(looks, state);
  const first = failingSince === null ? Number.NaN : Date.parse(failingSince);
  return all.map((look) => (look.at === first && wake !== null ? { ...look, details: wake.details } : look));
}

function withDetails(past: readonly ProbeResult[], state: ProbeState): readonly Look[] {
  const latest = state.checkedAt === null ? Number.NaN : Date.parse(state.checkedAt);
  return past.map((look) => lookOf(look, Date.parse(look.at) === latest ? state.details : {}));
}

function lookOf({ at, status, latencyMs, error }: ProbeResult, details: Look['details']): Look {
  return { at: Date.parse(at), status, latencyMs, error, details };
}

/** Each probe, what it looks at, and the hosts that these live on. */
function entitiesOf(states: readonly ProbeState[]): readonly Entity[] {
  const entities = new Map<string, Entity>();
  for (const state of states) {
    const watched = watchedOf(state);
    const host = state.host ?? hostOf(state);
    const lives = host === null || `host:${host}` === watched.id ? {} : { host: `host:${host}` };
    const probe: Entity = {
      id: `probe:${state.name}`,
      kind: 'probe',
      name: state.name,
      ...lives,
      dependsOn: [watched.id, ...(state.dependsOn ?? []).map((name) => `probe:${name}`)],
      state: state.status ?? '',
      labels: { kind: state.kind, target: state.target },
    };
    entities.set(probe.id, probe);
    if (!entities.has(watched.id)) entities.set(watched.id, { ...watched, ...lives });
    // Nobody looks at a host itself: what fails on it is told by its probes.
    if (host !== null && !entities.has(`host:${host}`)) entities.set(`host:${host}`, hostEntity(host));
  }
  return [...entities.values()];
}

function hostEntity(host: string): Entity {
  return { id: `host:${host}`, kind: 'host', name: host, dependsOn: [], state: '', labels: {} };
}

function watchedId(state: ProbeState): string {
  return watchedOf(state).id;
}

const kinds: Readonly<Record<string, Entity['kind']>> = {
  systemd: 'unit',
  process: 'process',
  disk: 'host',
  memory: 'host',
  load: 'host',
};

function watchedOf(state: ProbeState): Entity {
  const kind = (Object.hasOwn(kinds, state.kind) ? kinds[state.kind] : undefined) ?? 'service';
  if (kind === 'host') return hostEntity(hostOf(state) ?? state.target);
  const entity = { kind, name: state.target, dependsOn: [], labels: {} };
  return { ...entity, id: `${kind}:${state.target}`, state: stateWord(state) };
}

function stateWord({ details, status }: ProbeState): string {
  return text(details['activeState']) ?? status ?? '';
}

/** What systemd says of a unit, as its probe kept it. */
function unitOf(state: ProbeState): readonly UnitState[] {
  if (state.kind !== 'systemd') return [];
  const { activeState, result, exitCode, signal, restarts, memoryLimitBytes } = state.details;
  const reason = text(result);
  const limit = number(memoryLimitBytes);
  const killed = number(signal);
  const hasEnded = reason !== null && reason !== 'success';
  return [
    {
      entity: watchedId(state),
      state: text(activeState) ?? state.status ?? '',
      last: hasEnded
        ? { reason, exitCode: number(exitCode), signal: killed === null ? null : String(killed), at: null }
        : null,
      restarts: number(restarts) ?? 0,
      limits: limit === null ? {} : { memoryBytes: limit },
    },
  ];
}

/** The certificate that a probe was shown the last time. */
function certificateOf(state: ProbeState): readonly Certificate[] {
  const until = Date.parse(text(state.details['certificateValidTo']) ?? '');
  if (Number.isNaN(until)) return [];
  const subject = text(state.details['certificateSubject']) ?? state.target;
  return [{ id: `certificate:${state.name}`, entity: watchedId(state), subject, notAfter: until }];
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
