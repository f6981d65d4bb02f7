import { withDeadline } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import { newAsks } from './approvals.ts';
import type { ApprovalBook } from './approvals.ts';
import type { PluginLog } from './contract.ts';
import { guestSettings } from './host-options.ts';
import type { PluginHostOptions } from './host-options.ts';
import type { HostPackage } from './host-project.ts';
import { Guardian } from './isolate/guardian.ts';
import { guestResidence } from './isolate/residence-for.ts';
import type { IndexRow } from './plugin-index.ts';
import type { Seat } from './plugin-row.ts';
import type { PluginReason } from './reason.ts';
import { InProcess } from './residence.ts';
import type { Residence, ResidenceParts } from './residence.ts';
import { Resident } from './resident.ts';

const defaultStepMs = 10_000;
const unloadMs = 15_000;

/** The places of plugins: who sits where, and how one is made and cleared. It decides nothing. */
export class Seating {
  readonly #options: PluginHostOptions;
  readonly #approvals: ApprovalBook;
  readonly #guardian = new Guardian();
  #seats: readonly Seat[];
  #host: HostPackage | undefined;

  constructor(options: PluginHostOptions, approvals: ApprovalBook) {
    this.#options = options;
    this.#approvals = approvals;
    this.#host = options.index.host;
    this.#seats = options.index.rows.map((row) => this.make(row));
  }

  /** In the order of the index; who came later is last. */
  get seats(): readonly Seat[] {
    return this.#seats;
  }

  /** Guests that are made from now on read the packages of this project. */
  belongTo(host: HostPackage | undefined): void {
    this.#host = host;
  }

  /** A place for a row, with nothing running in it and on no list yet; one that may not run has no residence. */
  make(row: IndexRow): Seat {
    const { ports, clock, log, importMs, registerMs } = this.#options;
    const resident = new Resident(row, ports, log);
    const bare: Seat = { row, resident, residence: undefined, pending: undefined };
    if (row.state !== 'indexed' || row.entry === undefined) return bare;
    const asks = newAsks(row, this.#approvals.of(row.id));
    if (asks.length > 0) return { ...bare, held: { state: 'parked', reason: askReason(row, asks) } };
    const { configBlock } = this.#options;
    const parts: ResidenceParts = {
      row,
      entry: row.entry,
      resident,
      ports,
      clock,
      log: attributed(log, row.id),
      deadlines: { importMs: importMs ?? defaultStepMs, registerMs: registerMs ?? defaultStepMs },
      // As it stands when a start begins: a guest that is started again is given what the operator wrote meanwhile.
      get configBlock() {
        return configBlock(row.id);
      },
    };
    return { ...bare, residence: this.#residence(parts) };
  }

  /** A place for a row that waits; its code does not run. */
  makeHeld(row: IndexRow, held: NonNullable<Seat['held']>): Seat {
    const { ports, log } = this.#options;
    return { row, resident: new Resident(row, ports, log), residence: undefined, pending: undefined, held };
  }

  put(seat: Seat): void {
    this.#seats = [...this.#seats, seat];
    announce(seat);
  }

  replace(old: Seat, seat: Seat): void {
    this.#seats = this.#seats.map((each) => (each === old ? seat : each));
    announce(seat);
  }

  drop(seats: readonly Seat[]): void {
    this.#seats = this.#seats.filter((each) => !seats.includes(each));
  }

  /** The one that lives, of those of an id; else the first. */
  lookUp(id: string): Seat | undefined {
    const named = this.#seats.filter((seat) => seat.row.id === id);
    return named.find((seat) => seat.residence !== undefined) ?? named[0];
  }

  /** Takes one down, under a deadline; one that will not go is left behind. */
  async leave({ row, resident, residence }: Seat): Promise<void> {
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

  close(): Promise<void> {
    return this.#guardian.close();
  }

  #residence(parts: ResidenceParts): Residence {
    const made = this.#options.residence?.(parts);
    if (made !== undefined) return made;
    if (parts.row.trusted) return new InProcess(parts);
    return guestResidence(parts, guestSettings(this.#options, this.#guardian, this.#host?.directory));
  }
}

/** Why a version waits for the operator. */
export function askReason(row: IndexRow, asks: readonly string[]): PluginReason {
  return {
    code: 'capabilities_grown',
    message: `${row.packageName} ${row.version} also asks for ${asks.join(', ')}, which nobody approved`,
    fix: `kora plugin approve ${row.id} --reason '...'`,
  };
}

/** What is said of a seat without a residence as soon as it is on the list. */
export function announce({ resident, residence, held }: Seat): void {
  if (residence !== undefined) return;
  if (held === undefined) resident.refuse();
  else resident.hold(held.state, held.reason);
}

/** Every line of a plugin names it. */
function attributed(log: PluginLog, plugin: string): PluginLog {
  return {
    info: (message, fields) => log.info(message, { ...fields, plugin }),
    warn: (message, fields) => log.warn(message, { ...fields, plugin }),
    error: (message, fields) => log.error(message, { ...fields, plugin }),
  };
}
