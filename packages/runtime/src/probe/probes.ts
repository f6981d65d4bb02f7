import { z } from 'zod';
import type { Admission } from '../admission/index.ts';
import { draft, storable } from '../chain/index.ts';
import type { EventDraft, EventLinks } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import { probeCategories, probeStatuses } from './contract.ts';
import type { NewMessage, PeriodicTaskSpec, ProbeSnapshot, ProbeSpec, ProbeState } from './contract.ts';
import { incidentReopened, incidentResolved, probeStatusChanged, wakeRequested } from './events.ts';
import { fold } from './fold.ts';
import type { ProbeMemory } from './fold.ts';
import { openIncident, prolongIncident, reopenIncident, resolveIncident } from './incidents.ts';
import type { IncidentRecord, NewIncident } from './incidents.ts';
import { keepLook, lockMemory, readStates } from './states.ts';
import { openingMessage, recoveryMessage, reopeningMessage } from './words.ts';
import type { Surroundings } from './words.ts';

export interface ProbesOptions {
  readonly database: Database;
  readonly workspaceId: number;
  readonly runtimeId: string;
  readonly clock: Clock;
  /** For the looks that are asked for out of turn; the others are made by tasks. */
  readonly admission: Pick<Admission, 'admit' | 'redeem'>;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** Puts a message in the outbox, in the transaction that opens or resolves the incident. */
  readonly tell: (tx: Transaction, message: NewMessage) => Promise<void>;
  readonly schedule: (task: PeriodicTaskSpec, pluginName: string) => Promise<() => Promise<void>>;
  /** One line for each change of the last 15 minutes, newest first. */
  readonly recentChanges: (db: Queryable) => Promise<readonly string[]>;
}

interface Probe {
  readonly spec: ProbeSpec;
  readonly pluginName: string;
  /** Looks at one thing are made one after the other, so that they are folded in the order they were made. */
  turn: Promise<unknown>;
}

const namePattern = /^[a-z0-9][a-z0-9._-]{0,63}$/i;
const defaultTimeoutMs = 10_000;
const longestTimeoutMs = 600_000;
const defaultConsecutive = 2;
const spread = 0.1;
const longestSpreadMs = 5_000;
const shortestEveryMs = 100;
const longestError = 2_000;

const snapshotSchema: z.ZodType<ProbeSnapshot> = z.object({
  status: z.enum(probeStatuses),
  latencyMs: z.number().nonnegative().exactOptional(),
  details: z.record(z.string(), z.unknown()),
  error: z
    .string()
    .transform((text) => text.slice(0, longestError))
    .exactOptional(),
  category: z.enum(probeCategories).exactOptional(),
});

