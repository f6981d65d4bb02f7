import { withDeadline } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { passingApprovals } from './approvals.ts';
import type { ApprovalBook } from './approvals.ts';
import type { PluginHostOptions } from './host-options.ts';
import type { JsonSchema } from './json-schema.ts';
import type { PluginIndex } from './plugin-index.ts';
import { rowOf } from './plugin-row.ts';
import type { PluginRow, Seat } from './plugin-row.ts';
import type { Residence } from './residence.ts';
import { announce, Seating } from './seating.ts';
import { Syncing } from './syncing.ts';
import type { SyncOptions } from './syncing.ts';
import type { SyncReport } from './sync-report.ts';

const defaultPatienceMs = 2_000;
const recordMs = 5_000;
const loadingAtOnce = 16;

/** Gives every indexed plugin a place to run, keeps their registrations apart, and takes them down again. */
export class PluginHost {
  readonly #options: PluginHostOptions;
  readonly #approvals: ApprovalBook;
  readonly #seating: Seating;
  readonly #syncing: Syncing;
  readonly #closing = new AbortController();
  #index: PluginIndex;
  /** Loading and syncs happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The sync that is under way. */
  #underWay: Promise<unknown> = Promise.resolve();
  #disposed: Promise<void> | undefined;

  constructor(options: PluginHostOptions) {
    this.#options = options;
    this.#index = options.index;
    this.#approvals = options.approvals ?? passingApprovals();
    this.#seating = new Seating(options, this.#approvals);
    const { signal } = this.#closing;
    this.#syncing = new Syncing(options, { seating: this.#seating, approvals: this.#approvals, signal });
  }

  /** What is installed, as it was looked at last. */
  get index(): PluginIndex {
    return this.#index;
  }

  /**
   * Loads every indexed plugin, side by side, each under its own deadlines; never rejects: what went wrong is on the
   * rows. Resolves when the trusted ones have been tried and the guests too, or their patience is over: a guest that
   * hangs keeps no boot waiting. It registers when it comes, as a guest that is started again does.
   */
  loadAll(signal: AbortSignal): Promise<void> {
    const loading = this.#loadAll(signal);
    this.#turn = loading;
    return loading;
  }

  /**
   * Puts what runs in step with what is installed, touching nothing else: guests are added, removed and upgraded, a
   * version that asks for more than was approved is parked, and what shares this process waits for the next start. Never
   * rejects for a plugin's sake. Throws KORA_NOT_READY once the host closes.
   */
  sync(index: PluginIndex, options: SyncOptions = {}): Promise<SyncReport> {
    const mine = this.#turn.then(() => {
      if (this.#closing.signal.aborted) throw fault('KORA_NOT_READY', 'the runtime is stopping');
      this.#index = index;
      const report = this.#syncing.run(index, options);
      this.#underWay = report.catch(() => undefined);
      return report;
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /**
   * Gives a plugin the configuration that stands now: it is taken down and registers again, the others go on. One that
   * does not run is left alone. Answers its row then. Throws KORA_PLUGIN_UNKNOWN, and KORA_NOT_READY once the host closes.
   */
  reconfigure(id: string): Promise<PluginRow> {
    const mine = this.#turn.then(async () => {
      if (this.#closing.signal.aborted) throw fault('KORA_NOT_READY', 'the runtime is stopping');
      const seat = this.#find(id);
      if (seat.residence === undefined) return this.#row(seat);
      const reseated = this.#syncing.reseat(seat);
      this.#underWay = reseated.catch(() => undefined);
      return this.#row(await reseated);
    });
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** What its configuration has to be, as its code said when it was loaded last. */
  configSchema(id: string): JsonSchema | undefined {
    return this.#seating.lookUp(id)?.resident.configSchema;
  }

  /** Takes one plugin down: everything it registered is undone in reverse. Throws KORA_PLUGIN_UNKNOWN. */
  async unload(id: string): Promise<void> {
    await this.#seating.leave(this.#find(id));
  }

  /**
   * Takes all down, each under a deadline: guests first and together, then the trusted ones in the reverse of their
   * order. One that will not go is left behind by the rest.
   */
  dispose(): Promise<void> {
    this.#disposed ??= this.#disposeAll();
    return this.#disposed;
  }

  /** In the order of ids, whenever they came. */
  list(): readonly PluginRow[] {
    const rows = this.#seating.seats.map((seat) => this.#row(seat));
    return rows.sort((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)));
  }

  /** Throws KORA_PLUGIN_UNKNOWN. */
  get(id: string): PluginRow {
    return this.#row(this.#find(id));
  }

  /**
   * The plugin's daemons have been started; `failures` says, one sentence each, which did not come up. Called after
   * the first start of all, and again whenever a daemon of the plugin was started later or ended for good.
   */
  daemonsSettled(id: string, failures: readonly string[]): void {
    this.#seating.lookUp(id)?.resident.daemonsSettled(failures);
  }

  /** A task, probe, ticket, message or reaction of the plugin came to a good end: it is proven. */
  ticked(id: string): void {
    this.#seating.lookUp(id)?.resident.ticked();
  }

  /** An error of the plugin was met that nobody caught. */
  erred(id: string): void {
    this.#seating.lookUp(id)?.residence?.erred();
  }

  async #loadAll(signal: AbortSignal): Promise<void> {
    const { seats } = this.#seating;
    seats.forEach(announce);
    const admitted = seats.filter(({ residence }) => residence !== undefined);
    await this.#approvals.note(admitted.map(({ row }) => row)).catch((error: unknown) => {
      // They were approved or are here for the first time: next time it is noted again.
      this.#options.log.error('approvals could not be recorded', { error: messageOf(error) });
    });
    const at = (isolation: Residence['isolation']): readonly Residence[] =>
      admitted.flatMap(({ residence }) => (residence?.isolation === isolation ? [residence] : []));
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

  #row(seat: Seat): PluginRow {
    return rowOf(seat, this.#approvals.of(seat.row.id));
  }

  #find(id: string): Seat {
    const seat = this.#seating.lookUp(id);
    if (seat !== undefined) return seat;
    throw fault('KORA_PLUGIN_UNKNOWN', `there is no plugin ${id}`, { fix: 'kora plugin list' });
  }

  async #disposeAll(): Promise<void> {
    this.#closing.abort();
    // A sync that is under way gives up at its next step; what it has put in its place is taken down with the rest.
    await this.#underWay;
    const { seats } = this.#seating;
    const guests = seats.filter(({ residence }) => residence?.isolation === 'process');
    await Promise.all(guests.map((seat) => this.#seating.leave(seat)));
    for (const seat of seats.toReversed()) await this.#seating.leave(seat);
    await this.#seating.close();
    const { clock } = this.#options;
    const recorded = Promise.all(seats.map(({ resident }) => resident.recorded()));
    await withDeadline(clock, { ms: recordMs, what: 'recording plugin states' }, () => recorded).catch(() => {
      // The store is away; the states are in the log and the plugins are down, which is what was asked.
    });
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

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
