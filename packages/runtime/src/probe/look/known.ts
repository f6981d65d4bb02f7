import type { Queryable, Transaction } from '../../store/index.ts';
import type { ProbeSpec, ProbeState, ProbeStatus } from '../contract.ts';
import { ancestorsOf, cycleFrom, descendantsOf } from '../incident/dependency.ts';
import type { Seen } from '../incident/ports.ts';
import type { Cause } from '../incident/record.ts';
import type { Surroundings } from '../incident/words.ts';
import { everyone, readAround, readStates } from './states.ts';
import type { SeenState } from './states.ts';

export interface Probe {
  readonly spec: ProbeSpec;
  readonly pluginName: string;
  /** Looks at one thing are made one after the other, so that they are folded in the order they were made. */
  turn: Promise<unknown>;
  /** A look that somebody asked for and that has not begun: whoever asks meanwhile waits for the same. */
  asked?: Promise<unknown> | undefined;
  /** Whether an incident was open after the last look here. */
  isBroken?: boolean;
}

export interface KnownProbesOptions {
  readonly workspaceId: number;
  readonly runtimeId: string;
  /** One line for each change of the last 15 minutes, newest first. */
  readonly recentChanges: (db: Queryable) => Promise<readonly string[]>;
}

/** The probes of this runtime, what each needs, and what was last seen of them. */
export class KnownProbes {
  readonly #options: KnownProbesOptions;
  readonly #probes = new Map<string, Probe>();
  readonly #needs = (name: string): readonly string[] => this.#probes.get(name)?.spec.dependsOn ?? [];

  constructor(options: KnownProbesOptions) {
    this.#options = options;
  }

  add(probe: Probe): void {
    this.#probes.set(probe.spec.name, probe);
  }

  remove(name: string): void {
    this.#probes.delete(name);
  }

  find(name: string): Probe | undefined {
    return this.#probes.get(name);
  }

  names(): string[] {
    return [...this.#probes.keys()];
  }

  all(): Probe[] {
    return [...this.#probes.values()];
  }

  /** Whose its looks are: this runtime's, or everyone's. */
  ownerOf({ scope }: ProbeSpec): string {
    return scope === 'fleet' ? everyone : this.#options.runtimeId;
  }

  /** The way from what it needs back to it, or null. */
  cycleOf({ name, dependsOn = [] }: ProbeSpec): readonly string[] | null {
    return cycleFrom(name, (each) => (each === name ? dependsOn : this.#needs(each)));
  }

  ancestors(name: string): string[] {
    return ancestorsOf(name, this.#needs);
  }

  descendants(name: string): string[] {
    return descendantsOf(name, this.names(), this.#needs);
  }

  /** What it needs, as far as this runtime looks at it. */
  needed(name: string): Probe[] {
    return this.ancestors(name).flatMap((each) => this.#probes.get(each) ?? []);
  }

  async states(db: Queryable, probes: readonly Probe[]): Promise<ProbeState[]> {
    const seen = await readStates(db, this.#options.workspaceId, this.#keysOf(probes));
    return probes.map((probe) => stateOf(probe, seen.get(probe.spec.name)));
  }

  /** The farthest of the probes it needs that explains what it sees: what fails between them fails for the same reason. */
  async causeOf(tx: Queryable, { spec, snapshot }: Pick<Seen, 'spec' | 'snapshot'>): Promise<Cause | null> {
    const needed = this.needed(spec.name);
    if (needed.length === 0) return null;
    const states = await this.states(tx, needed);
    const failing = states.findLast((state) => explains(state, snapshot.status));
    return failing === undefined ? null : { probe: failing.name, incidentId: failing.incidentId };
  }

  /** What else is seen when an incident opens, in one question to the store. */
  async surroundings(tx: Transaction, seen: Seen): Promise<Surroundings> {
    const { workspaceId, recentChanges } = this.#options;
    const { spec, runtimeId, at, snapshot } = seen;
    const others = this.all().filter((other) => other.spec.name !== spec.name);
    const asked = { key: { workspaceId, runtimeId }, probe: spec.name, at, others: this.#keysOf(others) };
    const around = await readAround(tx, asked);
    const failing = others
      .map((probe) => stateOf(probe, around.states.get(probe.spec.name)))
      .filter(({ status }) => isBad(status));
    const children = new Set(failing.length === 0 ? [] : this.descendants(spec.name));
    const waiting = failing.filter(
      ({ name, status, incidentId }) =>
        children.has(name) && incidentId === null && explains({ ...snapshot, incidentId: null }, status),
    );
    return {
      alsoFailing: failing,
      consequences: waiting.map(({ name }) => name),
      elsewhere: around.elsewhere,
      changes: await recentChanges(tx),
    };
  }

  #keysOf(probes: readonly Probe[]): { readonly name: string; readonly runtimeId: string }[] {
    return probes.map(({ spec }) => ({ name: spec.name, runtimeId: this.ownerOf(spec) }));
  }
}

type Standing = Pick<ProbeState, 'status' | 'incidentId'>;

/** What is merely degraded explains what is degraded too; that something is down it does not. */
function explains({ status, incidentId }: Standing, seen: ProbeStatus | null): boolean {
  if (status === 'degraded') return seen === 'degraded';
  return incidentId !== null || isBad(status);
}

function isBad(status: ProbeState['status']): boolean {
  return status !== null && status !== 'healthy' && status !== 'unconfigured';
}

function stateOf({ spec, pluginName }: Probe, seen: SeenState | undefined): ProbeState {
  const { name, kind, target, everyMs, dependsOn, host } = spec;
  return {
    name,
    kind,
    target,
    pluginName,
    everyMs,
    ...(dependsOn === undefined ? {} : { dependsOn }),
    ...(host === undefined ? {} : { host }),
    ...(seen ?? unseen),
  };
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
