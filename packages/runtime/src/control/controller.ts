import type { Clock } from '../clock/index.ts';
import { fault, messageOf } from '../fault/index.ts';
import { OperationalStateEmitError, readControl } from '../state/index.ts';
import type { ControlView, OperationalStateHolder, StopCommand } from '../state/index.ts';
import { isStoreAway } from '../store/index.ts';
import { Enforcement } from './enforcement.ts';
import type { EnforcementOptions } from './enforcement.ts';
import { HomeSentinel } from './home-sentinel.ts';
import type { Keeper } from './keeper/index.ts';
import type { Kill } from './kill.ts';
import { recordEmergencies } from './record-emergencies.ts';
import type { RecordEmergencies } from './record-emergencies.ts';
import { removeSentinel } from './sentinel.ts';
import { awayTooLongMs, StoreHealth } from './store-health.ts';
import type { StoreHealthOptions } from './store-health.ts';

/** What the controller asks of the keeper's thread. */
export type ControllerKeeper = Pick<
  Keeper,
  'level' | 'sentinel' | 'onSentinel' | 'watch' | 'effective' | 'superseded' | 'tell' | 'told' | 'recorded'
>;

export interface ControllerOptions
  extends Pick<EnforcementOptions, 'database' | 'workspaceId' | 'runtimeId' | 'stage' | 'counts' | 'abort'>,
    Pick<StoreHealthOptions, 'sealStaleForMs'> {
  readonly clock: Clock;
  readonly home: string;
  readonly holder: OperationalStateHolder;
  readonly keeper: ControllerKeeper;
  readonly kill: Kill;
  /** Milliseconds since this runtime began to start. */
  readonly runsForMs: () => number;
  /** Leaves what the keeper told past every channel with the operator's messages. */
  readonly note: RecordEmergencies['note'];
  /** What may be claimed changed. */
  readonly freed: () => void;
  readonly onError: (where: string, error: unknown) => void;
}

interface Turn<T> {
  readonly result: T;
  readonly failure: Error | undefined;
}

const lookEveryMs = 1_000;
const nothing: ControlView = { holds: [], commands: [], stopLevel: 0, asOf: '', ended: [] };

/** The channel on which the database says that a hold or a stop was committed. */
function controlChannel(workspaceId: number): string {
  return `kora_control_${workspaceId}`;
}

/**
 * The one loop between what the store and the home say and what this runtime does: it takes holds and stops into the
 * state, carries out what they ask, says so in rows, and frees again. Woken by every commit of a hold or a stop, by the
 * keeper, and once a second.
 */
export class Controller {
  readonly #options: ControllerOptions;
  readonly #enforcement: Enforcement;
  readonly #store: StoreHealth;
  readonly #sentinel: HomeSentinel;
  /** The store's clock when this process began: a kill before it is a stop in force. */
  #startedAt: number | undefined;
  #view: ControlView = nothing;
  #looking: Promise<void> = Promise.resolve();
  #visiting: Promise<void> | undefined;
  #wake: () => void = () => undefined;

  constructor(options: ControllerOptions) {
    this.#options = options;
    const { keeper, holder } = options;
    this.#enforcement = new Enforcement({
      ...options,
      isClosed: () => holder.state.claimPermission === 'none',
      kills: (command) => this.#kills(command),
      watch: (command) => keeper.watch({ sequence: command.sequence, level: this.#levelHere(command) }),
      effective: (sequence) => keeper.effective(sequence),
      wake: () => this.#wake(),
    });
    this.#store = new StoreHealth(options);
    this.#sentinel = new HomeSentinel({ ...options, failed: (error) => this.#failed(error) });
  }

