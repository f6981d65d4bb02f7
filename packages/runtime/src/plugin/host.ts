import type { Clock } from '../clock/index.ts';
import { withDeadline } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { PluginLog } from './contract.ts';
import type { Registered } from './contributions.ts';
import { Contributions } from './contributions.ts';
import type { PluginState } from './events.ts';
import type { Contributes } from './manifest.ts';
import type { IndexRow, PluginIndex } from './plugin-index.ts';
import type { PluginReason } from './reason.ts';
import { InProcess } from './residence.ts';
import type { Residence, ResidenceParts } from './residence.ts';
import { Resident } from './resident.ts';
import type { PluginPorts } from './surface.ts';

const defaultStepMs = 10_000;
const unloadMs = 15_000;
const recordMs = 5_000;

export interface PluginHostOptions {
  readonly ports: PluginPorts;
  readonly clock: Clock;
  readonly log: PluginLog;
  /** The home: guests keep their data folders in it. */
  readonly home: string;
  readonly index: PluginIndex;
  /** The plugin's block of the configuration, unparsed. */
  configBlock(id: string): unknown;
  /** Milliseconds an import and a `register` may take. Default 10 000 each. */
  readonly importMs?: number;
  readonly registerMs?: number;
}

/** One plugin as people and programs see it. */
export interface PluginRow {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly origin: 'bundled' | 'host';
  readonly trusted: boolean;
  readonly isolation: 'in-process' | 'process';
  readonly state: PluginState;
  readonly reason: PluginReason | undefined;
  /** What its manifest declares; undefined when that does not parse. */
  readonly contributes: Contributes | undefined;
  readonly registered: Registered;
  readonly directory: string;
  /** Of a plugin in a process of its own, while it runs. */
  readonly pid: number | undefined;
}

interface Seat {
  readonly row: IndexRow;
  readonly resident: Resident;
  /** Undefined for a plugin that the index refused. */
  readonly residence: Residence | undefined;
}

/** Gives every indexed plugin a place to run, keeps their registrations apart, and takes them down again. */
export class PluginHost {
  readonly #options: PluginHostOptions;
  readonly #seats: readonly Seat[];
  #disposed: Promise<void> | undefined;

  constructor(options: PluginHostOptions) {
    this.#options = options;
    this.#seats = options.index.rows.map((row) => this.#seat(row));
  }

  /**
   * Loads every indexed plugin, all at once, each under its own deadlines. Resolves when each first attempt has ended
   * or the signal aborts; never rejects: what went wrong is on the rows.
   */
  async loadAll(signal: AbortSignal): Promise<void> {
    const started = this.#seats.map(async ({ resident, residence }) => {
      if (residence === undefined) resident.refuse();
      else if (!signal.aborted) await residence.load(signal);
    });
    await Promise.race([Promise.all(started), aborted(signal)]);
  }

  /** Takes one plugin down: everything it registered is undone in reverse. Throws KORA_PLUGIN_UNKNOWN. */
  async unload(id: string): Promise<void> {
    await this.#leave(this.#find(id));
  }

  /** Takes all down, in the reverse of their order, each under a deadline. One that will not go keeps none waiting. */
  dispose(): Promise<void> {
    this.#disposed ??= this.#disposeAll();
    return this.#disposed;
  }

  list(): readonly PluginRow[] {
    return this.#seats.map(rowOf);
  }

  /** Throws KORA_PLUGIN_UNKNOWN. */
  get(id: string): PluginRow {
    return rowOf(this.#find(id));
  }

  /**
   * The plugin's daemons have been started; `failures` says, one sentence each, which did not come up. Called after
   * the first start of all, and again whenever a daemon of the plugin was started later or ended for good.
   */
  daemonsSettled(id: string, failures: readonly string[]): void {
    this.#lookUp(id)?.resident.daemonsSettled(failures);
  }

  /** A task, probe, ticket, message or reaction of the plugin came to a good end: it is proven. */
  ticked(id: string): void {
    this.#lookUp(id)?.resident.ticked();
  }

  #seat(row: IndexRow): Seat {
    const { ports, clock, log, importMs, registerMs } = this.#options;
    const resident = new Resident(row, ports, log);
    if (row.state !== 'indexed' || row.entry === undefined) return { row, resident, residence: undefined };
    const parts: ResidenceParts = {
      row,
      entry: row.entry,
      resident,
      ports,
      clock,
      log: attributed(log, row.id),
      deadlines: { importMs: importMs ?? defaultStepMs, registerMs: registerMs ?? defaultStepMs },
      configBlock: this.#options.configBlock(row.id),
    };
    return { row, resident, residence: new InProcess(parts) };
  }

  #lookUp(id: string): Seat | undefined {
    const named = this.#seats.filter((seat) => seat.row.id === id);
    return named.find((seat) => seat.residence !== undefined) ?? named[0];
  }

  #find(id: string): Seat {
    const seat = this.#lookUp(id);
    if (seat !== undefined) return seat;
    throw fault('KORA_PLUGIN_UNKNOWN', `there is no plugin ${id}`, { fix: 'kora plugin list' });
  }

  async #disposeAll(): Promise<void> {
    for (const seat of this.#seats.toReversed()) await this.#leave(seat);
    const { clock } = this.#options;
    const recorded = Promise.all(this.#seats.map(({ resident }) => resident.recorded()));
    await withDeadline(clock, { ms: recordMs, what: 'recording plugin states' }, () => recorded).catch(() => {
      // The store is away; the states are in the log and the plugins are down, which is what was asked.
    });
  }

  async #leave({ row, resident, residence }: Seat): Promise<void> {
    if (residence === undefined || resident.state === 'stopped') return;
    const { clock, log } = this.#options;
    resident.draining();
    try {
      await withDeadline(clock, { ms: unloadMs, what: `unloading plugin ${row.id}` }, () =>
        residence.unload(),
      );
    } catch (error) {
      log.error(`plugin ${row.id} did not go cleanly`, { plugin: row.id, error: messageOf(error) });
    }
    resident.stopped();
  }
}

function rowOf({ row, resident, residence }: Seat): PluginRow {
  return {
    id: row.id,
    packageName: row.packageName,
    version: row.version,
    origin: row.origin,
    trusted: row.trusted,
    isolation: row.trusted ? 'in-process' : 'process',
    state: resident.state,
    reason: resident.reason,
    contributes: row.manifest?.contributes,
    registered: residence?.registered ?? new Contributions().list(),
    directory: row.directory,
    pid: residence?.pid,
  };
}

/** Every line of a plugin names it. */
function attributed(log: PluginLog, plugin: string): PluginLog {
  return {
    info: (message, fields) => log.info(message, { ...fields, plugin }),
    warn: (message, fields) => log.warn(message, { ...fields, plugin }),
    error: (message, fields) => log.error(message, { ...fields, plugin }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
