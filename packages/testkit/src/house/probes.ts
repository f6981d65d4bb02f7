import {
  ancestorsOf,
  cycleFrom,
  effectOfTurns,
  fault,
  fold,
  handedOver,
  turnsAfter,
  withDeadline,
} from '@kora/runtime/testkit';
import type { FakeClock, ProbeMemory, Turns } from '@kora/runtime/testkit';
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
import { Incidents } from './incidents.ts';
import type { Cause } from './incidents.ts';
import { Named } from './named.ts';

const leastEveryMs = 100;
const defaultTimeoutMs = 10_000;
const defaultConsecutive = 2;

interface Watched {
  readonly spec: ProbeSpec;
  /** Milliseconds since 1970. */
  due: number;
  memory: (ProbeMemory & Turns) | undefined;
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

/** Looks at what the plugin watches, folds them as the real house does, and opens and resolves incidents. */
export class Probes {
  readonly named: Named<Watched> = new Named('probe', 'KORA_PROBE_DUPLICATE');
  readonly #ports: ProbePorts;
  readonly #incidents: Incidents;
  readonly #looks: ProbeResult[] = [];

  constructor(ports: ProbePorts) {
    this.#ports = ports;
    this.#incidents = new Incidents(ports);
  }

  get incidents(): readonly Incident[] {
    return this.#incidents.all;
  }

  register(spec: ProbeSpec): Registration {
    if (!(spec.everyMs >= leastEveryMs))
      throw fault('KORA_PLUGIN_INVALID', `probe ${spec.name}: everyMs must be at least ${leastEveryMs}`);
    const { name, dependsOn = [] } = spec;
    const cycle = cycleFrom(name, (each) => (each === name ? dependsOn : this.#needs(each)));
    if (cycle !== null)
      throw fault('KORA_PROBE_CYCLE', `probe ${name} needs itself: ${cycle.join(' needs ')}`);
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
      ...(spec.dependsOn === undefined ? {} : { dependsOn: spec.dependsOn }),
      ...(spec.host === undefined ? {} : { host: spec.host }),
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
    const seen = { status: snapshot.status, at };
    const folded = fold(before, seen, spec.consecutive ?? defaultConsecutive);
    const turns = turnsAfter(before, seen);
    const memory = { ...folded.memory, ...turns };
    watched.last = { ...snapshot, at };
    watched.memory = memory;
    const { status, latencyMs = null, error = null } = snapshot;
    this.#looks.push({ probe: name, at, status, latencyMs, error });
    if (before?.status !== status) this.#changed(spec, before, snapshot);
    const cause = memory.badInARow > 0 ? this.#causeOf(spec, snapshot) : null;
    const effect = effectOfTurns(folded.effect, memory, turns);
    const incidentId = await this.#incidents.follow({ spec, snapshot, memory, effect, cause });
    watched.memory = { ...memory, incidentId };
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

  /** The farthest of what it needs that fails; what is merely degraded explains only what is degraded too. */
  #causeOf(spec: ProbeSpec, seen: ProbeSnapshot): Cause | null {
    const needed = ancestorsOf(spec.name, this.#needs).flatMap((name) => this.named.get(name) ?? []);
    const failing = needed.findLast(({ memory }) => explains(memory, seen));
    return failing === undefined
      ? null
      : { probe: failing.spec.name, incidentId: failing.memory?.incidentId ?? null };
  }

  readonly #needs = (name: string): readonly string[] => this.named.get(name)?.spec.dependsOn ?? [];

  #now(): string {
    return new Date(this.#ports.clock.now()).toISOString();
  }
}

function explains(memory: ProbeMemory | undefined, seen: ProbeSnapshot): boolean {
  if (memory === undefined) return false;
  if (memory.status === 'degraded') return seen.status === 'degraded';
  return memory.incidentId !== null || memory.badInARow > 0;
}
