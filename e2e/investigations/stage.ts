import type { Incident, ProbeCategory, Severity } from '@kora/runtime/plugin';
import type {
  Certificate,
  Change,
  Entity,
  EntityKind,
  Look,
  Memory,
  Missing,
  Series,
  UnitState,
} from '../../packages/plugin-probes/src/scene/contract.ts';
import type { InvestigationOrder, Wake } from '../../packages/plugin-probes/src/wake.ts';
import { Log } from './log.ts';
import { Random } from './seed.ts';
import type { WholeWorld } from './world.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

interface EntityMore {
  readonly host?: string;
  readonly dependsOn?: readonly string[];
  readonly state?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface UnitMore {
  readonly last?: UnitState['last'];
  readonly restarts?: number;
  readonly memoryBytes?: number;
}

export interface Failing {
  /** What is looked at; null when the probe looks at something that nobody knows. */
  readonly entity: string | null;
  readonly since: number;
  readonly error: string;
  readonly category?: ProbeCategory;
  readonly severity?: Severity;
  readonly target?: string;
  readonly status?: Look['status'];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly latencyMs?: number;
}

/** A change of each world that lies behind its instant: whoever cites it has not looked but known. */
export const afterwards = 'change:900';

const lookEveryMs = 30_000;

/** Where a case is built: things are put on it one by one, and what comes of it is the same for the same seed. */
export class Stage {
  readonly random: Random;
  /** What time it is; a case that needs another hour sets it before it does anything else. */
  now: number;
  readonly #entities = new Map<string, Entity>();
  readonly #looks: Record<string, Look[]> = {};
  readonly #incidents: Incident[] = [];
  readonly #series: Series[] = [];
  readonly #logs: Log[] = [];
  readonly #units: UnitState[] = [];
  readonly #certificates: Certificate[] = [];
  readonly #changes: Change[] = [];
  readonly #memories: Memory[] = [];
  readonly #missing: Missing[] = [];
  #asked:
    | { readonly order: InvestigationOrder; readonly wake: Wake; readonly incident: Incident | null }
    | undefined;

  constructor(seed: number) {
    this.random = new Random(seed);
    // Some noon in spring, and a few minutes: no case is dated by the day it was written.
    this.now = Date.parse('2031-04-07T12:00:00Z') + (seed % 97) * day + this.random.whole(0, 50) * minute;
  }

