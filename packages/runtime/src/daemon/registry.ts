import { fault } from '../fault/index.ts';
import type { BackgroundDaemonEntry } from './contract.ts';

/** An entry with who registered it. */
export interface RegisteredDaemon extends BackgroundDaemonEntry {
  readonly pluginName: string;
  /** Whether its plugin may be fatal: the host's decision, by origin and configuration. */
  readonly trusted: boolean;
}

const namePattern = /^[a-z][a-z0-9_-]{0,63}$/;
const shortestLivenessMs = 100;

/** Every daemon of this runtime, by name, in the order they were registered. */
export class BackgroundDaemonRegistry {
  readonly #entries = new Map<string, RegisteredDaemon>();
  #changes = 0;

  /** Rises with every entry that comes or goes. */
  get changes(): number {
    return this.#changes;
  }

  /** Throws KORA_DAEMON_DUPLICATE naming the plugin that holds the name, KORA_PLUGIN_INVALID on what is no entry. */
  register(entry: RegisteredDaemon): void {
    const { name, pluginName } = entry;
    checkEntry(entry);
    const holder = this.#entries.get(name);
    if (holder !== undefined) {
      throw fault(
        'KORA_DAEMON_DUPLICATE',
        `daemon ${name} of plugin ${pluginName} is already ${holder.pluginName}'s`,
        {
          fix: `deny one of the two in kora.json: { "plugins": { "deny": ["${pluginName}"] } }`,
          details: { daemon: name, holder: holder.pluginName, refused: pluginName },
        },
      );
    }
    this.#entries.set(name, entry);
    this.#changes += 1;
  }

  unregister(name: string): void {
    if (this.#entries.delete(name)) this.#changes += 1;
  }

  /** Registration order. */
  list(): readonly RegisteredDaemon[] {
    return [...this.#entries.values()];
  }

  byName(name: string): RegisteredDaemon | undefined {
    return this.#entries.get(name);
  }
}

/** The entry of a plugin, field by field: it may be an object of any class. Throws KORA_PLUGIN_INVALID on what is no entry. */
export function registeredDaemon(
  entry: BackgroundDaemonEntry,
  owner: Pick<RegisteredDaemon, 'pluginName' | 'trusted'>,
): RegisteredDaemon {
  const { name, periodicTasks, startupTimeoutMs, shutdownTimeoutMs } = entry;
  const { fatalOnStartupFailure, dependsOn, scope, livenessMs } = entry;
  if (typeof entry.startup !== 'function' || typeof entry.shutdown !== 'function')
    refuse({ name, ...owner }, 'has no startup or no shutdown function');
  return {
    name,
    startup: (coordinator) => entry.startup(coordinator),
    shutdown: () => entry.shutdown(),
    ...(periodicTasks && { periodicTasks }),
    ...(startupTimeoutMs !== undefined && { startupTimeoutMs }),
    ...(shutdownTimeoutMs !== undefined && { shutdownTimeoutMs }),
    ...(fatalOnStartupFailure !== undefined && { fatalOnStartupFailure }),
    ...(dependsOn && { dependsOn: [...dependsOn] }),
    ...(scope !== undefined && { scope }),
    ...(livenessMs !== undefined && { livenessMs }),
    ...owner,
  };
}

type Named = Pick<RegisteredDaemon, 'name' | 'pluginName'>;

function refuse({ name, pluginName }: Named, what: string): never {
  throw fault('KORA_PLUGIN_INVALID', `daemon "${name}" (${pluginName}) ${what}`);
}

function checkEntry(entry: RegisteredDaemon): void {
  const { name, pluginName, scope } = entry;
  if (!namePattern.test(name))
    throw fault('KORA_PLUGIN_INVALID', `"${name}" (${pluginName}) is not a daemon name`);
  if (scope !== undefined && !['runtime', 'fleet'].includes(scope))
    refuse(entry, 'has a scope that is neither runtime nor fleet');
  for (const key of ['startupTimeoutMs', 'shutdownTimeoutMs', 'livenessMs'] as const) {
    const ms = entry[key];
    const least = key === 'livenessMs' ? shortestLivenessMs : 1;
    if (ms !== undefined && !(Number.isFinite(ms) && ms >= least))
      refuse(entry, `has a ${key} under ${least}`);
  }
}

/**
 * Whether a daemon that does not start ends the boot. One whose entry is not found, or cannot be looked up, is fatal: that
 * it went missing is no reason to go on without it.
 */
export function isFatal(lookUp: (name: string) => RegisteredDaemon | undefined, name: string): boolean {
  let entry: RegisteredDaemon | undefined;
  try {
    entry = lookUp(name);
  } catch {
    return true;
  }
  return entry === undefined || asksAndMayBeFatal(entry);
}

export function asksAndMayBeFatal({ fatalOnStartupFailure, trusted }: RegisteredDaemon): boolean {
  return fatalOnStartupFailure === true && trusted;
}
