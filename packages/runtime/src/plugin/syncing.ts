import { draft } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { messageOf } from '../fault/index.ts';
import type { ApprovalBook } from './approvals.ts';
import * as change from './change-events.ts';
import type { PluginLog } from './contract.ts';
import { isInstalled } from './installed.ts';
import type { PluginHostOptions } from './host-options.ts';
import type { IndexRow, PluginIndex } from './plugin-index.ts';
import type { Pending, Seat } from './plugin-row.ts';
import { reasonOf } from './reason.ts';
import type { PluginReason } from './reason.ts';
import { leaveToLoad } from './residence.ts';
import { askReason } from './seating.ts';
import type { Seating } from './seating.ts';
import { isSame, planSync } from './sync-plan.ts';
import type { Step } from './sync-plan.ts';
import { inOrder } from './sync-report.ts';
import type { SyncReport, SyncRow } from './sync-report.ts';
import { isDown, lives, outcomeOf, restartReason, samePending, servingOf, which } from './sync-seat.ts';

const defaultSettleMs = 60_000;
const now = Promise.resolve();

export interface SyncOptions {
  /** The operator asks: what was tried and did not come up is tried again. */
  readonly asked?: boolean;
}

interface Standing {
  readonly row: IndexRow;
  readonly lives: boolean;
  readonly seat: Seat;
}

/** Puts the seats of a host in step with an index, touching none but those that changed. */
export class Syncing {
  readonly #options: PluginHostOptions;
  readonly #seating: Seating;
  readonly #approvals: ApprovalBook;
  readonly #clock: Clock;
  readonly #log: PluginLog;
  /** Aborts when the host closes. */
  readonly #signal: AbortSignal;

  constructor(
    options: PluginHostOptions,
    { seating, approvals, signal }: { seating: Seating; approvals: ApprovalBook; signal: AbortSignal },
  ) {
    this.#options = options;
    this.#seating = seating;
    this.#approvals = approvals;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#signal = signal;
  }

  /** Never rejects for a plugin's sake: what went wrong is in the report and on the rows. */
  async run(index: PluginIndex, { asked = false }: SyncOptions): Promise<SyncReport> {
    const seats = this.#seating.seats;
    this.#seating.belongTo(index.host);
    const standing = seats.map((seat): Standing => ({ row: seat.row, lives: lives(seat), seat }));
    const steps = planSync(standing, index.rows, this.#approvals);
    const quiet = seats.filter((seat) => !lives(seat));
    // What goes makes room, of names and of memory, for what comes.
    const removed = await this.#all(steps, 'remove', (step) => this.#remove(step.seat.seat, step.because));
    const rest = await Promise.all([
      this.#all(steps, 'keep', (step) => this.#keep(step.seat.seat, asked)),
      this.#all(steps, 'restart', (step) => this.#restart(quiet, step)),
      this.#all(steps, 'refuse', (step) => this.#refuse(quiet, step.seat?.seat, step.row)),
      this.#all(steps, 'park', (step) => this.#park(quiet, step.row, step.asks, step.seat?.seat)),
      this.#all(steps, 'upgrade', (step) => this.#upgrade(step.seat.seat, step.row, asked)),
    ]);
    const added = await this.#all(steps, 'add', (step) => this.#add(step.row));
    // Whoever was seated without running and is not among them any more is gone without a word.
    this.#seating.drop(quiet.filter((seat) => !index.rows.some((row) => isSame(row, seat.row))));
    return {
      host: index.host?.directory ?? null,
      rows: inOrder([...removed, ...rest.flat(), ...added]),
      missing: index.missing,
    };
  }

  #all<Do extends Step<Standing>['do']>(
    steps: readonly Step<Standing>[],
    verb: Do,
    work: (step: Extract<Step<Standing>, { do: Do }>) => Promise<SyncRow>,
  ): Promise<SyncRow[]> {
    const mine = steps.filter((step): step is Extract<Step<Standing>, { do: Do }> => step.do === verb);
    return Promise.all(mine.map(work));
  }

