import { messageOf } from '../fault/index.ts';
import type { PluginLog } from './contract.ts';
import { changeOf } from './events.ts';
import type { PluginState } from './events.ts';
import type { JsonSchema } from './json-schema.ts';
import type { IndexRow } from './plugin-index.ts';
import type { PluginReason } from './reason.ts';
import type { PluginPorts } from './surface.ts';

type Phase = 'indexed' | 'refused' | 'held' | 'loading' | 'up' | 'quarantined' | 'draining' | 'stopped';

/** What may be wrong at once, the gravest first: the first that stands is the reason shown. */
const problemKinds = ['load', 'crash', 'daemons', 'declared'] as const;
type ProblemKind = (typeof problemKinds)[number];

/**
 * One plugin's standing. Nobody sets its state: that is derived from how far it came, what is wrong with it and
 * whether it has ticked, and each change of it is recorded, in order, as `kora.plugin.state_changed`.
 */
export class Resident {
  readonly row: IndexRow;
  /** What its configuration has to be, as its code said when it was loaded last. */
  configSchema: JsonSchema | undefined;
  readonly #ports: Pick<PluginPorts, 'record' | 'registered'>;
  readonly #log: PluginLog;
  readonly #problems = new Map<ProblemKind, PluginReason>();
  #phase: Phase = 'indexed';
  #settled = false;
  #ticked = false;
  #shown: { readonly state: PluginState; readonly reason: PluginReason | undefined };
  #held: { readonly state: PluginState; readonly reason: PluginReason } | undefined;
  #recording: Promise<void> = Promise.resolve();
  #changed: (() => void)[] = [];

  constructor(row: IndexRow, ports: Pick<PluginPorts, 'record' | 'registered'>, log: PluginLog) {
    this.row = row;
    this.#ports = ports;
    this.#log = log;
    this.#shown = { state: 'indexed', reason: undefined };
  }

  get state(): PluginState {
    return this.#shown.state;
  }

  get reason(): PluginReason | undefined {
    return this.#shown.reason;
  }

  /** The index said no: its code never runs. */
  refuse(): void {
    this.#phase = 'refused';
    this.#show();
  }

  /** It waits: parked for the operator's word, or indexed for the next start. Its code does not run. */
  hold(state: 'parked' | 'indexed', reason: PluginReason): void {
    this.#phase = 'held';
    this.#held = { state, reason };
    this.#show();
  }