/** Looks at things on their cadence, remembers what it saw, and opens and ends incidents. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #probes = new Map<string, Probe>();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  /** Starts looking. Throws KORA_PROBE_DUPLICATE naming the holder, KORA_PLUGIN_INVALID on a malformed spec. */
  async register(spec: ProbeSpec, pluginName: string): Promise<() => Promise<void>> {
    const { name } = spec;
    if (!namePattern.test(name))
      throw fault('KORA_PLUGIN_INVALID', `"${name}" (${pluginName}) is not a probe name`);
    if (!(spec.everyMs >= shortestEveryMs)) {
      throw fault(
        'KORA_PLUGIN_INVALID',
        `probe ${name}: everyMs must be at least ${shortestEveryMs}, not ${spec.everyMs}`,
      );
    }
    const { consecutive = defaultConsecutive, timeoutMs = defaultTimeoutMs } = spec;
    if (!Number.isInteger(consecutive) || consecutive < 1)
      throw fault('KORA_PLUGIN_INVALID', `probe ${name}: consecutive must be 1 or more, not ${consecutive}`);
    if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs))
      throw fault(
        'KORA_PLUGIN_INVALID',
        `probe ${name}: timeoutMs must be 1 to ${longestTimeoutMs}, not ${timeoutMs}`,
      );
    const holder = this.#probes.get(name);
    if (holder !== undefined) {
      throw fault('KORA_PROBE_DUPLICATE', `probe ${name} of plugin ${pluginName} is ${holder.pluginName}'s`);
    }
    const probe: Probe = { spec, pluginName, turn: Promise.resolve() };
    this.#probes.set(name, probe);
    try {
      const unschedule = await this.#options.schedule(this.#task(probe), pluginName);
      return async () => {
        this.#probes.delete(name);
        await unschedule();
      };
    } catch (error) {
      this.#probes.delete(name);
      throw error;
    }
  }

  /** Looks once, now, and counts it like any other look. Throws KORA_PROBE_UNKNOWN, KORA_ADMISSION_DENIED. */
  async runNow(name: string): Promise<ProbeState> {
    const probe = this.#probes.get(name);
    if (probe === undefined)
      throw fault('KORA_PROBE_UNKNOWN', `there is no probe ${name}`, { fix: 'kora probe list' });
    const { admission, database } = this.#options;
    const ask = { caller: probe.pluginName, task: taskNameOf(probe.spec), purpose: 'observe' } as const;
    const leave = await admission.admit('periodic_task', ask);
    if (!leave.allow) {
      throw fault('KORA_ADMISSION_DENIED', `probe ${name} may not look: ${leave.cause}`, {
        fix: 'kora status',
      });
    }
    admission.redeem(leave.pass, 'periodic_task');
    await this.#look(probe, new AbortController().signal);
    const [state] = await this.#states(database, [probe]);
    if (state === undefined) throw fault('KORA_INTERNAL', `probe ${name} left no state`);
    return state;
  }

  list(): Promise<ProbeState[]> {
    return this.#states(this.#options.database, [...this.#probes.values()]);
  }

  #task(probe: Probe): PeriodicTaskSpec {
    const { spec } = probe;
    return {
      name: taskNameOf(spec),
      cadence: { everyMs: spec.everyMs },
      // Probes of one cadence were registered together: without a spread they would all look in the same instant.
      jitterMs: Math.min(spec.everyMs * spread, longestSpreadMs),
      purpose: 'observe',
      scope: 'runtime',
      catchUp: 'once',
      // The look has its own deadline; this one is for keeping it.
      timeoutMs: (spec.timeoutMs ?? defaultTimeoutMs) + 30_000,
      run: async ({ signal }) => {
        await this.#look(probe, signal);
      },
    };
  }

  #look(probe: Probe, signal: AbortSignal): Promise<void> {
    const mine = probe.turn.then(() => this.#lookNow(probe, signal));
    probe.turn = mine.catch(() => undefined);
    return mine;
  }

  async #lookNow(probe: Probe, signal: AbortSignal): Promise<void> {
    const { spec } = probe;
    const at = new Date(this.#options.clock.now()).toISOString();
    const snapshot = await this.#check(spec, signal);
    if (signal.aborted) return;
    await this.#options.database.transaction(async (tx) => {
      const before = await lockMemory(tx, this.#options, spec.name);
      const seen = { status: snapshot.status, at };
      const { memory, effect } = fold(before, seen, spec.consecutive ?? defaultConsecutive);
      let changedEvent = before?.changedEvent ?? null;
      if (before?.status !== memory.status) {
        changedEvent = this.#options.clock.uuid();
        await this.#options.stage(tx, [{ ...this.#changed(spec, snapshot, before), eventId: changedEvent }]);
      }
      let { incidentId } = memory;
      if (effect === 'open')
        incidentId = await this.#open(tx, { spec, snapshot, memory, ...causedBy(changedEvent) });
      if (effect === 'lasts' && incidentId !== null) {
        await prolongIncident(tx, this.#options.workspaceId, incidentId, detailOf(snapshot));
      }
      if (effect === 'resolve' && incidentId !== null) {
        await this.#resolve(tx, incidentId, causedBy(changedEvent));
        incidentId = null;
      }
      const look = { probe: spec.name, at, snapshot };
      await keepLook(tx, this.#options, look, { ...memory, incidentId, changedEvent });
    });
  }

  /** Whatever the plugin does, there is an answer: a throw and silence are both "could not be reached". */
  async #check(spec: ProbeSpec, signal: AbortSignal): Promise<ProbeSnapshot> {
    const deadline = { ms: spec.timeoutMs ?? defaultTimeoutMs, what: `probe ${spec.name}`, signal };
    try {
      const answer = await withDeadline(this.#options.clock, deadline, (limit) => spec.check(limit));
      return snapshotSchema.parse(storable(answer));
    } catch (error) {
      const why =
        error instanceof z.ZodError
          ? `the probe answered nonsense: ${z.prettifyError(error)}`
          : messageOf(error);
      return { status: 'unreachable', details: {}, error: why.slice(0, longestError) };
    }
  }

  async #open(tx: Transaction, { spec, snapshot, memory, ...cause }: Opening): Promise<number> {
    const { workspaceId, runtimeId, stage, tell, clock } = this.#options;
    const incident: NewIncident = {
      runtimeId,
      probe: spec.name,
      target: spec.target,
      category: categoryOf(snapshot),
      severity: spec.severity ?? (snapshot.status === 'degraded' ? 'warning' : 'critical'),
      title: `${spec.name} ${snapshot.status}`,
      detail: detailOf(snapshot),
      wakeId: clock.uuid(),
      failingSince: memory.failingSince ?? memory.since,
      lastGoodAt: memory.lastGoodAt,
      failures: memory.badInARow,
    };
    const reopened = await reopenIncident(tx, workspaceId, incident);
    if (reopened !== undefined) {
      const { record, times } = reopened;
      const payload = { incident_id: record.incidentId, wake_id: record.wakeId, probe: spec.name, times };
      const links = { correlationId: record.wakeId, ...cause };
      const eventId = clock.uuid();
      await stage(tx, [{ ...draft(incidentReopened, payload, links), eventId }]);
      await tell(tx, { ...reopeningMessage(record, times), causationId: eventId });
      return record.incidentId;
    }
    const record = await openIncident(tx, workspaceId, incident);
    const eventId = clock.uuid();
    await stage(tx, [{ ...wakeDraft(spec, snapshot, record), ...cause, eventId }]);
    const opening = openingMessage(record, await this.#surroundings(tx, spec.name));
    await tell(tx, { ...opening, causationId: eventId });
    return record.incidentId;
  }

  async #resolve(tx: Transaction, incidentId: number, cause: EventLinks): Promise<void> {
    const { workspaceId, stage, tell, clock } = this.#options;
    const record = await resolveIncident(tx, workspaceId, incidentId);
    const resolvedAt = record.resolvedAt ?? record.openedAt;
    const durationMs = Date.parse(resolvedAt) - Date.parse(record.failingSince);
    const payload = {
      incident_id: incidentId,
      wake_id: record.wakeId,
      probe: record.probe,
      target: record.target,
      category: record.category,
      failures: record.failures,
      opened_at: record.openedAt,
      resolved_at: resolvedAt,
      duration_ms: durationMs,
    };
    const eventId = clock.uuid();
    const links = { correlationId: record.wakeId, ...cause };
    await stage(tx, [{ ...draft(incidentResolved, payload, links), eventId }]);
    // Failures only grow, so they tell the resolutions of one incident apart.
    await tell(tx, { ...recoveryMessage(record, record.failures, durationMs), causationId: eventId });
  }

  #changed(spec: ProbeSpec, snapshot: ProbeSnapshot, before: ProbeMemory | undefined): EventDraft {
    return draft(probeStatusChanged, {
      probe: spec.name,
      target: spec.target,
      from: before?.status ?? null,
      to: snapshot.status,
      error: snapshot.error ?? null,
    });
  }

  /** Read on the caller's connection: many probes that open incidents at once must not wait for one another's. */
  async #surroundings(tx: Transaction, probe: string): Promise<Surroundings> {
    const others = [...this.#probes.values()].filter(({ spec }) => spec.name !== probe);
    const states = await this.#states(tx, others);
    const alsoFailing = states.filter(
      ({ status }) => status !== null && status !== 'healthy' && status !== 'unconfigured',
    );
    return { alsoFailing, changes: await this.#options.recentChanges(tx) };
  }

  async #states(db: Queryable, probes: readonly Probe[]): Promise<ProbeState[]> {
    const names = probes.map(({ spec }) => spec.name);
    const seen = await readStates(db, this.#options, names);
    return probes.map(({ spec: { name, kind, target, everyMs }, pluginName }) => ({
      name,
      kind,
      target,
      pluginName,
      everyMs,
      ...(seen.get(name) ?? unseen),
    }));
  }
}

