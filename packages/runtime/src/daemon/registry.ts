import { fault } from '../fault/index.ts';
import type { BackgroundDaemonEntry } from './contract.ts';

/** An entry with who registered it. */
export interface RegisteredDaemon extends BackgroundDaemonEntry {
  readonly pluginName: string;
  /** Whether its plugin may be fatal: the host's decision, by origin and configuration. */
  readonly trusted: boolean;
}

const namePattern = /^[a-z][a-z0-9_-]{0,63}$/;

/** Every daemon of this runtime, by name, in the order they were registered. */
export class BackgroundDaemonRegistry {
  readonly #entries = new Map<string, RegisteredDaemon>();

  /** Throws KORA_DAEMON_DUPLICATE naming the plugin that holds the name, KORA_PLUGIN_INVALID on a malformed one. */
  register(entry: RegisteredDaemon): void {
    const { name, pluginName } = entry;
    if (!namePattern.test(name))
      throw fault('KORA_PLUGIN_INVALID', `"${name}" (${pluginName}) is not a daemon name`);
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
  }

  unregister(name: string): void {
    this.#entries.delete(name);
  }

  /** Registration order. */
  list(): readonly RegisteredDaemon[] {
    return [...this.#entries.values()];
  }

  byName(name: string): RegisteredDaemon | undefined {
    return this.#entries.get(name);
  }
}
