import type { Admission } from '../admission/index.ts';
import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import type { Database, Queryable, Transaction } from '../store/index.ts';
import type { NewMessage, PeriodicTaskSpec, ProbeSnapshot, ProbeSpec, ProbeState } from './contract.ts';
import { probeStatusChanged } from './events.ts';
import { IncidentKeeper } from './incident/keeper.ts';
import { abandonedIncidents, holdOpen } from './incident/listing.ts';
import type { Away } from './incident/listing.ts';
import type { Seen } from './incident/ports.ts';
import { checkOnce } from './look/check.ts';
import { effectOfTurns, turnsAfter } from './look/flap.ts';
import { fold } from './look/fold.ts';
import type { Effect, ProbeMemory } from './look/fold.ts';
import { KnownProbes } from './look/known.ts';
import type { Probe } from './look/known.ts';
import { consecutiveOf, refuseMalformed, taskNameOf, timeoutOf } from './look/spec.ts';
import { everyone, forgetIncident, keepLook, lockMemory } from './look/states.ts';
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

const spread = 0.1;
const longestSpreadMs = 5_000;
/** A restart, or a plugin that is brought up to date, is no removal. */
const removedAfterMs = 600_000;
const removedEverywhereAfterMs = 86_400_000;

/** Looks at things on their cadence, remembers what it saw, and opens and ends incidents. */
export class Probes {
  readonly #options: ProbesOptions;
  readonly #known: KnownProbes;
  readonly #incidents: IncidentKeeper;

