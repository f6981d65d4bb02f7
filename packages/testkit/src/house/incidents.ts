import { fault } from '@kora/runtime/testkit';
import type { ProbeMemory, Turns } from '@kora/runtime/testkit';
import type { EventDraft, Incident, NewMessage, ProbeSnapshot, ProbeSpec } from '@kora/runtime/plugin';
import type { ProbePorts } from './probes.ts';

type Severity = Incident['severity'];
type Open = { -readonly [Key in keyof Incident]: Incident[Key] };

/** What explains a failing look: a probe that it needs, and that one's incident once there is one. */
export interface Cause {
  readonly probe: string;
  readonly incidentId: number | null;
}

/** One look, and what it means for the incident of its probe. */
export interface Followed {
  readonly spec: ProbeSpec;
  readonly snapshot: ProbeSnapshot;
  readonly memory: ProbeMemory & Turns;
  readonly effect: 'none' | 'open' | 'lasts' | 'resolve' | 'unwatched';
  readonly cause: Cause | null;
}

type Ports = Pick<ProbePorts, 'clock' | 'diary' | 'raise' | 'tell'>;

/** Opens and ends incidents as the real house does, but for storms, silences, windows and the time to begin again. */
export class Incidents {
  readonly all: Open[] = [];
  readonly #ports: Ports;
  /** Those that the operator was told of: what is only a consequence is not among them. */
  readonly #told = new Set<number>();

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Answers the incident that is open afterwards. Throws KORA_INCIDENT_UNKNOWN. */
  async follow(look: Followed): Promise<number | null> {
    const { effect, memory } = look;
    if (memory.incidentId === null) return effect === 'open' ? this.#open(look) : null;
    const incident = this.#find(memory.incidentId);
    if (memory.flappingSince !== null && typeof incident.flappingSince !== 'string')
      await this.#flaps(incident, memory);
    incident.flappingSince = memory.flappingSince;
    if (effect === 'lasts') await this.#lasts(incident, look);
    if (effect !== 'resolve' && effect !== 'unwatched') return incident.incidentId;
    await this.#end(incident, effect === 'resolve' ? 'recovered' : 'probe unconfigured');
    return null;
  }

