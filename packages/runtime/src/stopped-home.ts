import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from './fault/index.ts';
import { breakGround, openGroundStore } from './ground.ts';
import type { Ground } from './ground.ts';
import { homeFiles } from './home/index.ts';
import type { KoraOptions } from './options.ts';
import { Scope } from './scope/index.ts';
import { raiseEpoch } from './state/index.ts';
import type { Database, Migration } from './store/index.ts';
import { backupStore } from './transfer/index.ts';
import type { BackupReport } from './transfer/index.ts';
import { operatorActor } from './workspace/index.ts';

/** What work on a home takes in which no runtime runs. */
export type StoppedHomeOptions = Pick<
  KoraOptions,
  'home' | 'cwd' | 'env' | 'openEmbeddedPostgres' | 'onProgress' | 'signal' | 'clock'
>;

export interface StoppedHome {
  readonly ground: Ground;
  readonly scope: Scope;
  readonly database: Database;
  readonly migrations: readonly Migration[];
}

/**
 * Holds a home and its store for one piece of work, as a runtime would, and lets go of both. Throws KORA_HOME_LOCKED
 * while a runtime has it, KORA_HOME_UNREADABLE where there is no home. A store that is away is not waited for.
 */
export async function withStoppedHome<T>(
  options: StoppedHomeOptions,
  work: (home: StoppedHome) => Promise<T>,
): Promise<T> {
  await requireHome(options.home);
  await using scope = new Scope('stopped home');
  const ground = await breakGround({ ...options, bundled: [] }, scope);
  const { database, migrations } = await openGroundStore(ground, AbortSignal.abort());
  return await work({ ground, scope, database, migrations });
}

/** Throws KORA_HOME_UNREADABLE where nothing ever ran. */
export async function requireHome(home: string): Promise<void> {
  const isThere = await access(join(home, homeFiles.identity)).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  throw fault('KORA_HOME_UNREADABLE', `${home} is no home of Kora: nothing ever ran there`, {
    fix: `name another with --home, or begin one: kora up --home ${home}`,
    details: { home },
  });
}

/** A backup of a home in which no runtime runs; see `backupStore`. */
export function backupHome(
  options: StoppedHomeOptions & { readonly directory: string },
): Promise<BackupReport> {
  return withStoppedHome(options, ({ ground, database }) =>
    backupStore({
      database,
      home: ground.home.directory,
      directory: options.directory,
      build: ground.build,
      clock: ground.clock,
      onProgress: ground.progress,
      signal: options.signal,
    }),
  );
}

/** Raises the epoch of a store that no runtime of this home uses now. */
export function bumpEpochOfHome(
  options: StoppedHomeOptions & { readonly reason: string },
): Promise<{ readonly epoch: number }> {
  return withStoppedHome(options, async ({ database }) => ({
    epoch: await raiseEpoch(database, { by: operatorActor, reason: options.reason }),
  }));
}