  constructor(options: ProbesOptions) {
    this.#options = options;
    const known = new KnownProbes(options);
    this.#known = known;
    this.#incidents = new IncidentKeeper({
      ...options,
      surroundings: (tx, seen) => known.surroundings(tx, seen),
      causeOf: (tx, seen) => known.causeOf(tx, seen),
      ancestors: (name) => known.ancestors(name),
      descendants: (name) => known.descendants(name),
    });
  }

  /**
   * Starts looking. Throws KORA_PROBE_DUPLICATE naming the holder, KORA_PROBE_CYCLE when what it needs needs it,
   * KORA_PLUGIN_INVALID on a malformed spec.
   */
  async register(spec: ProbeSpec, pluginName: string): Promise<() => Promise<void>> {
    const { name } = spec;
    refuseMalformed(spec, pluginName);
    const holder = this.#known.find(name);
    if (holder !== undefined) {
      throw fault('KORA_PROBE_DUPLICATE', `probe ${name} of plugin ${pluginName} is ${holder.pluginName}'s`);
    }
    const cycle = this.#known.cycleOf(spec);
    if (cycle !== null) {
      throw fault('KORA_PROBE_CYCLE', `probe ${name} needs itself: ${cycle.join(' needs ')}`, {
        fix: 'take one of them out of dependsOn',
      });
    }
    const probe: Probe = { spec, pluginName, turn: Promise.resolve() };
    this.#known.add(probe);
    try {
      const unschedule = await this.#options.schedule(this.#task(probe), pluginName);
      return async () => {
        this.#known.remove(name);
        await unschedule();
      };
    } catch (error) {
      this.#known.remove(name);
      throw error;
    }
  }

  /** Looks once, now, and counts it like any other look. Throws KORA_PROBE_UNKNOWN, KORA_ADMISSION_DENIED. */
  async runNow(name: string): Promise<ProbeState> {
    const probe = this.#known.find(name);
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
    const [state] = await this.#known.states(database, [probe]);
    if (state === undefined) throw fault('KORA_INTERNAL', `probe ${name} left no state`);
    return state;
  }

  list(): Promise<ProbeState[]> {
    return this.#known.states(this.#options.database, this.#known.all());
  }

  /** Ends the incidents of probes that nobody looks at any more, and has not for a while. */
  async closeRemoved(): Promise<void> {
    const { database, workspaceId, runtimeId } = this.#options;
    const watched = this.#known.names();
    const away: readonly Away[] = [
      { runtimeId, watched, quietMs: removedAfterMs },
      // Another runtime may look, and be away for longer than a restart.
      { runtimeId: everyone, watched, quietMs: removedEverywhereAfterMs },
      // One that never comes back, as its home is gone, ends none of its own.
      { notOf: [runtimeId, everyone], quietMs: removedEverywhereAfterMs },
    ];
    for (const each of away) {
      for (const incidentId of await abandonedIncidents(database, workspaceId, each))
        await database.transaction(async (tx) => {
          // In the order in which a look holds them.
          await forgetIncident(tx, workspaceId, incidentId);
          // Another runtime may be at the same.
          if (await holdOpen(tx, workspaceId, incidentId))
            await this.#incidents.unwatched(tx, { incidentId, endedBy: 'probe removed' });
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
   * is a failure of its own. What is known to be broken need not be looked at, and many that fail at once ask together: else
   * what all of them need would be looked at for minutes.
   */
  async #lookAndAsk(probe: Probe, signal: AbortSignal): Promise<void> {
    const isFirstBad = await this.#look(probe, signal);
    if (!isFirstBad) return;
    const needed = this.#known.needed(probe.spec.name);
    // Of what one runtime looks at for all, its looks are asked for by nobody else.
    const here = needed.filter(({ spec, isBroken }) => spec.scope !== 'fleet' && isBroken !== true);
    await Promise.all(here.map((each) => this.#lookOnce(each, signal)));
  }

  async #lookOnce(probe: Probe, signal: AbortSignal): Promise<void> {
    probe.asked ??= this.#look(probe, signal, () => (probe.asked = undefined));
    await probe.asked;
  }

  #look(probe: Probe, signal: AbortSignal, begins: () => void = () => undefined): Promise<boolean> {
    const mine = probe.turn.then(() => {
      begins();
      return this.#lookNow(probe, signal);
    });
    probe.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Answers whether it is the first bad look after a good one. */
  async #lookNow(probe: Probe, signal: AbortSignal): Promise<boolean> {
    const { spec } = probe;
    const at = new Date(this.#options.clock.now()).toISOString();
    const snapshot = await checkOnce(this.#options.clock, spec, { timeoutMs: timeoutOf(spec), signal });
    if (signal.aborted) return false;
    const { badInARow, incidentId } = await this.#options.database.transaction((tx) =>
      this.#keep(tx, probe, { at, snapshot }),
    );
    probe.isBroken = incidentId !== null;
    return badInARow === 1;
  }

  /** Folds a look into what was known, with all that follows from it. */
  async #keep(tx: Transaction, { spec }: Probe, look: Looked): Promise<KeptMemory> {
    const key = { workspaceId: this.#options.workspaceId, runtimeId: this.#known.ownerOf(spec) };
    const { at, snapshot } = look;
    const before = await lockMemory(tx, key, spec.name);
    const seen = { status: snapshot.status, at };
    const folded = fold(before, seen, consecutiveOf(spec));
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
      at,
      snapshot,
      memory,
      turns,
      before,
      effect: effectOfTurns(folded.effect, memory, turns),
      ...(changedEvent === null ? {} : { causationId: changedEvent }),
    });
    const kept = { ...memory, ...turns, incidentId, changedEvent };
    await keepLook(tx, key, { probe: spec.name, at, snapshot }, kept);
    return kept;
  }

  /** What a look means for the incident. Answers the one that is open afterwards. */
  async #follow(tx: Transaction, look: Followed): Promise<number | null> {
    const { effect, memory, turns, before, causationId } = look;
    const { incidentId } = memory;
    if (incidentId === null) return effect === 'open' ? this.#incidents.open(tx, look) : null;
    const known = { ...look, incidentId };
    if (turns.flappingSince !== null && (before?.flappingSince ?? null) === null)
      await this.#incidents.flaps(tx, known);
    if (effect === 'lasts') await this.#incidents.lasts(tx, known);
    if (effect === 'unwatched') {
      await this.#incidents.unwatched(tx, { incidentId, endedBy: 'probe unconfigured' });
      return null;
    }
    if (effect !== 'resolve') return incidentId;
    await this.#incidents.resolve(tx, {
      incidentId,
      goodLooks: memory.goodInARow,
      ...(causationId === undefined ? {} : { causationId }),
    });
    return null;
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

function changed(spec: ProbeSpec, snapshot: ProbeSnapshot, before: ProbeMemory | undefined): EventDraft {
  return draft(probeStatusChanged, {
    probe: spec.name,
    target: spec.target,
    from: before?.status ?? null,
    to: snapshot.status,
    error: snapshot.error ?? null,
  });
}
