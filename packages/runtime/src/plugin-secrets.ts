import type { Clock } from './clock/index.ts';
import { readPluginSecret } from './config/index.ts';
import { fault, messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { secretShadow, secretVariable } from './plugin/index.ts';

/** How one secret of a plugin stands: where it comes from and how often it was asked for, never what it is. */
export interface SecretStanding {
  readonly name: string;
  /** What the operator sets; with `_FILE` behind it, to the path of a file. */
  readonly variable: string;
  /** Null while it is not said, or cannot be read. */
  readonly origin: 'variable' | 'file' | null;
  readonly reads: number;
  readonly lastReadAt: string | null;
  readonly problem: string | null;
}

interface Reads {
  readonly count: number;
  readonly at: number;
}

/** The secrets of plugins, by name: told to their own plugin when it asks, counted, and masked wherever we write. */
export class PluginSecrets {
  readonly #ground: Pick<Ground, 'configuration' | 'secrets'>;
  readonly #clock: Clock;
  readonly #locked: () => boolean;
  readonly #reads = new Map<string, Reads>();
  /** Every plugin there is, whatever its state; set once the host stands. */
  plugins: () => readonly string[] = () => [];

  constructor(ground: Pick<Ground, 'configuration' | 'secrets' | 'clock'>, locked: () => boolean) {
    this.#ground = ground;
    this.#clock = ground.clock;
    this.#locked = locked;
  }

  /**
   * Undefined when the operator has not said it. Throws KORA_CREDENTIALS_LOCKED while a stop of level 5 is in force,
   * KORA_SECRET_SHADOWED when the variable is another plugin's too, KORA_CONFIG_UNREADABLE for a file that is not there.
   */
  async read(pluginId: string, name: string): Promise<string | undefined> {
    if (this.#locked()) {
      throw fault('KORA_CREDENTIALS_LOCKED', `the secrets of plugin ${pluginId} are out of reach`, {
        fix: 'kora resume',
      });
    }
    const variable = secretVariable(pluginId, name);
    const owner = secretShadow(pluginId, name, this.plugins());
    if (owner !== undefined) {
      throw fault(
        'KORA_SECRET_SHADOWED',
        `${variable}, the secret ${name} of plugin ${pluginId}, belongs to plugin ${owner}`,
        {
          fix: `give the secret another name in the manifest of ${pluginId}`,
        },
      );
    }
    const said = await readPluginSecret(this.#ground.configuration, variable);
    const { count } = this.#reads.get(variable) ?? { count: 0 };
    this.#reads.set(variable, { count: count + 1, at: this.#clock.now() });
    if (said === undefined) return undefined;
    // Before it is told: what the plugin writes with it is masked already.
    this.#ground.secrets.add('plugin-secret', said.value);
    return said.value;
  }

  standing(pluginId: string, names: readonly string[]): Promise<SecretStanding[]> {
    return Promise.all(names.map((name) => this.#stands(pluginId, name)));
  }

  async #stands(pluginId: string, name: string): Promise<SecretStanding> {
    const variable = secretVariable(pluginId, name);
    const reads = this.#reads.get(variable);
    const counted = {
      name,
      variable,
      reads: reads?.count ?? 0,
      lastReadAt: reads === undefined ? null : new Date(reads.at).toISOString(),
    };
    const shadow = secretShadow(pluginId, name, this.plugins());
    if (shadow !== undefined)
      return { ...counted, origin: null, problem: `${variable} belongs to plugin ${shadow}` };
    try {
      const said = await readPluginSecret(this.#ground.configuration, variable);
      return { ...counted, origin: said?.origin ?? null, problem: null };
    } catch (error) {
      return { ...counted, origin: null, problem: messageOf(error) };
    }
  }
}
