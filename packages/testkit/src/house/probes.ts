import { fault, fold, handedOver, withDeadline } from '@kora/runtime/testkit';
import type { FakeClock, ProbeMemory } from '@kora/runtime/testkit';
import { messageOf } from '@kora/runtime/plugin';
import type {
  EventDraft,
  Incident,
  NewMessage,
  ProbeResult,
  ProbeSnapshot,
  ProbeSpec,
  ProbeState,
  Registration,
} from '@kora/runtime/plugin';
import type { Diary } from './diary.ts';
import { Named } from './named.ts';

const leastEveryMs = 100;
const defaultTimeoutMs = 10_000;
const defaultConsecutive = 2;

interface Watched {
  readonly spec: ProbeSpec;
  /** Milliseconds since 1970. */
  due: number;
  memory: ProbeMemory | undefined;
  last: (ProbeSnapshot & { readonly at: string }) | undefined;
}

export interface ProbePorts {
  readonly plugin: string;
  readonly clock: FakeClock;
  readonly diary: Diary;
  raise(draft: EventDraft): void;
  tell(message: NewMessage): Promise<void>;
  /** Hears what the plugin's code threw. */
  onError(error: unknown): void;
}

type Open = { -readonly [Key in keyof Incident]: Incident[Key] };

/** Looks at what the plugin watches, folds them as the real house does, and opens and resolves incidents. */
export class Probes {
  readonly named: Named<Watched> = new Named('probe', 'KORA_PROBE_DUPLICATE');
  readonly incidents: Open[] = [];
  readonly #ports: ProbePorts;
  readonly #looks: ProbeResult[] = [];

  constructor(ports: ProbePorts) {
    this.#ports = ports;
  }

  register(spec: ProbeSpec): Registration {
    if (!(spec.everyMs >= leastEveryMs))
      throw fault('KORA_PLUGIN_INVALID', `probe ${spec.name}: everyMs must be at least ${leastEveryMs}`);
    const due = this.#ports.clock.now();
    return this.named.hold(spec.name, { spec, due, memory: undefined, last: undefined });
  }

  nextDue(): number | undefined {
    const dues = this.named.list().map(({ due }) => due);
    return dues.length === 0 ? undefined : Math.min(...dues);
  }

  /** Makes the looks that are due now; none of the promises rejects. */
  startDue(signal: AbortSignal): readonly Promise<unknown>[] {
    const now = this.#ports.clock.now();
    return this.named.list().flatMap((watched) => {
      if (watched.due > now) return [];
      watched.due = now + watched.spec.everyMs;
      return [this.look(watched.spec.name, signal).catch(() => undefined)];
    });
  }

  list(): readonly ProbeState[] {
    return this.named.list().map(({ spec, memory, last }) => ({
      name: spec.name,
      kind: spec.kind,
      target: spec.target,
      pluginName: this.#ports.plugin,
      everyMs: spec.everyMs,
      status: memory?.status ?? null,
      since: memory?.since ?? null,
      lastGoodAt: memory?.lastGoodAt ?? null,
      checkedAt: last?.at ?? null,
      latencyMs: last?.latencyMs ?? null,
      error: last?.error ?? null,
      details: last?.details ?? {},
      incidentId: memory?.incidentId ?? null,
    }));
  }

  history({
    probe,
    limit = 100,
  }: {
    readonly probe: string;
    readonly limit?: number;
  }): readonly ProbeResult[] {
    return this.#looks
      .filter((look) => look.probe === probe)
      .toReversed()
      .slice(0, limit);
  }

  open(query: { readonly status?: 'open' | 'resolved'; readonly limit?: number }): readonly Incident[] {
    const found = this.incidents.filter(
      ({ status }) => query.status === undefined || status === query.status,
    );
    return found.toReversed().slice(0, query.limit ?? 100);
  }

