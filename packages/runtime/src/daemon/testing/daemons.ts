import type { EventDraft } from '../../chain/index.ts';
import { FakeClock } from '../../clock/index.ts';
import { BackgroundDaemonRegistry, DaemonCoordinator } from '../index.ts';
import type { DaemonState, RegisteredDaemon } from '../index.ts';

/** Daemons that note what is done to them, and a coordinator whose time the test moves. */
export interface DaemonBench {
  readonly clock: FakeClock;
  readonly registry: BackgroundDaemonRegistry;
  readonly coordinator: DaemonCoordinator;
  /** `+a` started, `-a` stopped, in order. */
  readonly log: string[];
  readonly events: EventDraft[];
  readonly errors: string[];
  /** Names of tasks on the schedule. */
  readonly tasks: Set<string>;
  daemon(name: string, entry?: Partial<RegisteredDaemon>): void;
  states(): Record<string, DaemonState>;
}

export function daemonBench(): DaemonBench {
  const clock = new FakeClock();
  const registry = new BackgroundDaemonRegistry();
  const events: EventDraft[] = [];
  const errors: string[] = [];
  const log: string[] = [];
  const tasks = new Set<string>();
  const coordinator = new DaemonCoordinator({
    registry,
    clock,
    record: (drafts) => {
      events.push(...drafts);
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
  });
  return {
    clock,
    registry,
    coordinator,
    log,
    events,
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
  };
}

export const never = (): Promise<never> => new Promise(() => undefined);
