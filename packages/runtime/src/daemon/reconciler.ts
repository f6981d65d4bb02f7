import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventDraft } from '../chain/index.ts';
import type { Clock } from '../clock/index.ts';
import { KoraError, messageOf } from '../fault/index.ts';
import type { RuntimeGlance } from './contract.ts';
import { daemonStarted, daemonStopped, daemonTakenOver } from './events.ts';
import type { stopCauses } from './events.ts';
import { dependentsMs, Fleet } from './fleet.ts';
import type { LeaseAnswer, LeaseStore } from './leases.ts';
import { namesOf } from './life.ts';
import type { DaemonView, Going, Life } from './life.ts';
import { Needs } from './needs.ts';
import type { BackgroundDaemonRegistry } from './registry.ts';
import { Run } from './run.ts';
import { bringUp, shutdownMsOf, takeDown } from './steps.ts';
import type { Schedule } from './steps.ts';
import { Supervisor } from './supervisor.ts';
import { Telling } from './telling.ts';
import type { DaemonAlert } from './telling.ts';

export interface CoordinatorOptions {
  readonly registry: Pick<BackgroundDaemonRegistry, 'list' | 'byName' | 'unregister' | 'changes'>;
  readonly clock: Clock;
  readonly leases: LeaseStore;
  readonly schedule: Schedule;
  /** What daemons are told about the runtime. */
  readonly status: () => Promise<RuntimeGlance>;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
  /** Tells the operator; the same key again tells nothing. */
  readonly alert: (alert: DaemonAlert) => Promise<void>;
  /** Told after each change of a daemon's state. */
  readonly onState: (daemon: DaemonView) => void;
  readonly onError: (where: string, error: unknown) => void;
}

/**
 * Brings daemons up and down. Who should run is known (it was asked for, and nothing speaks against it), who can run now
 * follows from who does: `settle` compares, and stops or starts whoever it is time for. A daemon comes up when all it needs
 * stands, goes down before any of that does, and on a shutdown they go one by one in the reverse of how they came.
 */
export class Reconciler {
  readonly lives: Map<string, Life> = new Map();
  readonly needs: Needs;
  readonly #options: CoordinatorOptions;
  /** Those that are up or on their way down, in the order they came up: what one needs comes before it. */
  #order: Life[] = [];
  readonly #shutdown = new AbortController();
  readonly #telling: Telling;
  readonly #supervisor: Supervisor;
  readonly #fleet: Fleet;
  readonly #work = new Set<Promise<void>>();
  readonly #waiting = new Set<{ readonly isOver: () => boolean; readonly resolve: () => void }>();
  readonly #asHouse = AsyncLocalStorage.snapshot();
  #settling = false;
  #again = false;