function taskNameOf({ name }: ProbeSpec): string {
  return `probe.${name.toLowerCase()}`;
}

interface Opening extends EventLinks {
  readonly spec: ProbeSpec;
  readonly snapshot: ProbeSnapshot;
  readonly memory: ProbeMemory;
}

function causedBy(eventId: string | null): Pick<EventLinks, 'causationId'> {
  return eventId === null ? {} : { causationId: eventId };
}

const unseen = {
  status: null,
  since: null,
  lastGoodAt: null,
  checkedAt: null,
  latencyMs: null,
  error: null,
  details: {},
  incidentId: null,
} as const;

function wakeDraft(spec: ProbeSpec, snapshot: ProbeSnapshot, record: IncidentRecord): EventDraft {
  const payload = {
    wake_id: record.wakeId,
    incident_id: record.incidentId,
    probe: spec.name,
    probe_kind: spec.kind,
    target: spec.target,
    severity: record.severity,
    category: record.category,
    title: record.title,
    detail: record.detail,
    failing_since: record.failingSince,
    last_good_at: record.lastGoodAt,
    snapshot: { ...snapshot.details },
    envelope: null,
  };
  return draft(wakeRequested, payload, { correlationId: record.wakeId });
}

function categoryOf(snapshot: ProbeSnapshot): NewIncident['category'] {
  return snapshot.category ?? (snapshot.status === 'unreachable' ? 'unreachable' : 'service_unhealthy');
}

function detailOf(snapshot: ProbeSnapshot): string {
  return snapshot.error ?? `the look came back ${snapshot.status}`;
}
