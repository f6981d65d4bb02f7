import { fileURLToPath } from 'node:url';
import { Scope } from '../../packages/runtime/src/scope/index.ts';
import { migrate, readMigrations } from '../../packages/runtime/src/store/index.ts';
import { openNamed } from './stores.ts';
import type { StoreName } from './stores.ts';

/** The runtime's schema, and the tables that the fault run writes beside it. */
export async function prepareStore(name: StoreName): Promise<void> {
  const scope = new Scope('prepare');
  const database = await openNamed(name, scope);
  const migrations = await readMigrations(
    fileURLToPath(new URL('../../packages/runtime/migrations/', import.meta.url)),
  );
  await migrate(database, { owner: 'runtime', build: '0.0.0-chaos', migrations });
  await database.query('create schema chaos');
  await database.query('create table chaos.business (key text not null)');
  await database.query(
    `create table chaos.seen (at bigint generated always as identity primary key, consumer text not null,
       event_seq bigint not null)`,
  );
  await scope.dispose();
}
