export type { Database, Queryable, Session, StoreServer, Transaction } from './database.ts';
export { codeOf, isStoreAway } from './errors.ts';
export { checkSchema, migrate, readMigrations } from './migrate.ts';
export type { Migration, MigrateOptions, SchemaVersion } from './migrate.ts';
export { openStore } from './open.ts';
export type { EmbeddedServer, OpenEmbedded, OpenStoreOptions } from './open.ts';
export { openPool } from './pool.ts';
export type { PoolOptions } from './pool.ts';
export type { StoreSettings } from './settings.ts';
