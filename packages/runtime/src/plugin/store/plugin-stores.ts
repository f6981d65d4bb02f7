import { draft } from '../../chain/index.ts';
import type { EventDraft } from '../../chain/index.ts';
import type { Clock } from '../../clock/index.ts';
import { fault, KoraError, messageOf } from '../../fault/index.ts';
import type { Database } from '../../store/index.ts';
import type { PluginOwner } from '../surface.ts';
import { applyLines } from './apply-lines.ts';
import type { PluginMigration, PluginStore } from './contract.ts';
import { pluginMigrated, pluginPurged } from './events.ts';
import { keptPassword } from './kept-password.ts';
import { linesOf } from './lines.ts';
import { openPlace } from './place.ts';
import type { Place } from './place.ts';
import { purgePlugin } from './purge.ts';
import type { Purged } from './purge.ts';
import { runStatements } from './run.ts';
import type { RunParts } from './run.ts';
import { newPassword } from './verifier.ts';

export interface PluginStoresOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly workspaceId: number;
  /** The session under which this runtime runs subscriptions. */
  readonly holder: string;
  readonly sessionOf: RunParts['sessionOf'];
  /** Runs work as the role that owns the schema, where that is not the runtime's. */
  readonly asOwner: <T>(work: (owner: Database) => Promise<T>) => Promise<T>;
  readonly record: (event: EventDraft) => Promise<void>;
  readonly onError: (where: string, error: unknown) => void;
}

/** A plugin whose tables this database gives no place. */
export interface RefusedStore {
  readonly plugin: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** One plugin's part of it: what stands behind its context. */
export interface StoreOf {
  registerMigrations(given: readonly PluginMigration[]): Promise<{ dispose(): Promise<void> }>;
  readonly store: PluginStore;
}

/** The tables that plugins keep in this store: each in a schema of its own, under a login of its own. */
export class PluginStores implements AsyncDisposable {
  readonly #options: PluginStoresOptions;
  readonly #places = new Map<string, Place>();
  readonly #refused = new Map<string, RefusedStore>();

  constructor(options: PluginStoresOptions) {
    this.#options = options;
  }

  /** Which plugins were refused, until they register again. */
  get refused(): readonly RefusedStore[] {
    return [...this.#refused.values()];
  }

  /** `works`: whether a kind of ticket is this plugin's to write for. */
  of(owner: PluginOwner, works: (claim: { readonly ticketId: number }) => boolean): StoreOf {
    return {
      registerMigrations: (given) => this.#register(owner, given),
      store: {
        run: async (statements, options) => {
          const { workspaceId, holder, sessionOf } = this.#options;
          const parts: RunParts = {
            plugin: owner.id,
            place: this.#placeOf(owner.id),
            workspaceId,
            holder,
            sessionOf: (claim) => (works(claim) ? sessionOf(claim) : undefined),
          };
          return runStatements(parts, statements, options);
        },
      },
    };
  }

  /** Removes everything a plugin keeps here. Throws KORA_PLUGIN_STORE_REFUSED; see `purgePlugin`. */
  async purge(plugin: string): Promise<Purged> {
    await this.#leave(plugin);
    const purged = await this.#options.asOwner((owner) => purgePlugin(owner, plugin));
    const { schema, tables, roleDropped } = purged;
    await this.#options.record(draft(pluginPurged, { plugin, schema, tables, role_dropped: roleDropped }));
    return purged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#places.keys(), (plugin) => this.#leave(plugin)));
  }

  async #register(
    owner: PluginOwner,
    given: readonly PluginMigration[],
  ): Promise<{ dispose(): Promise<void> }> {
    const lines = linesOf(given);
    this.#refused.delete(owner.id);
    await this.#leave(owner.id);
    const place = await this.#open(owner);
    try {
      const version = owner.version ?? 'unknown';
      const line = { plugin: owner.id, version, packageName: owner.packageName ?? owner.id };
      const applied = await applyLines(this.#options.database, place, line, lines);
      if (applied.length > 0) {
        const { schema } = place;
        await this.#options.record(draft(pluginMigrated, { plugin: owner.id, version, schema, applied }));
      }
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
    this.#places.set(owner.id, place);
    return { dispose: () => this.#close(owner.id, place) };
  }

  async #open(owner: PluginOwner): Promise<Place> {
    const { database, clock, asOwner, onError } = this.#options;
    const { id: plugin, trusted } = owner;
    try {
      const password = await keptPassword(database, { plugin, password: newPassword(), trusted });
      return await openPlace(
        { database, clock, asOwner, onError: (error) => onError(`store of plugin ${plugin}`, error) },
        { plugin, password, trusted },
      );
    } catch (error) {
      if (error instanceof KoraError && error.code === 'KORA_PLUGIN_STORE_REFUSED') {
        this.#refused.set(plugin, { plugin, message: messageOf(error), fix: error.fix });
      }
      throw error;
    }
  }

  #placeOf(plugin: string): Place {
    const place = this.#places.get(plugin);
    if (place !== undefined) return place;
    throw fault('KORA_PLUGIN_STORE_REFUSED', `plugin ${plugin} has registered no migrations`, {
      fix: 'call registerMigrations first in register(), and await it',
    });
  }

  async #leave(plugin: string): Promise<void> {
    const place = this.#places.get(plugin);
    if (place !== undefined) await this.#close(plugin, place);
  }

  /** A registration that was replaced closes what was its own, and not what came after it. */
  async #close(plugin: string, place: Place): Promise<void> {
    if (this.#places.get(plugin) === place) this.#places.delete(plugin);
    await place[Symbol.asyncDispose]();
  }
}