  /** The highest level in force, by a command or by the sentinel of this home. */
  get stopLevel(): number {
    return Math.max(this.#view.stopLevel, this.#options.keeper.level());
  }

  /** Whether secrets of services are out of reach: a level 5 is in force. */
  get isLocked(): boolean {
    return this.stopLevel >= 5;
  }

  /** Takes the sentinel out of the home, and waits a little until the keeper has seen that. For work `between` looks. */
  async lift(): Promise<void> {
    const { home, keeper, clock } = this.#options;
    if (removeSentinel(home) === undefined) return;
    for (let looks = 0; looks < 50 && keeper.level() > 0; looks += 1) await clock.sleep(20);
  }

  /** Looks until aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, database, workspaceId, keeper } = this.#options;
    using _seen = keeper.onSentinel(() => this.#heard());
    // Not waited for: a store that says nothing keeps nobody from looking at the home.
    const listening = database.listen(controlChannel(workspaceId), () => this.#wake());
    listening.catch((error: unknown) => this.#failed(error));
    while (!signal.aborted) {
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.look();
      await clock.sleep(lookEveryMs, AbortSignal.any([signal, woken.signal]));
    }
    listening.then(
      (heard) => heard[Symbol.dispose](),
      () => undefined,
    );
  }

  /** One look now, after those under way: what was committed before it is in the state when it resolves. */
  async look(note?: string): Promise<void> {
    await this.#turn(() => undefined, note);
  }

  /** The same for whoever must not go on without it: rejects when the store could not be read. */
  async take(note?: string): Promise<void> {
    const { failure } = await this.#turn(() => undefined, note);
    if (failure !== undefined) throw failure;
  }

  /** Does something between two looks, and looks: nothing half done is ever seen. Rejects with what `work` throws. */
  async between<T>(work: () => Promise<T>, note?: string): Promise<T> {
    return (await this.#turn(work, note)).result;
  }

  #turn<T>(work: () => T | Promise<T>, note: string | undefined): Promise<Turn<T>> {
    const turn = this.#looking.then(async () => {
      const result = await work();
      return { result, failure: await this.#look(note) };
    });
    this.#looking = turn.then(
      () => undefined,
      () => undefined,
    );
    return turn;
  }

  /** What a kill did, measured once more when work and daemons are closed and the store still stands. */
  async lastWord(): Promise<void> {
    if (this.#options.kill.level === 0) return;
    await this.#looking;
    const { commands } = this.#view;
    await this.#enforcement.lastLook(commands).catch((error: unknown) => this.#failed(error));
  }

  /** Answers what kept it from reading the store. */
  async #look(note: string | undefined): Promise<Error | undefined> {
    const before = this.#options.holder.state.claimPermission;
    let failure: Error | undefined;
    try {
      await this.#inTime(() => this.#visit(note));
    } catch (error) {
      failure = error instanceof Error ? error : new Error(messageOf(error), { cause: error });
      if (isStoreAway(error)) await this.#away(failure).catch((inner: unknown) => this.#failed(inner));
      else this.#failed(error);
    }
    this.#sentinel.obey();
    if (before === 'none' && this.#options.holder.state.claimPermission !== 'none') this.#options.freed();
    return failure;
  }

  /** Everything of a look that needs the store. */
  async #visit(note: string | undefined): Promise<void> {
    await this.#take(await this.#read(), note);
    await this.#store.answers();
    await this.#enforcement.look(this.#view.commands);
    await recordEmergencies(this.#options);
  }

  /** A store that says nothing is away like one that refuses; what was asked of it is not asked twice meanwhile. */
  async #inTime(visit: () => Promise<void>): Promise<void> {
    const { clock } = this.#options;
    const done = new AbortController();
    this.#visiting ??= visit().finally(() => {
      this.#visiting = undefined;
    });
    const visiting = this.#visiting.finally(() => done.abort());
    const isLate = clock.sleep(awayTooLongMs, done.signal).then((late) => {
      if (late) throw fault('KORA_STORE_UNREACHABLE', `the store has said nothing for ${awayTooLongMs} ms`);
    });
    await Promise.race([visiting, isLate.then(() => visiting)]);
  }

  /** At once, and whatever the store is doing: doors have closed already, by the keeper's own word. */
  #heard(): void {
    this.#sentinel.obey();
    this.#take({ ...this.#view, holds: this.#options.holder.inputs.holds }).catch((error: unknown) =>
      this.#failed(error),
    );
    this.#wake();
  }

  async #read(): Promise<ControlView> {
    const { database, workspaceId, runsForMs } = this.#options;
    if (this.#startedAt === undefined) {
      const [row] = await database.query<{ at: Date }>(
        'select clock_timestamp() - make_interval(secs => $1) as at',
        [runsForMs() / 1_000],
      );
      this.#startedAt = row?.at.getTime();
    }
    await this.#sentinel.issue();
    const view = await readControl(database, workspaceId);
    this.#sentinel.liftUnless(view.commands);
    return view;
  }

  /** A kill first: then the state goes to stopped at once, and not by way of paused. */
  async #take(view: ControlView, note?: string): Promise<void> {
    const { holder, keeper, kill } = this.#options;
    this.#view = view;
    const order = view.commands.find((command) => this.#kills(command));
    // Not waited for: the end waits for this loop.
    if (order !== undefined) void kill.carryOut(order);
    const stopLevel = Math.max(view.stopLevel, keeper.level());
    const before = holder.inputs.stopLevel;
    await holder
      .observe({ ...view, stopLevel }, note === undefined ? {} : { note })
      .catch((error: unknown) => {
        if (!(error instanceof OperationalStateEmitError)) throw error;
        this.#failed(error);
      });
    if (stopLevel === 0 && before > 0) keeper.superseded();
  }

  /** Issued by the API while this process ran. A sentinel kills where it lies, and that is the keeper's to say. */
  #kills({ level, via, createdAt }: StopCommand): boolean {
    return (
      level >= 4 && via === 'api' && Date.parse(createdAt) >= (this.#startedAt ?? Number.POSITIVE_INFINITY)
    );
  }

  /** A kill that is older than this process asks for as much as an abort. */
  #levelHere(command: StopCommand): number {
    return this.#kills(command) ? command.level : Math.min(command.level, 3);
  }

  /** What was known stays in force, and what the home says comes on top: that needs no store. */
  async #away(error: unknown): Promise<void> {
    await this.#store.away(error);
    await this.#take({ ...this.#view, holds: this.#options.holder.inputs.holds });
  }

  #failed(error: unknown): void {
    this.#options.onError('control', error);
  }
}
