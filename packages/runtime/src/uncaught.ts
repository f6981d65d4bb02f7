import { draft } from './chain/index.ts';
import type { EventDraft } from './chain/index.ts';
import type { Clock } from './clock/index.ts';
import { daemonNow } from './daemon/index.ts';
import { messageOf } from './fault/index.ts';
import { pluginNow } from './plugin/index.ts';
import type { PluginLog } from './plugin/index.ts';
import { pluginError } from './runtime-events.ts';
import type { Scope } from './scope/index.ts';

/** Whose doing an error is, as far as that can be told. */
export interface Culprit {
  readonly plugin: string;
  readonly daemon: string | undefined;
}

export interface UncaughtPorts {
  readonly clock: Clock;
  readonly scope: Scope;
  readonly log: PluginLog;
  /** Whose error it is; undefined when it is not known to be a plugin's. Asked where the error is met. */
  readonly whose: (error: unknown) => Culprit | undefined;
  /** The daemon is dead. */
  readonly died: (daemon: string, error: unknown) => void;
  /** Counts it against the plugin. */
  readonly erred: (plugin: string) => void;
  readonly record: (drafts: readonly EventDraft[]) => Promise<void>;
}

/** The part of a process that tells of errors nobody caught. Rejections that nobody handles arrive there too. */
export interface ErrorSource {
  on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  off(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
  listenerCount(event: 'uncaughtException'): number;
}

/** So long one event speaks for all errors of a plugin. */
const quietMs = 10_000;

type Takes = (error: unknown) => boolean;

/** Several runtimes may live in one process; each is asked whether an error is its own. */
const houses = new WeakMap<ErrorSource, Set<Takes>>();

/**
 * Errors that nobody caught are attributed: one that is a plugin's is recorded and ends the daemon it came from, and the
 * house goes on. One that is nobody's ends the process, as it would without us.
 */
export function watchUncaught(ports: UncaughtPorts, source: ErrorSource = process): void {
  const known = houses.get(source);
  const takers = known ?? new Set<Takes>();
  houses.set(source, takers);
  const ledger = new PluginErrors(ports);
  const take: Takes = (error) => {
    const culprit = ports.whose(error);
    if (culprit === undefined) return false;
    ledger.note(culprit, error);
    return true;
  };
  takers.add(take);
  if (takers.size === 1) source.on('uncaughtException', listenerOf(source, takers));
  ports.scope.add('uncaught errors', () => {
    takers.delete(take);
    if (takers.size === 0) source.off('uncaughtException', listenerOf(source, takers));
  });
}

const listeners = new WeakMap<Set<Takes>, (error: unknown) => void>();

function listenerOf(source: ErrorSource, takers: Set<Takes>): (error: unknown) => void {
  const known = listeners.get(takers);
  if (known !== undefined) return known;
  const listener = (error: unknown): void => {
    for (const take of takers) if (take(error)) return;
    // Somebody else listens, and has it to deal with.
    if (source.listenerCount('uncaughtException') > 1) return;
    source.off('uncaughtException', listener);
    setImmediate(() => {
      throw error;
    });
  };
  listeners.set(takers, listener);
  return listener;
}

/** What goes wrong in plugins, told at once and then, while it goes on, once in ten seconds with the count. */
class PluginErrors {
  readonly #ports: UncaughtPorts;
  readonly #since = new Map<string, { count: number; error: unknown; culprit: Culprit }>();

  constructor(ports: UncaughtPorts) {
    this.#ports = ports;
  }

  note(culprit: Culprit, error: unknown): void {
    const { plugin, daemon } = culprit;
    this.#ports.erred(plugin);
    const seen = this.#since.get(plugin);
    if (seen === undefined) {
      this.#since.set(plugin, { count: 0, error, culprit });
      const label = `errors of plugin ${plugin}`;
      const failed = (cause: unknown): void => this.#ports.log.error(label, { error: messageOf(cause) });
      this.#ports.scope.run(label, (signal) => this.#tell(culprit, error, signal), failed);
    } else {
      Object.assign(seen, { count: seen.count + 1, error, culprit });
    }
    if (daemon !== undefined) this.#ports.died(daemon, error);
  }

  async #tell(first: Culprit, error: unknown, signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    await this.#record(first, error, 1);
    for (;;) {
      const goesOn = await clock.sleep(quietMs, signal);
      const seen = this.#since.get(first.plugin);
      if (seen === undefined || seen.count === 0) break;
      const { count } = seen;
      seen.count = 0;
      await this.#record(seen.culprit, seen.error, count);
      if (!goesOn) break;
    }
    this.#since.delete(first.plugin);
  }

  async #record({ plugin, daemon }: Culprit, error: unknown, count: number): Promise<void> {
    const { log, record } = this.#ports;
    const stack = error instanceof Error ? error.stack : undefined;
    log.error(`plugin ${plugin}: an error that nobody caught`, {
      plugin,
      error: messageOf(error),
      stack,
      count,
    });
    const named = { plugin, ...(daemon === undefined ? {} : { daemon }) };
    // What cannot be recorded is in the log, and keeps nobody from hearing of the next.
    await record([draft(pluginError, { ...named, count, error: messageOf(error) })]).catch((cause: unknown) =>
      log.error(`errors of plugin ${plugin} could not be recorded`, { plugin, error: messageOf(cause) }),
    );
  }
}

/** Whoever's code runs now, or whoever's files the error came by. */
export function culpritOf(error: unknown, plugins: PluginFolders): Culprit | undefined {
  const plugin = pluginNow() ?? pluginOfStack(error, plugins);
  return plugin === undefined ? undefined : { plugin, daemon: daemonNow() };
}

type PluginFolders = readonly { readonly id: string; readonly directory: string }[];

/** The plugin among whose files the error was thrown: for what began where no name was known. */
export function pluginOfStack(error: unknown, plugins: PluginFolders): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const line of stack.split('\n')) {
    const owner = plugins.find(({ directory }) => line.includes(`${directory}/`));
    if (owner !== undefined) return owner.id;
  }
  return undefined;
}
