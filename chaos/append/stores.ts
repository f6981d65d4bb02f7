import type pg from 'pg';
import { openPglite } from '@kora/pglite';
import { systemClock } from '../../packages/runtime/src/clock/index.ts';
import type { Scope } from '../../packages/runtime/src/scope/index.ts';
import { isStoreAway, openPool } from '../../packages/runtime/src/store/index.ts';
import type { Database } from '../../packages/runtime/src/store/index.ts';

/** A server that runs beside the appender, or a PGlite directory that the appender itself opens and dies with. */
export type StoreName =
  | { readonly kind: 'server'; readonly connection: pg.ClientConfig }
  | { readonly kind: 'pglite'; readonly home: string };

/** One home's runtime, however often it is started: it takes over at once what its own dead process held. */
export const runtimeId = '01990000-0000-7000-8000-00000000c0de';

export async function openNamed(store: StoreName, scope: Scope): Promise<Database> {
  const connection = store.kind === 'server' ? store.connection : await pgliteIn(store.home, scope);
  const database = openPool({
    connection,
    server: { kind: 'url', description: 'the store of the fault run' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  scope.add('pool', () => database.close());
  await answering(database);
  return database;
}

/** A server that was killed takes a moment to recover, and a runtime waits for its store. */
async function answering(database: Database): Promise<void> {
  for (;;) {
    try {
      await database.query('select 1');
      return;
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      await systemClock().sleep(100);
    }
  }
}

async function pgliteIn(home: string, scope: Scope): Promise<pg.ClientConfig> {
  const server = await openPglite({ place: { kind: 'directory', home } });
  scope.add('pglite', () => server.stop());
  return { ...server.connection };
}