  /** An entity; answers its id, `kind:name`. */
  entity(kind: EntityKind, name: string, more: EntityMore = {}): string {
    const id = `${kind}:${name}`;
    const { host, dependsOn = [], state = 'running', labels = {} } = more;
    this.#entities.set(id, {
      id,
      kind,
      name,
      dependsOn,
      state,
      labels,
      ...(host === undefined ? {} : { host }),
    });
    return id;
  }

  /** A unit that runs or does not, with what is known of its end. */
  unit(name: string, more: EntityMore & UnitMore = {}): string {
    const id = this.entity('unit', name, more);
    this.ended(id, more);
    return id;
  }

  /** How something that is there already runs or ended. */
  ended(
    entity: string,
    { state = 'running', last = null, restarts = 0, memoryBytes }: EntityMore & UnitMore,
  ): void {
    const limits = memoryBytes === undefined ? {} : { memoryBytes };
    this.#units.push({ entity, state, last, restarts, limits });
  }

  log(entity: string, name: string = nameOf(entity)): Log {
    const log = new Log(`log:${name}`, entity, this.random);
    this.#logs.push(log);
    return log;
  }

  series(entity: string, name: string, unit: string, points: Series['points']): string {
    const id = `series:${nameOf(entity)}.${name}`;
    this.#series.push({ id, entity, name, unit, points });
    return id;
  }

  change(change: Omit<Change, 'id'>): string {
    const id = `change:${40 + this.#changes.length * 3}`;
    this.#changes.push({ id, ...change });
    return id;
  }

  certificate(entity: string, subject: string, notAfter: number): string {
    const id = `certificate:${nameOf(entity)}`;
    this.#certificates.push({ id, entity, subject, notAfter });
    return id;
  }

  memory(memory: Omit<Memory, 'id'>): string {
    const id = `memory:${this.#memories.length + 2}`;
    this.#memories.push({ id, ...memory });
    return id;
  }

  missing(missing: Missing): void {
    this.#missing.push(missing);
  }

  /** A probe that looks at an entity, well until now. */
  probe(name: string, entity: string | null, latencyMs = 30): void {
    this.entity('probe', name, { state: 'healthy', dependsOn: entity === null ? [] : [entity] });
    this.#looks[name] = this.#lookBack(name, latencyMs);
  }

  /** Puts a look in the place of those that the probe made before it, or adds it. */
  look(probe: string, look: Partial<Look> & Pick<Look, 'at'>): void {
    const looks = this.#looks[probe] ?? [];
    looks.push({ status: 'healthy', latencyMs: 30, error: null, details: {}, ...look });
    this.#looks[probe] = looks.toSorted((one, other) => other.at - one.at);
  }

  /** Takes a probe's looks away, to be put there one by one. */
  forget(probe: string): void {
    this.#looks[probe] = [];
  }

  /** The probe fails, and that is what the investigation is ordered for. */
  failing(name: string, failing: Failing): void {
    const incident = this.incidentOf(name, failing);
    const { incidentId, wakeId, target, category, severity } = incident;
    const order: InvestigationOrder = {
      wakeId,
      wakeSeq: 4000 + incidentId,
      incidentId,
      probe: name,
      target,
      category,
      severity,
    };
    const wake: Wake = {
      wakeId,
      seq: 4000 + incidentId,
      eventId: `event-${incidentId}`,
      incidentId,
      probe: name,
      kind: 'http',
      target,
      category,
      severity,
      title: incident.title,
      detail: incident.detail,
      failingSince: incident.failingSince,
      lastGoodAt: incident.lastGoodAt,
      details: failing.details ?? {},
      at: failing.since + lookEveryMs,
    };
    this.#asked = { order, wake, incident };
  }

  /** An investigation is ordered of a probe that is well: there is no incident. */
  drill(name: string, entity: string): void {
    this.failing(name, { entity, since: this.now, error: 'asked by a drill', severity: 'info' });
    this.#incidents.length = 0;
    if (this.#asked !== undefined) this.#asked = { ...this.#asked, incident: null };
    this.probe(name, entity);
  }

  /** A probe that fails, with its incident; not what is investigated. */
  incidentOf(name: string, failing: Failing): Incident {
    const { entity, since, error, category = 'service_unhealthy', severity = 'critical' } = failing;
    const {
      status = 'unhealthy',
      details = {},
      latencyMs = 31,
      target = `https://${name}.example/health`,
    } = failing;
    this.entity('probe', name, { state: status, dependsOn: entity === null ? [] : [entity] });
    this.#looks[name] = this.#lookBack(name, 30).map((look) =>
      look.at < since ? look : { ...look, status, error, details, latencyMs },
    );
    const incidentId = 11 + this.#incidents.length;
    const incident: Incident = {
      incidentId,
      probe: name,
      target,
      category,
      severity,
      title: `${name} (${severity}): ${error}`,
      detail: error,
      status: 'open',
      wakeId: `wake-${incidentId}-${this.random.mark(6)}`,
      openedAt: new Date(since + lookEveryMs).toISOString(),
      failingSince: new Date(since).toISOString(),
      lastGoodAt: new Date(since - lookEveryMs).toISOString(),
      acknowledgedAt: null,
      resolvedAt: null,
      failures: Math.max(2, Math.floor((this.now - since) / lookEveryMs)),
      ticketId: null,
    };
    this.#incidents.push(incident);
    return incident;
  }

  world(): WholeWorld {
    if (this.#asked === undefined) throw new Error('nothing is investigated on this stage');
    return {
      now: this.now,
      ...this.#asked,
      entities: [...this.#entities.values()],
      looks: this.#looks,
      incidents: this.#incidents.toReversed(),
      incidentsComplete: true,
      series: this.#series,
      logs: this.#logs.map((log) => ({
        id: log.id,
        entity: log.entity,
        bytes:
          log.lines().reduce((sum, [, text]) => sum + text.length + 1, 0) +
          (log.isTruncated ? 90_000_000 : 0),
        truncated: log.isTruncated,
        firstLine: log.firstLine,
      })),
      lines: Object.fromEntries(this.#logs.map((log) => [log.id, log.lines()])),
      units: this.#units,
      certificates: this.#certificates,
      changes: [...this.#changes, this.#afterwards()].toSorted((one, other) => one.at - other.at),
      memories: this.#memories,
      missing: this.#missing,
    };
  }

  /** What is going to happen, which nobody who investigates can have seen. */
  #afterwards(): Change {
    const entity = this.#entities.keys().next().value ?? 'unit:none';
    return { id: afterwards, at: this.now + 10 * minute, entity, what: 'mended', by: 'operator' };
  }

  #lookBack(probe: string, latencyMs: number): Look[] {
    const start = this.now - 6 * hour;
    const every = lookEveryMs;
    const offset = probe.length * 137;
    const count = Math.floor((this.now - start - offset) / every) + 1;
    return Array.from({ length: count }, (_, n) => ({
      at: start + offset + (count - 1 - n) * every,
      status: 'healthy' as const,
      latencyMs: Math.round(this.random.about(latencyMs, 0.3)),
      error: null,
      details: {},
    }));
  }
}

export function nameOf(entity: string): string {
  return entity.slice(entity.indexOf(':') + 1);
}
