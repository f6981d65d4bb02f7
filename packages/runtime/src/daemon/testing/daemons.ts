import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/index.ts';
import { BackgroundDaemonRegistry, DaemonCoordinator } from '../index.ts';
import type { CoordinatorOptions, DaemonAlert, DaemonState, LeaseStore, RegisteredDaemon } from '../index.ts';
import { ScriptedLeases } from './leases.ts';

/** Daemons that note what is done to them, and a coordinator whose time the test moves. */
export interface DaemonBench {
  readonly clock: FakeClock;
  readonly registry: BackgroundDaemonRegistry;
  readonly coordinator: DaemonCoordinator;
  /** `+a` started, `-a` stopped, in order. */
  readonly log: string[];
  readonly events: EventDraft[];
  readonly alerts: DaemonAlert[];
  readonly errors: string[];
  /** Names of tasks on the schedule. */
  readonly tasks: Set<string>;
  daemon(name: string, entry?: Partial<RegisteredDaemon>): void;
  states(): Record<string, DaemonState>;
  /** Types of the events so far, without their common beginning. */
  told(daemon?: string): string[];
}

export interface BenchOptions extends Partial<CoordinatorOptions> {
  readonly clock?: FakeClock;
  readonly leases?: LeaseStore;
}

export function daemonBench(options: BenchOptions = {}): DaemonBench {
  const clock = options.clock ?? new FakeClock();
  const registry = new BackgroundDaemonRegistry();
  const events: EventDraft[] = [];
  const alerts: DaemonAlert[] = [];
  const errors: string[] = [];
  const log: string[] = [];
  const tasks = new Set<string>();
  const coordinator = new DaemonCoordinator({
    registry,
    clock,
    leases: options.leases ?? new ScriptedLeases(clock).store('r1'),
    status: () => Promise.resolve({ primaryState: 'ready', uptimeMs: clock.monotonic(), stopLevel: 0 }),
    record: (drafts) => {
      events.push(...drafts);
      return Promise.resolve();
    },
    alert: (alert) => {
      alerts.push(alert);
      return Promise.resolve();
    },
    schedule: (_, { name }) => {
      tasks.add(name);
      return Promise.resolve(() => {
        tasks.delete(name);
        return Promise.resolve();
      });
    },
    onState: () => undefined,
    onError: (where) => errors.push(where),
    ...options,
  });
  return {
    clock,
    registry,
    coordinator,
    log,
    events,
    alerts,
    errors,
    tasks,
    daemon: (name, entry = {}) =>
      registry.register({
        name,
        pluginName: 'p',
        trusted: true,
        startup: () => {
          log.push(`+${name}`);
          return Promise.resolve();
        },
        shutdown: () => {
          log.push(`-${name}`);
          return Promise.resolve();
        },
        ...entry,
      }),
    states: () => Object.fromEntries(coordinator.list().map(({ name, state }) => [name, state])),
    told: (daemon) =>
      events
        .filter(({ payload }) => daemon === undefined || payload['daemon'] === daemon)
        .map(({ type }) => type.replace('kora.daemon.', '')),
  };
}

export const never = (): Promise<never> => new Promise(() => undefined);
