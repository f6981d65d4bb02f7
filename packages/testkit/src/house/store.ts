import { fault, openMemoryStore } from '@kora/runtime/testkit';
import type { MemoryStore } from '@kora/runtime/testkit';
import type { PluginMigrations, PluginStore, Registration } from '@kora/runtime/plugin';

type Statements = Parameters<PluginStore['run']>[0];
type RunOptions = NonNullable<Parameters<PluginStore['run']>[1]>;

export interface StorePorts {
  readonly plugin: string;
  readonly kind: 'pglite' | undefined;
  /** Throws when the claim is not held. */
  checkClaim(claim: NonNullable<RunOptions['claim']>): void;
  /** Throws when the subscription stands elsewhere; the answer moves it. */
  checkCursor(cursor: NonNullable<RunOptions['cursor']>): () => void;
}

/** The plugin's own tables in a PGlite, opened when the plugin first says that it has some. */
export class Tables implements AsyncDisposable {
  readonly #ports: StorePorts;
  #opened: Promise<MemoryStore> | undefined;

  constructor(ports: StorePorts) {
    this.#ports = ports;
  }

  /** Where there is no database the plugin may say what it has, and is refused when it asks for it. */
  async register(given: PluginMigrations): Promise<Registration> {
    if (this.#ports.kind === undefined) return { dispose: () => Promise.resolve() };
    this.#opened ??= this.#open();
    // A folder was read by the context.
    return (await this.#opened).registerMigrations('migrations' in given ? given.migrations : []);
  }

  /** Claims and cursors are this house's: what says that they are not stale is asked here, and what moves moves after. */
  async run(statements: Statements, options: RunOptions = {}): ReturnType<PluginStore['run']> {
    if (this.#opened === undefined) throw this.#absent();
    const { claim, cursor, ...limits } = options;
    if (claim !== undefined) this.#ports.checkClaim(claim);
    const move = cursor === undefined ? undefined : this.#ports.checkCursor(cursor);
    const answers = await (await this.#opened).store.run(statements, limits);
    move?.();
    return answers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  #absent(): Error {
    const { plugin, kind } = this.#ports;
    if (kind !== undefined)
      return fault('KORA_PLUGIN_STORE_REFUSED', `plugin ${plugin} has registered no migrations`, {
        fix: 'call registerMigrations first in register(), and await it',
      });
    return fault('KORA_PLUGIN_STORE_REFUSED', 'this runtime in memory has no database', {
      fix: "createTestRuntime({ plugin, store: 'pglite' })",
    });
  }

  async #open(): Promise<MemoryStore> {
    const { plugin } = this.#ports;
    const { openPglite } = await import('@kora/pglite').catch((cause: unknown) => {
      throw fault('KORA_PLUGIN_STORE_REFUSED', '@kora/pglite is not installed', {
        fix: 'npm install --save-dev @kora/pglite',
        cause,
      });
    });
    const opened = await openPglite({ place: { kind: 'memory' } });
    const description = `PGlite ${opened.version} in memory`;
    const server = { kind: 'pglite' as const, description, directory: undefined };
    const { connection, version, reattached } = opened;
    return openMemoryStore(
      { connection, version, reattached, server, stop: () => opened.stop() },
      { id: plugin, trusted: true },
    );
  }
}