  /** The same version once more, with the configuration as it stands now; its data is kept. Answers its new place. */
  async reseat(seat: Seat): Promise<Seat> {
    await this.#seating.leave(seat);
    const again = this.#seating.make(seat.row);
    again.pending = seat.pending;
    this.#seating.replace(seat, again);
    await again.residence?.load(this.#signal, now);
    return again;
  }

  async #keep(seat: Seat, asked: boolean): Promise<SyncRow> {
    seat.pending = undefined;
    const { row } = seat;
    if (!asked || !isDown(seat)) return outcomeOf('unchanged', row, servingOf(seat));
    const wrong = await this.#settled(await this.reseat(seat));
    if (wrong !== undefined) return outcomeOf('unchanged', row, null, wrong);
    return outcomeOf('added', row, row.version);
  }

  async #remove(seat: Seat, because: IndexRow | undefined): Promise<SyncRow> {
    const { row } = seat;
    await this.#seating.leave(seat);
    const reason = because?.reason;
    const code = reason === undefined ? {} : { reason_code: reason.code };
    await this.#record(draft(change.pluginRemoved, { ...which(row), ...code }));
    if (because === undefined) this.#seating.drop([seat]);
    else this.#seating.replace(seat, this.#seating.make(because));
    const gone = outcomeOf('removed', row, null, reason);
    return { ...gone, version: because?.version ?? null };
  }

  async #add(row: IndexRow): Promise<SyncRow> {
    await this.#note(row);
    const seat = this.#seating.make(row);
    const waited = ({ held, residence }: Seat): boolean => held !== undefined || residence !== undefined;
    this.#seating.drop(
      this.#seating.seats.filter((each) => each.row.id === row.id && !lives(each) && waited(each)),
    );
    this.#seating.put(seat);
    await seat.residence?.load(this.#signal, now);
    await this.#settled(seat);
    const capabilities = [...(row.manifest?.capabilities ?? [])];
    await this.#record(draft(change.pluginAdded, { ...which(row), capabilities }));
    const serving = servingOf(seat);
    return outcomeOf(serving === null ? 'refused' : 'added', row, serving, seat.resident.reason);
  }

  /** The new version in the old one's place; when it does not come up, the old one again, while its folder is there. */
  async #upgrade(seat: Seat, row: IndexRow, asked: boolean): Promise<SyncRow> {
    const { pending } = seat;
    if (!asked && pending?.row !== undefined && isSame(pending.row, row) && pending.outcome === 'refused')
      return outcomeOf('refused', row, servingOf(seat), pending.reason);
    const closed = await this.#closedDoor(row);
    if (closed !== undefined) return outcomeOf('refused', row, servingOf(seat), closed);
    await this.#seating.leave(seat);
    const next = this.#seating.make(row);
    this.#seating.replace(seat, next);
    await next.residence?.load(this.#signal, now);
    const wrong = await this.#settled(next);
    if (wrong === undefined) {
      await this.#note(row);
      await this.#record(draft(change.pluginUpgraded, { ...which(row), from_version: seat.row.version }));
      return outcomeOf('upgraded', row, row.version);
    }
    return this.#fallBack(seat, next, wrong);
  }

  async #fallBack(old: Seat, failed: Seat, reason: PluginReason): Promise<SyncRow> {
    const { row } = failed;
    const isThere = !this.#signal.aborted && (await isInstalled(old.row));
    if (!isThere) {
      await this.#recordRefusal(row, reason, null);
      return outcomeOf('refused', row, null, reason);
    }
    await this.#seating.leave(failed);
    const again = this.#seating.make(old.row);
    again.pending = { row, version: row.version, outcome: 'refused', reason };
    this.#seating.replace(failed, again);
    await again.residence?.load(this.#signal, now);
    await this.#settled(again);
    await this.#recordRefusal(row, reason, servingOf(again));
    return outcomeOf('refused', row, servingOf(again), reason);
  }

  async #park(quiet: readonly Seat[], row: IndexRow, asks: readonly string[], seat?: Seat): Promise<SyncRow> {
    const reason = askReason(row, asks);
    const serving = servingOf(seat);
    if (this.#waits(quiet, seat, { row, version: row.version, outcome: 'parked', reason })) {
      const there = serving === null ? {} : { serving };
      await this.#record(draft(change.pluginParked, { ...which(row), asks: [...asks], ...there }));
    }
    return outcomeOf('parked', row, serving, reason);
  }

  async #restart(
    quiet: readonly Seat[],
    { about, row, seat: standing }: Extract<Step<Standing>, { do: 'restart' }>,
  ): Promise<SyncRow> {
    const seat = standing?.seat;
    const reason = restartReason(about, row);
    const { version } = about;
    const serving = servingOf(seat);
    if (this.#waits(quiet, seat, { row, version, outcome: 'restart_needed', reason })) {
      const there = serving === null ? {} : { serving };
      const payload = { ...which(about), reason_code: reason.code, reason: reason.message, ...there };
      await this.#record(draft(change.pluginRestartNeeded, payload));
    }
    return { ...outcomeOf('restart_needed', about, serving, reason), version: row?.version ?? null };
  }

  async #refuse(quiet: readonly Seat[], seat: Seat | undefined, row: IndexRow): Promise<SyncRow> {
    const reason = row.reason ?? { code: 'manifest_invalid', message: `${row.packageName} cannot be read` };
    const pending = { row, version: row.version, outcome: 'refused', reason } as const;
    if (this.#waits(quiet, seat, pending) && seat !== undefined)
      await this.#recordRefusal(row, reason, servingOf(seat));
    return outcomeOf('refused', row, servingOf(seat), reason);
  }

  /** Shows what waits, on the seat that serves or on one of its own. Answers whether it is news. */
  #waits(quiet: readonly Seat[], seat: Seat | undefined, pending: Pending): boolean {
    if (seat !== undefined) {
      const before = seat.pending;
      seat.pending = pending;
      return before === undefined || !samePending(before, pending);
    }
    const { row, outcome, reason } = pending;
    if (row === undefined) return false;
    const before = quiet.find((each) => isSame(each.row, row));
    if (before?.resident.reason?.code === reason.code) return false;
    const state = outcome === 'parked' ? 'parked' : 'indexed';
    const fresh =
      outcome === 'refused' ? this.#seating.make(row) : this.#seating.makeHeld(row, { state, reason });
    if (before === undefined) this.#seating.put(fresh);
    else this.#seating.replace(before, fresh);
    return true;
  }

  /** Waits until it is loaded, its daemons too; answers why it is not. */
  async #settled(seat: Seat): Promise<PluginReason | undefined> {
    const ms = this.#options.settleMs ?? defaultSettleMs;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#signal]);
    const late = this.#clock.sleep(ms, signal).then((elapsed) => {
      if (elapsed) over.abort();
    });
    await seat.resident.settled(signal);
    over.abort();
    await late;
    const { state, reason } = seat.resident;
    if (state === 'loaded' || state === 'proven') return undefined;
    if (reason !== undefined) return reason;
    const message = this.#signal.aborted ? 'the runtime is stopping' : `it was not loaded within ${ms} ms`;
    return { code: 'load_timeout', message, fix: 'kora daemon list' };
  }

  /** Before anything is taken down for it: while no code may be loaded, what runs is better than nothing. */
  async #closedDoor(row: IndexRow): Promise<PluginReason | undefined> {
    const asked = leaveToLoad({ row, ports: this.#options.ports });
    return asked.then(
      () => undefined,
      (error: unknown) => reasonOf(error, 'not_admitted'),
    );
  }

  async #note(row: IndexRow): Promise<void> {
    await this.#approvals.note([row]).catch((error: unknown) => this.#unrecorded('an approval', error));
  }

  async #recordRefusal(row: IndexRow, reason: PluginReason, serving: string | null): Promise<void> {
    const there = serving === null ? {} : { serving };
    const payload = { ...which(row), reason_code: reason.code, reason: reason.message, ...there };
    await this.#record(draft(change.pluginUpgradeRefused, payload));
  }

  /** What happened is no less true when the store cannot take it. */
  async #record(event: EventDraft): Promise<void> {
    await this.#options.ports.record(event).catch((error: unknown) => this.#unrecorded(event.type, error));
  }

  #unrecorded(what: string, error: unknown): void {
    this.#log.error(`${what} could not be recorded`, { error: messageOf(error) });
  }
}