  /** Resolves once it has come up or has not: as soon as it is neither indexed nor loading. */
  async settled(signal: AbortSignal): Promise<void> {
    while ((this.state === 'indexed' || this.state === 'loading') && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => resolve(), { once: true });
      this.#changed.push(resolve);
      await promise;
    }
  }

  /** A start begins, the first or a later one. */
  loading(): void {
    this.#phase = 'loading';
    this.#settled = false;
    this.#ticked = false;
    this.#show();
  }

  /** `register` came through. What went wrong in an earlier start is over; with daemons, once they have started. */
  registered(difference: string | undefined, hasDaemons: boolean): void {
    this.#phase = 'up';
    this.#settled = !hasDaemons;
    this.#problems.delete('load');
    if (!hasDaemons) this.#problems.delete('crash');
    this.#mark('declared', difference === undefined ? undefined : declaredMismatch(this.row, difference));
    this.#show();
    // A daemon that came up while others were still being registered has been told to nobody.
    if (hasDaemons) this.#ports.registered?.(this.row.id);
  }

  /** Its daemons have started, or these have not. */
  daemonsSettled(failures: readonly string[]): void {
    if (this.#phase !== 'up') return;
    this.#settled = true;
    this.#mark('daemons', failures.length === 0 ? undefined : daemonFailed(failures));
    if (failures.length === 0) this.#problems.delete('crash');
    this.#show();
  }

  /** A first real piece of its work came to an end; perhaps before the rest of it is up. */
  ticked(): void {
    if ((this.#phase !== 'up' && this.#phase !== 'loading') || this.#ticked) return;
    this.#ticked = true;
    this.#show();
  }

  /** It could not be loaded, or it died. */
  failed(kind: 'load' | 'crash', reason: PluginReason): void {
    if (this.#leaving) return;
    this.#phase = 'loading';
    this.#settled = false;
    this.#ticked = false;
    this.#mark(kind, mendable(this.row, reason));
    this.#show();
  }

  /** It keeps dying: it is not started again until the runtime is. */
  quarantine(reason: PluginReason): void {
    if (this.#leaving) return;
    this.#phase = 'quarantined';
    this.#mark('crash', mendable(this.row, reason));
    this.#show();
  }

  draining(): void {
    this.#phase = 'draining';
    this.#show();
  }

  stopped(): void {
    this.#phase = 'stopped';
    this.#show();
  }

  /** Resolves when every change so far has been recorded or its recording has failed. */
  recorded(): Promise<void> {
    return this.#recording;
  }

  get #leaving(): boolean {
    return this.#phase === 'draining' || this.#phase === 'stopped';
  }

  #mark(kind: ProblemKind, reason: PluginReason | undefined): void {
    if (reason === undefined) this.#problems.delete(kind);
    else this.#problems.set(kind, reason);
  }

  #derive(): { readonly state: PluginState; readonly reason: PluginReason | undefined } {
    const phase = this.#phase;
    if (phase === 'refused') return { state: this.row.state, reason: this.row.reason };
    if (phase === 'held' && this.#held !== undefined) return this.#held;
    if (phase === 'indexed' || phase === 'held') return plain('indexed');
    if (phase === 'draining' || phase === 'stopped') return plain(phase);
    const reason = problemKinds.map((kind) => this.#problems.get(kind)).find((each) => each !== undefined);
    if (phase === 'quarantined') return { state: phase, reason };
    if (reason !== undefined) return { state: 'degraded', reason };
    if (phase === 'loading' || !this.#settled) return plain('loading');
    return plain(this.#ticked ? 'proven' : 'loaded');
  }

  #show(): void {
    const from = this.#shown;
    const to = this.#derive();
    if (from.state === to.state && from.reason?.code === to.reason?.code) return;
    this.#shown = to;
    for (const tell of this.#changed.splice(0)) tell();
    this.#announce(to.state, to.reason);
    const draft = {
      type: 'kora.plugin.state_changed',
      payload: changeOf(this.row, { from: from.state, to: to.state }, to.reason),
    };
    this.#recording = this.#recording
      .then(() => this.#ports.record(draft))
      .catch((error: unknown) => {
        // The plugin's state is what it is, recorded or not; the chain's own health is the store's to report.
        this.#log.error('a plugin state change could not be recorded', {
          plugin: this.row.id,
          error: messageOf(error),
        });
      });
  }

  #announce(state: PluginState, reason: PluginReason | undefined): void {
    const fields = { plugin: this.row.id, version: this.row.version, state };
    if (reason === undefined) this.#log.info(`plugin ${this.row.id} is ${state}`, fields);
    else
      this.#log.warn(`plugin ${this.row.id} is ${state}: ${reason.message}`, {
        ...fields,
        reason: reason.code,
        ...(reason.fix === undefined ? {} : { fix: reason.fix }),
      });
  }
}

function plain(state: PluginState): { readonly state: PluginState; readonly reason: undefined } {
  return { state, reason: undefined };
}

function declaredMismatch(row: IndexRow, difference: string): PluginReason {
  const fix = isLinked(row)
    ? `kora plugin manifest ${row.directory}, then: kora plugin sync`
    : 'bring kora.contributes in its package.json and register() into agreement';
  return { code: 'declared_mismatch', message: difference, fix };
}

/** It lies in a folder of its own: somebody is writing it. */
function isLinked({ origin, directory }: IndexRow): boolean {
  return origin === 'host' && !/[\\/]node_modules[\\/]/.test(directory);
}

/** Where nothing better is known, the package is what is wrong. */
function mendable(row: IndexRow, reason: PluginReason): PluginReason {
  const { packageName, id, origin, directory } = row;
  if (reason.fix !== undefined) return reason;
  if (isLinked(row)) return { ...reason, fix: `mend it in ${directory}, then: kora plugin sync` };
  const without = origin === 'host' ? `kora plugin remove ${id}` : `add "${id}" to plugins.deny in kora.json`;
  return { ...reason, fix: `kora plugin add ${packageName}@latest, or do without it: ${without}` };
}

function daemonFailed(failures: readonly string[]): PluginReason {
  return {
    code: 'daemon_failed',
    message: failures.join('; '),
    fix: "mend the cause, then: kora daemon restart <name> --reason '...'",
  };
}
