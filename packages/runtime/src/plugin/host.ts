import { withDeadline } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import type { PluginLog } from './contract.ts';
import { guestSettings } from './host-options.ts';
import type { PluginHostOptions } from './host-options.ts';
import { Guardian } from './isolate/guardian.ts';
import { GuestResidence } from './isolate/guest-residence.ts';
import type { IndexRow } from './plugin-index.ts';
import { rowOf } from './plugin-row.ts';
import type { PluginRow, Seat } from './plugin-row.ts';
import { InProcess } from './residence.ts';
import type { Residence, ResidenceParts } from './residence.ts';
import { Resident } from './resident.ts';

const defaultStepMs = 10_000;
const defaultPatienceMs = 2_000;
const unloadMs = 15_000;
const recordMs = 5_000;
const loadingAtOnce = 16;

/** Gives every indexed plugin a place to run, keeps their registrations apart, and takes them down again. */
export class PluginHost {
  readonly #options: PluginHostOptions;
  readonly #seats: readonly Seat[];
  readonly #guardian = new Guardian();
  #disposed: Promise<void> | undefined;

  constructor(options: PluginHostOptions) {
    this.#options = options;
    this.#seats = options.index.rows.map((row) => this.#seat(row));
  }

  /**
   * Loads every indexed plugin, side by side, each under its own deadlines; never rejects: what went wrong is on the
   * rows. Resolves when the trusted ones have been tried and the guests too, or their patience is over: a guest that
   * hangs keeps no boot waiting. It registers when it comes, as a guest that is started again does.
   */
  async loadAll(signal: AbortSignal): Promise<void> {
    for (const { resident, residence } of this.#seats) if (residence === undefined) resident.refuse();
    const at = (isolation: Residence['isolation']): readonly Residence[] =>
      this.#seats.flatMap(({ residence }) => (residence?.isolation === isolation ? [residence] : []));
    const { clock, guests: { patienceMs = defaultPatienceMs } = {} } = this.#options;
    const loaded = new AbortController();
    const now = Promise.resolve();
    const trusted = Promise.all(at('in-process').map((residence) => residence.load(signal, now)));
    const turn = trusted.then(() => undefined);
    const guests = sideBySide(at('process'), async (residence) => {
      if (!signal.aborted) await residence.load(signal, turn);
    });
    const patience = turn.then(() => clock.sleep(patienceMs, loaded.signal));
    await Promise.race([Promise.all([trusted, Promise.race([guests, patience])]), aborted(signal)]);
    loaded.abort();
  }

  /** Takes one plugin down: everything it registered is undone in reverse. Throws KORA_PLUGIN_UNKNOWN. */
  async unload(id: string): Promise<void> {
    await this.#leave(this.#find(id));
  }

  /**
   * Takes all down, each under a deadline: guests first and together, then the trusted ones in the reverse of their
   * order. One that will not go is left behind by the rest.
   */
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
    if (row.trusted) return { row, resident, residence: new InProcess(parts) };
    return {
      row,
      resident,
      residence: new GuestResidence(parts, guestSettings(this.#options, this.#guardian)),
    };
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
    const guests = this.#seats.filter(({ residence }) => residence?.isolation === 'process');
    await Promise.all(guests.map((seat) => this.#leave(seat)));
    for (const seat of this.#seats.toReversed()) await this.#leave(seat);
    await this.#guardian.close();
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

/** So many at once that a few which hang delay nobody, and so few that the machine is not swamped. */
async function sideBySide<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: loadingAtOnce }, lane));
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
