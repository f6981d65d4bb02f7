import { fault, messageOf } from '../fault/index.ts';
import { Life } from './life.ts';
import type { DaemonView } from './life.ts';
import { Reconciler } from './reconciler.ts';
import type { CoordinatorOptions } from './reconciler.ts';
import { isFatal } from './registry.ts';
import type { RegisteredDaemon } from './registry.ts';

/**
 * What may be asked of daemons: that they start, the fatal ones first, that one starts again, stops or goes for good, and
 * that all end. How it comes about is the reconciler's.
 */
export class DaemonCoordinator {
  readonly #registry: CoordinatorOptions['registry'];
  readonly #reconciler: Reconciler;
  #stopped: Promise<void> | undefined;
  #stopReason = 'the runtime is stopping';

  constructor(options: CoordinatorOptions) {
    this.#registry = options.registry;
    this.#reconciler = new Reconciler(options);
  }

  /**
   * Starts the fatal daemons, and what they need, one by one. Throws KORA_DAEMON_START after stopping, in reverse, whatever
   * had started.
   */
  async startFatal(): Promise<void> {
    const lookUp = (name: string): RegisteredDaemon | undefined => this.#registry.byName(name);
    for (const name of this.#reconciler.needs.fatalFirst()) {
      if (this.#reconciler.isOver) return;
      const failed = await this.#tryFatal(name);
      if (failed === undefined || !isFatal(lookUp, name)) continue;
      const owner = this.#reconciler.lives.get(name)?.daemon.pluginName ?? 'nobody knows whom';
      await this.stopAll(`fatal daemon ${name} did not start`);
      throw fault('KORA_DAEMON_START', `fatal daemon ${name} of plugin ${owner}: ${failed.error}`, {
        // With the boot the runtime ends, so nothing that asks it helps.
        fix: failed.fix ?? 'kora doctor',
      });
    }
  }

  /** Starts all others, each as soon as what it needs stands; resolves when all were tried. Never throws for a daemon's sake. */
  async startRest(): Promise<void> {
    const lives = this.#registry.list().map(({ name }) => this.#known(name));
    for (const life of lives) if (life.rest === 'new') life.rest = 'waiting';
    this.#reconciler.settle();
    await this.#reconciler.until(() => lives.every((life) => !this.#reconciler.isPending(life)));
  }

  /** Starts a daemon that was registered while the runtime runs; resolves when it was tried. */
  async startAdded(name: string): Promise<void> {
    const life = this.#known(name);
    if (life.rest === 'new') life.rest = 'waiting';
    this.#reconciler.settle();
    await this.#reconciler.until(() => !this.#reconciler.isPending(life));
  }

  /**
   * Stops and starts one daemon, and lifts its quarantine. Throws KORA_DAEMON_UNKNOWN, KORA_DAEMON_START, and
   * KORA_DAEMON_ELSEWHERE for a fleet daemon that another runtime runs.
   */
  async restart(name: string, reason: string | null = null): Promise<void> {
    const life = this.#known(name);
    const mine = life.turn.then(() => this.#restart(life, reason));
    life.turn = mine.catch(() => undefined);
    await mine;
  }

  /** Stops one daemon, and whatever needs it, until somebody asks for it again. */
  async stopOne(name: string): Promise<void> {
    const life = this.#reconciler.lives.get(name);
    if (life === undefined) return;
    if (life.phase === 'down') life.rest = 'stopped';
    else this.#reconciler.send(life, 'asked');
    this.#reconciler.settle();
    await this.#reconciler.until(() => life.phase === 'down');
  }

  /** Stops a daemon and forgets it; what needs it waits for one of its name. */
  async remove(name: string): Promise<void> {
    const life = this.#reconciler.lives.get(name);
    await this.stopOne(name);
    this.#registry.unregister(name);
    if (life === undefined) this.#reconciler.settle();
    else this.#reconciler.forget(life);
  }

  /** Stops everything in reverse; one bad stop never keeps the others from stopping. The first reason stays. */
  stopAll(reason?: string): Promise<void> {
    if (this.#stopped === undefined && reason !== undefined) this.#stopReason = reason;
    this.#stopped ??= this.#reconciler.close();
    return this.#stopped;
  }

  /** A daemon is dead, as somebody else found out. False when it does not run. */
  died(name: string, error: unknown): boolean {
    const life = this.#reconciler.lives.get(name);
    if (life?.run === undefined || life.phase === 'ending') return false;
    life.run.died(error);
    return true;
  }

  list(): DaemonView[] {
    return this.#registry.list().map(({ name }) => this.#known(name).view());
  }

  /** Answers why it does not run; undefined when it does, here or elsewhere in the fleet. */
  async #tryFatal(name: string): Promise<{ readonly error: string; readonly fix?: string } | undefined> {
    try {
      await this.startAdded(name);
    } catch (error) {
      return { error: messageOf(error) };
    }
    const life = this.#known(name);
    const { state, error } = life.view();
    if (state === 'running' || state === 'standby') return undefined;
    return { error: error ?? `it is ${state}`, ...(life.fix === undefined ? {} : { fix: life.fix }) };
  }

  async #restart(life: Life, reason: string | null): Promise<void> {
    const { name } = life;
    const refuse = (why: string): never => {
      throw fault('KORA_DAEMON_START', `daemon ${name}: ${why}`);
    };
    await this.#reconciler.until(() => life.phase !== 'starting');
    if (this.#reconciler.isOver) refuse(this.#stopReason);
    if (this.#reconciler.lives.get(name) !== life) refuse('it was taken away');
    if (life.state === 'standby')
      throw fault(
        'KORA_DAEMON_ELSEWHERE',
        `daemon ${name}: ${life.blocked?.error ?? `runtime ${life.lease.holder} runs it`}`,
      );
    life.crashes.forget();
    life.asked = reason ?? 'a restart';
    const before = life.attempts;
    if (life.phase === 'down') life.rest = 'waiting';
    else this.#reconciler.send(life, 'restart');
    this.#reconciler.settle();
    await this.#reconciler.until(
      () => !this.#reconciler.isPending(life) && (life.attempts > before || life.phase === 'down'),
    );
    life.asked = null;
    if (!life.stands) refuse(life.view().error ?? `it is ${life.state}`);
  }

  /** Throws KORA_DAEMON_UNKNOWN. */
  #known(name: string): Life {
    const known = this.#reconciler.lives.get(name);
    if (known !== undefined) return known;
    const daemon = this.#registry.byName(name);
    if (daemon === undefined)
      throw fault('KORA_DAEMON_UNKNOWN', `there is no daemon ${name}`, { fix: 'kora daemon list' });
    const life = new Life(daemon);
    this.#reconciler.lives.set(name, life);
    return life;
  }
}
