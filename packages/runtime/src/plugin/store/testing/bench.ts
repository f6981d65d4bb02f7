import { onTestFinished } from 'vitest';
import type { EventDraft } from '../../../chain/index.ts';
import { systemClock } from '../../../clock/index.ts';
import type { Database } from '../../../store/index.ts';
import { fileDatabase } from '../../../store/testing/database.ts';
import type { TestDatabase } from '../../../store/testing/database.ts';
import type { PluginMigration } from '../contract.ts';
import { PluginStores } from '../plugin-stores.ts';
import type { PluginStoresOptions, StoreOf } from '../plugin-stores.ts';

export const holder = '00000000-0000-7000-8000-00000000000a';
export const session = '00000000-0000-7000-8000-00000000000b';

/** Tables of plugins in a database of a test file. */
export interface StoreBench extends TestDatabase {
  readonly stores: PluginStores;
  readonly recorded: EventDraft[];
  readonly errors: unknown[];
  readonly drop: () => Promise<void>;
}

export async function storeBench(options: Partial<PluginStoresOptions> = {}): Promise<StoreBench> {
  const made = await fileDatabase();
  const recorded: EventDraft[] = [];
  const errors: unknown[] = [];
  const stores = storesOn(made.database, {
    record: async (event) => void recorded.push(event),
    onError: (_where, error) => void errors.push(error),
    ...options,
  });
  const drop = async (): Promise<void> => {
    await stores[Symbol.asyncDispose]();
    await made.drop();
  };
  return { ...made, stores, recorded, errors, drop };
}

export function storesOn(database: Database, options: Partial<PluginStoresOptions> = {}): PluginStores {
  return new PluginStores({
    database,
    clock: systemClock(),
    workspaceId: 1,
    holder,
    sessionOf: () => session,
    asOwner: (work) => work(database),
    record: () => Promise.resolve(),
    onError: () => undefined,
    ...options,
  });
}

export interface Registered extends Pick<StoreOf, 'store'> {
  readonly id: string;
}

/** A plugin that has registered its migrations, and goes with the test. */
export async function registered(
  stores: PluginStores,
  id: string,
  migrations: readonly PluginMigration[],
  trusted = false,
): Promise<Registered> {
  const { registerMigrations, store } = stores.of({ id, trusted, version: '1.2.3' }, () => true);
  const held = await registerMigrations(migrations);
  onTestFinished(() => held.dispose());
  return { id, store };
}

export function migration(
  number: number,
  sql: string,
  safety: 'safe' | 'breaking' = 'safe',
): PluginMigration {
  return { number, name: `step-${number}`, sql: `-- ${safety}: a test\n${sql}` };
}

export const notes: PluginMigration = migration(
  1,
  'create table note (id int generated always as identity primary key, text text not null unique)',
);
