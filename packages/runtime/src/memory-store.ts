import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock/index.ts';
import { PluginStores } from './plugin/index.ts';
import type { PluginOwner } from './plugin/index.ts';
import { Scope } from './scope/index.ts';
import { migrate, openStore, readMigrations } from './store/index.ts';
import type { EmbeddedServer } from './store/index.ts';

/** One plugin's part of a store in memory. */
export interface MemoryStore extends AsyncDisposable {
  readonly registerMigrations: ReturnType<PluginStores['of']>['registerMigrations'];
  readonly store: ReturnType<PluginStores['of']>['store'];
}

/**
 * The tables of one plugin in a database that was just opened and holds nothing: the runtime's own schema is made first,
 * so that the plugin's lies beside it as it does in a real store. Takes the server over, and stops it with the rest.
 */
export async function openMemoryStore(server: EmbeddedServer, owner: PluginOwner): Promise<MemoryStore> {
  const scope = new Scope('a store in memory');
  scope.add('server', () => server.stop());
  try {
    const clock = systemClock();
    const database = await openStore({
      home: '',
      url: undefined,
      openEmbedded: () => Promise.resolve(server),
      clock,
      scope,
      onProgress: () => undefined,
      onIdleError: () => undefined, // the next statement meets it
    });
    const folder = fileURLToPath(new URL('../migrations/', import.meta.url));
    const build = `testkit ${(await readdir(folder)).length}`;
    await migrate(database, { owner: 'runtime', build, migrations: await readMigrations(folder) });
    const stores = new PluginStores({
      database,
      clock,
      workspaceId: 1,
      holder: clock.uuid(),
      sessionOf: () => undefined,
      asOwner: (work) => work(database),
      record: () => Promise.resolve(),
      onError: () => undefined,
    });
    scope.add('stores of plugins', () => stores[Symbol.asyncDispose]());
    // Whoever tests a plugin of their own trusts it with a database of their own.
    const { registerMigrations, store } = stores.of({ ...owner, trusted: true }, () => true);
    return { registerMigrations, store, [Symbol.asyncDispose]: () => scope.dispose() };
  } catch (error) {
    await scope.dispose().catch(() => undefined); // the first trouble is the one to tell
    throw error;
  }
}
