import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './contract.ts';
import { openWith } from './open.ts';

/**
 * Opens the PostgreSQL server of this home: reattaches to one that is still running, else starts it, and makes its data
 * directory the first time. The caller holds the home's exclusive lock. Throws EmbeddedPostgresError with a code
 * `KORA_PG_*`, or the signal's reason.
 */
export function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return openWith(options);
}

export type { EmbeddedPostgres, EmbeddedPostgresOptions, MajorUpgrade } from './contract.ts';
export { type EmbeddedPostgresCode, EmbeddedPostgresError } from './errors.ts';
export { type LocatedPostgres, locatePostgres, type MissingPostgres } from './locate.ts';
export { removeEmbeddedPostgres } from './remove.ts';
