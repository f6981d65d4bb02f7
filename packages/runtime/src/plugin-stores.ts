import type { Ground } from './ground.ts';
import { openStoreAt } from './ground.ts';
import { PluginStores } from './plugin/index.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import type { Database } from './store/index.ts';

/** The tables that plugins keep in this store. */
export function openPluginStores(
  ground: Ground,
  { database, workspace, chain, worker }: Pick<Rooms, 'database' | 'workspace' | 'chain' | 'worker'>,
): PluginStores {
  const stores = new PluginStores({
    database,
    clock: ground.clock,
    workspaceId: workspace.workspaceId,
    holder: chain.owner.sessionId,
    sessionOf: (claim) => worker.sessionOf(claim),
    asOwner: (work) => asOwner(ground, database, work),
    record: async (event) => void (await chain.append([event])),
    onError: ground.onError,
  });
  ground.scope.add('stores of plugins', () => stores[Symbol.asyncDispose]());
  return stores;
}

/** As the role that owns the schema: the runtime's own where no other is named. */
export async function asOwner<T>(
  ground: Ground,
  database: Database,
  work: (owner: Database) => Promise<T>,
): Promise<T> {
  const { migrationUrl } = ground.configuration;
  if (migrationUrl === undefined) return work(database);
  const scope = ground.scope.child('owner of the schema');
  try {
    return await work(await openStoreAt(ground, scope, migrationUrl));
  } finally {
    await scope.dispose();
  }
}

/** What the house offers one plugin of it; a claim is its to write for where it works that kind of ticket. */
export function storeServices(
  { pluginStores, worker }: Pick<Rooms, 'pluginStores' | 'worker'>,
  owner: PluginOwner,
  worksKind: (kind: string) => boolean,
): Pick<HouseServices, 'registerMigrations' | 'store'> {
  const { registerMigrations, store } = pluginStores.of(owner, ({ ticketId }) => {
    const claim = worker.claimOf(ticketId);
    return claim !== undefined && worksKind(claim.kind);
  });
  return {
    // A folder is read by whoever has the package.
    registerMigrations: (given) => registerMigrations('migrations' in given ? given.migrations : []),
    store,
  };
}
