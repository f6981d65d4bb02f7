import type { Admission } from '../admission/index.ts';
import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import type { NewMessage, PeriodicTaskSpec, ProbeSnapshot, ProbeSpec, ProbeState } from './contract.ts';
import { probeStatusChanged } from './events.ts';
import { ancestorsOf, cycleFrom, descendantsOf } from './incident/dependency.ts';
import { abandonedIncidents } from './incident/incidents.ts';
import type { Cause } from './incident/incidents.ts';
import { IncidentKeeper } from './incident/keeper.ts';
import type { Seen } from './incident/keeper.ts';
import type { Surroundings } from './incident/words.ts';
import { checkOnce } from './look/check.ts';
import { effectOfTurns, turnsAfter } from './look/flap.ts';
import { fold } from './look/fold.ts';
import type { Effect, ProbeMemory } from './look/fold.ts';
import { everyone, forgetIncident, keepLook, lockMemory, readElsewhere, readStates } from './look/states.ts';
import type { KeptMemory } from './look/states.ts';

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
const mostNeeds = 50;
/** A restart, or a plugin that is brought up to date, is no removal. */
const removedAfterMs = 600_000;
const removedEverywhereAfterMs = 86_400_000;

/** Looks at things on their cadence, remembers what it saw, and opens and ends incidents. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #probes = new Map<string, Probe>();
  readonly #incidents: IncidentKeeper;
  readonly #needs = (name: string): readonly string[] => this.#probes.get(name)?.spec.dependsOn ?? [];

  constructor(options: ProbesOptions) {
    this.#options = options;
    this.#incidents = new IncidentKeeper({
      ...options,
      surroundings: (tx, probe) => this.#surroundings(tx, probe),
      causeOf: (tx, { spec }) => this.#causeOf(tx, spec),
      ancestors: (name) => ancestorsOf(name, this.#needs),
      descendants: (name) => descendantsOf(name, [...this.#probes.keys()], this.#needs),
    });
  }

  /**
   * Starts looking. Throws KORA_PROBE_DUPLICATE naming the holder, KORA_PROBE_CYCLE when what it needs needs it,
   * KORA_PLUGIN_INVALID on a malformed spec.
   */
  async register(spec: ProbeSpec, pluginName: string): Promise<() => Promise<void>> {
    const { name } = spec;
    refuseMalformed(spec, pluginName);
    const holder = this.#probes.get(name);
    if (holder !== undefined) {
      throw fault('KORA_PROBE_DUPLICATE', `probe ${name} of plugin ${pluginName} is ${holder.pluginName}'s`);
    }
    const cycle = cycleFrom(name, (each) => (each === name ? (spec.dependsOn ?? []) : this.#needs(each)));
    if (cycle !== null) {
      throw fault('KORA_PROBE_CYCLE', `probe ${name} needs itself: ${cycle.join(' needs ')}`, {
        fix: 'take one of them out of dependsOn',
      });
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
    await this.#lookAndAsk(probe, new AbortController().signal);
    const [state] = await this.#states(database, [probe]);
    if (state === undefined) throw fault('KORA_INTERNAL', `probe ${name} left no state`);
    return state;
  }

  list(): Promise<ProbeState[]> {
    return this.#states(this.#options.database, [...this.#probes.values()]);
  }

  /** Ends the incidents of probes that nobody here looks at any more, and has not for a while. */
  async closeRemoved(): Promise<void> {
    const { database, workspaceId } = this.#options;
    const watched = [...this.#probes.keys()];
    for (const [runtimeId, quietMs] of [
      [this.#options.runtimeId, removedAfterMs],
      // Another runtime may look, and be away for longer than a restart.
      [everyone, removedEverywhereAfterMs],
    ] as const) {
      const gone = await abandonedIncidents(database, workspaceId, { runtimeId, watched, quietMs });
      for (const incidentId of gone)
        await database.transaction(async (tx) => {
          await forgetIncident(tx, workspaceId, incidentId);
          await this.#incidents.removed(tx, incidentId);
        });
    }
  }

  #task(probe: Probe): PeriodicTaskSpec {
    const { spec } = probe;
    return {
      name: taskNameOf(spec),
      cadence: { everyMs: spec.everyMs },
      // Probes of one cadence were registered together: without a spread they would all look in the same instant.
      jitterMs: Math.min(spec.everyMs * spread, longestSpreadMs),
      purpose: 'observe',
      scope: spec.scope ?? 'runtime',
      catchUp: 'once',
      // The look has its own deadline; this one is for keeping it.
      timeoutMs: timeoutOf(spec) + 30_000,
      run: async ({ signal }) => {
        await this.#lookAndAsk(probe, signal);
      },
    };
  }

  /**
   * After the first bad look at a probe, what it needs is looked at too: before the second one it is known whether this
   * is a failure of its own.
   */
  async #lookAndAsk(probe: Probe, signal: AbortSignal): Promise<void> {
    const isFirstBad = await this.#look(probe, signal);
    if (!isFirstBad) return;
    const needed = ancestorsOf(probe.spec.name, this.#needs).flatMap((name) => this.#probes.get(name) ?? []);
    // Of what one runtime looks at for all, its looks are asked for by nobody else.
    const here = needed.filter(({ spec }) => spec.scope !== 'fleet');
    await Promise.all(here.map((each) => this.#look(each, signal)));
  }

  #look(probe: Probe, signal: AbortSignal): Promise<boolean> {
    const mine = probe.turn.then(() => this.#lookNow(probe, signal));
    probe.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Answers whether it is the first bad look after a good one. */
  async #lookNow(probe: Probe, signal: AbortSignal): Promise<boolean> {
    const { spec } = probe;
    const at = new Date(this.#options.clock.now()).toISOString();
    const snapshot = await checkOnce(this.#options.clock, spec, { timeoutMs: timeoutOf(spec), signal });
    if (signal.aborted) return false;
    return this.#options.database.transaction((tx) => this.#keep(tx, probe, { at, snapshot }));
  }

  /** Folds a look into what was known, with all that follows from it. */
  async #keep(tx: Transaction, { spec }: Probe, look: Looked): Promise<boolean> {
    const key = { workspaceId: this.#options.workspaceId, runtimeId: this.#ownerOf(spec) };
    const { at, snapshot } = look;
    const before = await lockMemory(tx, key, spec.name);
    const seen = { status: snapshot.status, at };
    const folded = fold(before, seen, spec.consecutive ?? defaultConsecutive);
    const { memory } = folded;
    const turns = turnsAfter(before, seen);
    let changedEvent = before?.changedEvent ?? null;
    if (before?.status !== memory.status) {
      changedEvent = this.#options.clock.uuid();
      await this.#options.stage(tx, [{ ...changed(spec, snapshot, before), eventId: changedEvent }]);
    }
    const incidentId = await this.#follow(tx, {
      spec,
      runtimeId: key.runtimeId,
      snapshot,
      memory,
      turns,
      before,
      effect: effectOfTurns(folded.effect, memory, turns),
      ...(changedEvent === null ? {} : { causationId: changedEvent }),
    });
    const kept = { ...memory, ...turns, incidentId, changedEvent };
    await keepLook(tx, key, { probe: spec.name, at, snapshot }, kept);
    return memory.badInARow === 1;
  }

  /** What a look means for the incident. Answers the one that is open afterwards. */
  async #follow(tx: Transaction, look: Followed): Promise<number | null> {
    const { effect, memory, turns, before, spec, causationId } = look;
    const { incidentId } = memory;
    if (incidentId === null) return effect === 'open' ? this.#incidents.open(tx, look) : null;
    const known = { ...look, incidentId };
    if (turns.flappingSince !== null && (before?.flappingSince ?? null) === null)
      await this.#incidents.flaps(tx, known);
    if (effect === 'lasts') await this.#incidents.lasts(tx, known);
    if (effect !== 'resolve') return incidentId;
    const goodLooks = spec.consecutive ?? defaultConsecutive;
    await this.#incidents.resolve(tx, {
      incidentId,
      goodLooks,
      ...(causationId === undefined ? {} : { causationId }),
    });
    return null;
  }

  /** The farthest of the probes it needs that fails: what fails between them fails for the same reason. */
  async #causeOf(tx: Queryable, spec: ProbeSpec): Promise<Cause | null> {
    const needed = ancestorsOf(spec.name, this.#needs).flatMap((name) => this.#probes.get(name) ?? []);
    if (needed.length === 0) return null;
    const states = await this.#states(tx, needed);
    const failing = states.findLast(({ status, incidentId }) => incidentId !== null || isBad(status));
    return failing === undefined ? null : { probe: failing.name, incidentId: failing.incidentId };
  }

  async #surroundings(
    tx: Transaction,
    { spec, runtimeId }: Pick<Seen, 'spec' | 'runtimeId'>,
  ): Promise<Surroundings> {
    const { workspaceId, recentChanges } = this.#options;
    const others = [...this.#probes.values()].filter((other) => other.spec.name !== spec.name);
    const alsoFailing = (await this.#states(tx, others)).filter(({ status }) => isBad(status));
    const elsewhere =
      runtimeId === everyone ? [] : await readElsewhere(tx, { workspaceId, runtimeId }, spec.name);
    return { alsoFailing, elsewhere, changes: await recentChanges(tx) };
  }

  #ownerOf({ scope }: ProbeSpec): string {
    return scope === 'fleet' ? everyone : this.#options.runtimeId;
  }

  async #states(db: Queryable, probes: readonly Probe[]): Promise<ProbeState[]> {
    const keys = probes.map(({ spec }) => ({ name: spec.name, runtimeId: this.#ownerOf(spec) }));
    const seen = await readStates(db, this.#options.workspaceId, keys);
    return probes.map(({ spec: { name, kind, target, everyMs, dependsOn, host }, pluginName }) => ({
      name,
      kind,
      target,
      pluginName,
      everyMs,
      ...(dependsOn === undefined ? {} : { dependsOn }),
      ...(host === undefined ? {} : { host }),
      ...(seen.get(name) ?? unseen),
    }));
  }
}

interface Looked {
  readonly at: string;
  readonly snapshot: ProbeSnapshot;
}

interface Followed extends Seen {
  readonly before: KeptMemory | undefined;
  readonly effect: Effect;
}

function isBad(status: ProbeState['status']): boolean {
  return status !== null && status !== 'healthy' && status !== 'unconfigured';
}

function changed(spec: ProbeSpec, snapshot: ProbeSnapshot, before: ProbeMemory | undefined): EventDraft {
  return draft(probeStatusChanged, {
    probe: spec.name,
    target: spec.target,
    from: before?.status ?? null,
    to: snapshot.status,
    error: snapshot.error ?? null,
  });
}

function timeoutOf({ timeoutMs }: ProbeSpec): number {
  return timeoutMs ?? defaultTimeoutMs;
}

/** Throws KORA_PLUGIN_INVALID. */
function refuseMalformed(spec: ProbeSpec, pluginName: string): void {
  const { name, everyMs, consecutive = defaultConsecutive } = spec;
  const timeoutMs = timeoutOf(spec);
  if (!namePattern.test(name))
    throw fault('KORA_PLUGIN_INVALID', `"${name}" (${pluginName}) is not a probe name`);
  const refuse = (why: string): Error => fault('KORA_PLUGIN_INVALID', `probe ${name}: ${why}`);
  if (!(everyMs >= shortestEveryMs))
    throw refuse(`everyMs must be at least ${shortestEveryMs}, not ${everyMs}`);
  if (!Number.isInteger(consecutive) || consecutive < 1)
    throw refuse(`consecutive must be 1 or more, not ${consecutive}`);
  if (!(timeoutMs > 0 && timeoutMs <= longestTimeoutMs))
    throw refuse(`timeoutMs must be 1 to ${longestTimeoutMs}, not ${timeoutMs}`);
  if ((spec.dependsOn ?? []).length > mostNeeds) throw refuse(`it needs more than ${mostNeeds} probes`);
}

function taskNameOf({ name }: ProbeSpec): string {
  return `probe.${name.toLowerCase()}`;
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
