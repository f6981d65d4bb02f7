import type { PluginContext } from '../contract.ts';
import { parsed } from './arrivals.ts';
import type { Held } from './remote.ts';
import * as arrivals from './store-arrivals.ts';

/** A guest's migrations come as text: its files are for the guest to read. */
export async function registerMigrations(context: PluginContext<unknown>, params: unknown): Promise<Held> {
  const { handle, migrations } = parsed(arrivals.migrations, params);
  return { handle, registration: await context.registerMigrations({ migrations }) };
}

/** What a guest may do with its own tables: the same as everybody, under the same login. */
export function storeMethods(
  context: PluginContext<unknown>,
): [string, (params: unknown) => Promise<unknown>][] {
  return [
    [
      'store.run',
      async (params) => {
        const { statements, options } = parsed(arrivals.run, params);
        return context.store.run(statements, options);
      },
    ],
  ];
}