  async #open(look: Followed): Promise<number> {
    const { spec, snapshot, memory, cause } = look;
    const wakeId = this.#ports.clock.uuid();
    const incident: Open = {
      incidentId: this.all.length + 1,
      probe: spec.name,
      target: spec.target,
      category:
        snapshot.category ?? (snapshot.status === 'unreachable' ? 'unreachable' : 'service_unhealthy'),
      severity: spec.severity ?? (snapshot.status === 'degraded' ? 'warning' : 'critical'),
      title: `${spec.name} ${memory.flappingSince === null ? snapshot.status : 'flapping'}`,
      detail: snapshot.error ?? `${spec.name} is ${snapshot.status}`,
      status: 'open',
      wakeId,
      openedAt: this.#now(),
      failingSince: memory.failingSince ?? memory.since,
      lastGoodAt: memory.lastGoodAt,
      acknowledgedAt: null,
      resolvedAt: null,
      failures: memory.badInARow,
      ticketId: null,
      stormId: wakeId,
      causedBy: cause?.probe ?? null,
      consequenceOf: cause?.incidentId ?? null,
      flappingSince: memory.flappingSince,
      silencedUntil: null,
      silenceReason: null,
      endedBy: null,
      reopened: 0,
    };
    this.all.push(incident);
    if (cause === null) await this.#wake(incident, look);
    else this.#consequence(incident, cause);
    return incident.incidentId;
  }

  async #lasts(incident: Open, look: Followed): Promise<void> {
    incident.failures += 1;
    incident.detail = look.snapshot.error ?? incident.detail;
    if (typeof incident.causedBy !== 'string') return;
    incident.causedBy = look.cause?.probe ?? null;
    incident.consequenceOf = look.cause?.incidentId ?? null;
    if (look.cause === null && !this.#told.has(incident.incidentId)) await this.#wake(incident, look);
  }

  async #wake(incident: Open, { spec, snapshot }: Followed): Promise<void> {
    const { diary, raise } = this.#ports;
    diary.tell('wake', `probe ${incident.probe}: ${incident.detail}`);
    raise(wakeOf(incident, spec, snapshot));
    this.#told.add(incident.incidentId);
    const body = `${incident.probe} (${incident.severity}): ${incident.detail}`;
    await this.#tell(incident, { verb: 'open', title: `Probe alert · ${incident.probe}`, body });
  }

  #consequence(incident: Incident, cause: Cause): void {
    this.#ports.raise({
      type: 'probe.consequence_opened',
      correlationId: incident.wakeId,
      payload: {
        incident_id: incident.incidentId,
        wake_id: incident.wakeId,
        probe: incident.probe,
        caused_by: cause.probe,
        consequence_of: cause.incidentId,
        detail: incident.detail,
      },
    });
  }

  async #flaps(incident: Incident, { flips }: Turns): Promise<void> {
    const { incidentId, wakeId, probe } = incident;
    const payload = { incident_id: incidentId, wake_id: wakeId, probe, turns: flips.length };
    this.#ports.raise({ type: 'probe.incident_flapping', correlationId: wakeId, payload });
    if (!this.#told.has(incidentId)) return;
    const verb = `flapping:${incident.failures}`;
    const title = `Flapping · ${probe}`;
    await this.#tell(incident, { verb, title, body: `${probe} goes back and forth.` });
  }

  async #end(incident: Open, endedBy: 'recovered' | 'probe unconfigured'): Promise<void> {
    const resolvedAt = this.#now();
    Object.assign(incident, { status: 'resolved', resolvedAt, endedBy, flappingSince: null });
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
      ended_by: endedBy,
    };
    this.#ports.raise({ type: 'probe.incident_resolved', payload, correlationId: incident.wakeId });
    if (!this.#told.has(incident.incidentId)) return;
    if (endedBy === 'recovered') {
      const body = `${incident.probe} is healthy again; ${incident.failures} looks failed.`;
      await this.#tell(incident, {
        verb: 'resolve',
        title: `Recovered · ${incident.probe}`,
        body,
        severity: 'info',
      });
      return;
    }
    const body = `what ${incident.probe} needs to look is not there any more`;
    await this.#tell(incident, {
      verb: 'unwatched',
      title: `Closed · ${incident.probe}`,
      body,
      severity: 'info',
    });
  }

  async #tell(
    incident: Incident,
    told: Pick<NewMessage, 'title' | 'body'> & { readonly verb: string; readonly severity?: Severity },
  ): Promise<void> {
    const { verb, title, body, severity = incident.severity } = told;
    await this.#ports.tell({
      key: `incident:${incident.incidentId}:${verb}`,
      thread: `incident:${incident.incidentId}`,
      severity,
      title,
      body,
      source: 'probe_investigation',
      correlationId: incident.wakeId,
    });
  }

  #find(incidentId: number): Open {
    const found = this.all.find((incident) => incident.incidentId === incidentId);
    if (found === undefined) throw fault('KORA_INCIDENT_UNKNOWN', `there is no incident ${incidentId}`);
    return found;
  }

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString();
  }
}

/** The event by which an incident asks that somebody find out why. */
function wakeOf(incident: Incident, spec: ProbeSpec, snapshot: ProbeSnapshot): EventDraft {
  return {
    type: 'probe.wake_requested',
    correlationId: incident.wakeId,
    payload: {
      wake_id: incident.wakeId,
      incident_id: incident.incidentId,
      probe: incident.probe,
      probe_kind: spec.kind,
      target: incident.target,
      severity: incident.severity,
      category: incident.category,
      title: incident.title,
      detail: incident.detail,
      failing_since: incident.failingSince,
      last_good_at: incident.lastGoodAt,
      envelope: null,
      depends_on: [...(spec.dependsOn ?? [])],
      storm_id: incident.wakeId,
      snapshot: snapshot.details,
    },
  };
}