  constructor(options: CoordinatorOptions) {
    const { clock, onError, leases, registry } = options;
    this.#options = options;
    this.needs = new Needs(registry, (name) => this.lives.get(name));
    this.#telling = new Telling(options);
    const onRested = (life: Life): void => {
      life.rest = 'waiting';
      this.settle();
    };
    const { signal } = this.#shutdown;
    this.#supervisor = new Supervisor({ clock, telling: this.#telling, signal, onRested });
    this.#fleet = new Fleet({
      clock,
      leases,
      onTaken: (name, answer) => this.#leaseTaken(name, answer),
      onElsewhere: (name, holder) => this.#leaseElsewhere(name, holder),
      onLost: (name) => this.#leaseLost(name),
      onError,
    });
  }

  /** Stops all in reverse; resolves when nothing is left that runs, or has to be told. */
  async close(): Promise<void> {
    this.#shutdown.abort();
    for (const life of this.lives.values()) if (life.phase === 'starting') this.send(life, 'asked');
    this.settle();
    await this.until(() => [...this.lives.values()].every(({ phase }) => phase === 'down'));
    while (this.#work.size > 0) await Promise.all(this.#work);
    await this.#fleet.close();
    await this.#supervisor.close();
    await this.#telling.close();
  }

  /** Nothing starts any more. */
  get isOver(): boolean {
    return this.#shutdown.signal.aborted;
  }

  /**
   * Stops and starts whoever it is time for, until there is nothing left to do now. Everything that changes anything ends
   * with it.
   */
  settle(): void {
    this.#again = true;
    // Whoever said what it follows from, a plugin perhaps: what follows is the house's doing.
    if (!this.#settling) this.#asHouse(() => this.#settle());
  }

  #settle(): void {
    this.#settling = true;
    try {
      while (this.#again) {
        this.#again = false;
        if (this.isOver) this.#lowerLast();
        else this.#lower();
        if (!this.isOver) this.#raise();
        this.#lendBack();
      }
      for (const life of this.lives.values()) if (life.changed()) this.#options.onState(life.view());
    } finally {
      this.#settling = false;
    }
    for (const waiter of this.#waiting) {
      if (!waiter.isOver()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** On a shutdown: the last that came up, when the one before it is down. A lease that is lost waits for none of them. */
  #lowerLast(): void {
    for (const life of this.#order) if (life.phase === 'up' && life.force) this.#take(life);
    const last = this.#order.at(-1);
    if (last?.phase !== 'up' || this.needs.hasDependents(last, this.lives.values())) return;
    last.going ??= 'asked';
    this.#take(last);
  }

  /** What lost something that it needs goes down, and everything that goes does so behind what needs it. */
  #lower(): void {
    const upright = [...this.#order, ...[...this.lives.values()].filter(({ phase }) => phase === 'starting')];
    for (const life of upright)
      if (life.going === undefined && !this.needs.stand(life)) this.send(life, 'need');
    for (const life of this.#order.toReversed()) {
      if (life.phase !== 'up' || life.going === undefined) continue;
      if (life.force || !this.needs.hasDependents(life, this.lives.values())) this.#take(life);
    }
  }

  #raise(): void {
    for (const life of this.lives.values()) {
      if (life.phase !== 'down' || life.rest !== 'waiting') continue;
      const needs = this.needs.of(life);
      const blocked = typeof needs === 'string' ? undefined : needs;
      if (blocked?.error !== life.blocked?.error || blocked?.state !== life.blocked?.state) {
        if (blocked?.state === 'failed') this.#supervisor.tellFailed(life, blocked.error);
        life.blocked = blocked;
        this.#again = true; // what waits for this one waits for something else now
      }
      if (needs !== 'ready') continue;
      if (life.fleet && life.lease.status !== 'held') this.#fleet.want(life.name, shutdownMsOf(life.daemon));
      else this.#start(life);
    }
  }

  /** A lease under which nothing runs, or will at once, is another runtime's to have. */
  #lendBack(): void {
    for (const life of this.lives.values()) {
      if (!life.fleet || life.phase !== 'down' || life.lease.status === 'unasked') continue;
      const wanted = life.rest === 'waiting' && life.blocked === undefined && !this.isOver;
      if (wanted && life.lease.status === 'elsewhere') continue;
      life.lease = { ...life.lease, status: 'unasked', fence: null };
      this.#again = wanted || this.#again;
      this.#own(this.#fleet.giveBack(life.name));
    }
  }

  #start(life: Life): void {
    const { clock, status } = this.#options;
    const run: Run = new Run({ clock, status, onDeath: (error) => this.#died(life, run, error) });
    life.begin(run);
    this.#own(this.#bringUp(life, run));
  }

  async #bringUp(life: Life, run: Run): Promise<void> {
    const { clock, onError } = this.#options;
    const from = clock.monotonic();
    const failure = await bringUp(life, run, this.#options).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failure === undefined && life.going === undefined) {
      this.#came(life, run, Math.round(clock.monotonic() - from));
    } else {
      run.end();
      life.phase = 'ending';
      this.settle();
      await takeDown(life, clock).catch((error: unknown) => onError(`daemon ${life.name}`, error));
      this.#fell(life, failure?.error);
    }
    this.settle();
  }

  #came(life: Life, run: Run, elapsedMs: number): void {
    const { daemon, restarts, lease, asked } = life;
    run.up();
    life.came(new Date(this.#options.clock.now()).toISOString(), elapsedMs);
    this.#order.push(life);
    if (daemon.livenessMs !== undefined) this.#own(run.watch(daemon.name, daemon.livenessMs));
    const fence = lease.fence === null ? {} : { fence: lease.fence };
    const reason = asked === null ? {} : { reason: asked };
    this.#telling.event(daemonStarted, {
      ...namesOf(life),
      elapsed_ms: elapsedMs,
      restarts,
      ...fence,
      ...reason,
    });
  }

  /** A start came to nothing, and what it left is cleaned up. */
  #fell(life: Life, error: unknown): void {
    const { going, asked, ran } = life;
    life.fell();
    if (going === 'need' || going === 'lost') life.rest = 'waiting';
    else if (going !== undefined || this.isOver) life.rest = 'stopped';
    else if (ran && asked === null)
      this.#supervisor.sentence(life, this.#supervisor.failedAgain(life, error));
    else {
      life.fix = error instanceof KoraError ? error.fix : undefined;
      this.#supervisor.leaveBehind(life, messageOf(error));
    }
  }

  #take(life: Life): void {
    life.phase = 'ending';
    this.#own(this.#takeDown(life));
  }

  async #takeDown(life: Life): Promise<void> {
    const { clock, onError } = this.#options;
    life.run?.end();
    const failure = await takeDown(life, clock).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    if (failure !== undefined) onError(`daemon ${life.name}`, failure.error);
    this.#order = this.#order.filter((each) => each !== life);
    const { going = 'asked', verdict } = life;
    life.fell();
    if (going === 'died' && verdict !== undefined && !this.isOver) {
      this.#supervisor.sentence(life, verdict);
    } else {
      life.rest = going === 'asked' || this.isOver ? 'stopped' : 'waiting';
      life.error = failure === undefined ? null : messageOf(failure.error);
    }
    if (going !== 'died') this.#tellStopped(life, going);
    this.settle();
  }

  #tellStopped(life: Life, going: Exclude<Going, 'died'>): void {
    const cause = this.isOver ? 'shutdown' : causes[going];
    const error = life.error === null ? {} : { error: life.error };
    this.#telling.event(daemonStopped, { ...namesOf(life), cause, ...error });
  }

  #died(life: Life, run: Run, error: unknown): void {
    if (life.run !== run || !life.stands) return;
    life.verdict = this.#supervisor.died(life, error);
    this.send(life, 'died');
    this.settle();
  }

  /** From now on it is on its way down; what was said first counts, but for what people ask. */
  send(life: Life, going: Going): void {
    life.going = going === 'asked' || going === 'restart' ? going : (life.going ?? going);
    if (life.phase === 'starting' || going === 'died' || going === 'lost') life.run?.end();
    // Nothing it had on the schedule begins any more, however long those take that need it.
    const off = life.phase === 'up' ? life.unschedule() : Promise.resolve();
    this.#own(off.then(nothing, nothing)); // whoever ends the daemon hears of it
  }

  #leaseTaken(name: string, { fence, takenFrom, holder }: LeaseAnswer): void {
    const life = this.lives.get(name);
    if (life === undefined) return;
    life.lease = { status: 'held', holder, fence };
    if (takenFrom !== null)
      this.#telling.event(daemonTakenOver, { ...namesOf(life), fence, from_runtime: takenFrom });
    this.settle();
  }

  #leaseElsewhere(name: string, holder: string | null): void {
    const life = this.lives.get(name);
    if (life === undefined || life.phase !== 'down') return;
    life.lease = { status: 'elsewhere', holder, fence: null };
    this.settle();
  }

  /** It has to be down before another runtime may take the lease: what needs it gets a short time to go first. */
  #leaseLost(name: string): void {
    const life = this.lives.get(name);
    if (life === undefined || life.phase === 'down') return;
    life.lease = { ...life.lease, status: 'lost' };
    this.send(life, 'lost');
    this.#own(
      this.#options.clock.sleep(dependentsMs, this.#shutdown.signal).then(() => {
        if (life.phase !== 'up') return;
        life.force = true;
        this.settle();
      }),
    );
    this.settle();
  }

  /** It is gone for good, and its lease is others' to have, also one that was asked for and has not been answered. */
  forget(life: Life): void {
    if (this.lives.get(life.name) !== life) return;
    this.lives.delete(life.name);
    if (life.fleet) this.#own(this.#fleet.giveBack(life.name));
    this.settle();
  }

  /** Whether it is still to be seen how it comes out. */
  isPending(life: Life): boolean {
    if (life.phase !== 'down') return !life.stands;
    if (this.isOver || life.rest !== 'waiting') return false;
    return life.blocked === undefined && !(life.fleet && life.lease.status === 'elsewhere');
  }

  until(isOver: () => boolean): Promise<void> {
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add({ isOver, resolve });
    });
  }

  #own(work: Promise<void>): void {
    const owned: Promise<void> = work
      .catch((error: unknown) => this.#options.onError('daemons', error))
      .finally(() => this.#work.delete(owned));
    this.#work.add(owned);
  }
}

const nothing = (): void => undefined;

const causes: Readonly<Record<Exclude<Going, 'died'>, (typeof stopCauses)[number]>> = {
  asked: 'asked',
  restart: 'restart',
  need: 'need_down',
  lost: 'lease_lost',
};
