import type { PluginMigration, PluginMigrations, PluginStore, StoreAnswer } from '../contract.ts';
import { plainValues } from '../store/plain.ts';
import { readMigrationsGiven } from '../store/read-migrations.ts';
import type { Link } from './link.ts';

/** Read here, where the package can be read. */
export async function migrationsHere(
  given: PluginMigrations,
): Promise<{ readonly migrations: readonly PluginMigration[] }> {
  const migrations = await readMigrationsGiven(given);
  return { migrations: migrations.map(({ number, name, sql }) => ({ number, name, sql })) };
}

/** Statements go to the host, which has the login; values cross as the plain data that they would become there. */
export function storeOver(link: Link): PluginStore {
  return {
    run: async (statements, { timeoutMs, cursor, claim } = {}) => {
      const plain = statements.map(({ sql, values }) => ({ sql, values: plainValues(values) }));
      const options = { timeoutMs, cursor, claim };
      return (await link.call('store.run', { statements: plain, options })) as readonly StoreAnswer[];
    },
  };
}