  /** One look, now. Throws KORA_PROBE_UNKNOWN. */
  async look(name: string, signal: AbortSignal): Promise<ProbeSnapshot> {
    const watched = this.named.get(name);
    if (watched === undefined) throw fault('KORA_PROBE_UNKNOWN', `there is no probe ${name}`);
    const { spec } = watched;
    const snapshot = await this.#check(spec, signal);
    if (signal.aborted) return snapshot;
    const at = this.#now();
    const before = watched.memory;
    const { memory, effect } = fold(
      before,
      { status: snapshot.status, at },
      spec.consecutive ?? defaultConsecutive,
    );
    watched.last = { ...snapshot, at };
    watched.memory = memory;
    const { status, latencyMs = null, error = null } = snapshot;
    this.#looks.push({ probe: name, at, status, latencyMs, error });
    if (before?.status !== status) this.#changed(spec, before, snapshot);
    if (effect === 'open')
      watched.memory = { ...memory, incidentId: await this.#open(spec, snapshot, memory) };
    if (effect === 'lasts') this.#incident(memory.incidentId).failures += 1;
    if (effect === 'resolve') {
      await this.#resolve(memory.incidentId);
      watched.memory = { ...memory, incidentId: null };
    }
    return snapshot;
  }

  /** Whatever the plugin does, there is an answer: a throw and silence are both "could not be reached". */
  async #check(spec: ProbeSpec, signal: AbortSignal): Promise<ProbeSnapshot> {
    const limit = { ms: spec.timeoutMs ?? defaultTimeoutMs, what: `probe ${spec.name}`, signal };
    try {
      const answer = await withDeadline(this.#ports.clock, limit, (until) => spec.check(until));
      return handedOver.parsed(handedOver.probeSnapshot, answer);
    } catch (error) {
      this.#ports.onError(error);
      return { status: 'unreachable', details: {}, error: messageOf(error) };
    }
  }

  #changed(spec: ProbeSpec, before: ProbeMemory | undefined, snapshot: ProbeSnapshot): void {
    const { status, error } = snapshot;
    const from = before?.status ?? null;
    const payload = { probe: spec.name, target: spec.target, from, to: status, error: error ?? null };
    this.#ports.raise({ type: 'probe.status_changed', payload });
  }

  async #open(spec: ProbeSpec, snapshot: ProbeSnapshot, memory: ProbeMemory): Promise<number> {
    const { clock, diary } = this.#ports;
    const unreachable = snapshot.status === 'unreachable';
    const incident: Open = {
      incidentId: this.incidents.length + 1,
      probe: spec.name,
      target: spec.target,
      category: snapshot.category ?? (unreachable ? 'unreachable' : 'service_unhealthy'),
      severity: spec.severity ?? (snapshot.status === 'degraded' ? 'warning' : 'critical'),
      title: `${spec.name} ${snapshot.status}`,
      detail: snapshot.error ?? `${spec.name} is ${snapshot.status}`,
      status: 'open',
      wakeId: clock.uuid(),
      openedAt: this.#now(),
      failingSince: memory.failingSince ?? memory.since,
      lastGoodAt: memory.lastGoodAt,
      acknowledgedAt: null,
      resolvedAt: null,
      failures: memory.badInARow,
      ticketId: null,
    };
    this.incidents.push(incident);
    diary.tell('wake', `probe ${spec.name}: ${incident.detail}`);
    this.#ports.raise(wakeOf(incident, spec.kind, snapshot));
    await this.#ports.tell({
      key: `incident:${incident.incidentId}:open`,
      thread: `incident:${incident.incidentId}`,
      severity: incident.severity,
      title: `Probe alert · ${spec.name}`,
      body: `${spec.name} (${incident.severity}): ${incident.detail}`,
      source: 'probe_investigation',
      correlationId: incident.wakeId,
    });
    return incident.incidentId;
  }

  async #resolve(incidentId: number | null): Promise<void> {
    const incident = this.#incident(incidentId);
    const resolvedAt = this.#now();
    incident.status = 'resolved';
    incident.resolvedAt = resolvedAt;
    const payload = {
      incident_id: incident.incidentId,
      wake_id: incident.wakeId,
      probe: incident.probe,
      target: incident.target,
      category: incident.category,
      failures: incident.failures,
      opened_at: incident.openedAt,
      resolved_at: resolvedAt,
      duration_ms: Date.parse(resolvedAt) - Date.parse(incident.failingSince),
    };
    this.#ports.raise({ type: 'probe.incident_resolved', payload, correlationId: incident.wakeId });
    await this.#ports.tell({
      key: `incident:${incident.incidentId}:resolve`,
      thread: `incident:${incident.incidentId}`,
      severity: 'info',
      title: `Recovered · ${incident.probe}`,
      body: `${incident.probe} is healthy again; ${incident.failures} looks failed.`,
      source: 'probe_investigation',
      correlationId: incident.wakeId,
    });
  }

  #incident(incidentId: number | null): Open {
    const found = this.incidents.find((incident) => incident.incidentId === incidentId);
    if (found === undefined) throw fault('KORA_INCIDENT_UNKNOWN', `there is no incident ${incidentId}`);
    return found;
  }

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString();
  }
}

/** The event by which an incident asks that somebody find out why. */
function wakeOf(incident: Incident, kind: string, snapshot: ProbeSnapshot): EventDraft {
  return {
    type: 'probe.wake_requested',
    correlationId: incident.wakeId,
    payload: {
      wake_id: incident.wakeId,
      incident_id: incident.incidentId,
      probe: incident.probe,
      probe_kind: kind,
      target: incident.target,
      severity: incident.severity,
      category: incident.category,
      title: incident.title,
      detail: incident.detail,
      failing_since: incident.failingSince,
      last_good_at: incident.lastGoodAt,
      envelope: null,
      snapshot: snapshot.details,
    },
  };
}
