import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock/index.ts';
import { fault } from './fault/index.ts';
import { breakGround, openStoreAt } from './ground.ts';
import { homeFiles, lockHolder, lockHome, makeHome } from './home/index.ts';
import { pluginCarrier } from './plugin/index.ts';
import { pointAt } from './promote-home.ts';
import { Scope } from './scope/index.ts';
import type { StoppedHomeOptions } from './stopped-home.ts';
import { readMigrations } from './store/index.ts';
import { openBackup, restoreHomeFiles, restoreStore } from './transfer/index.ts';
import type { Backup, RestoreReport } from './transfer/index.ts';

export interface RestoreHomeOptions extends StoppedHomeOptions {
  /** The backup. */
  readonly directory: string;
  /** Moves a home that is there aside; left out, it is refused. */
  readonly force?: boolean;
  /** An empty database to restore into; left out, the store that the backup's configuration names. */
  readonly url?: string;
  /** Removes the data of an embedded database that was begun in a home; of `@kora/postgres`. */
  readonly removeEmbedded?: (home: string) => Promise<void>;
}

export interface RestoreHomeReport extends RestoreReport {
  readonly home: string;
  readonly createdAt: string;
  readonly store: string;
  /** Where the home that was there went; null when there was none. */
  readonly aside: string | null;
}

/**
 * Makes a home from a backup: everything is built beside it under another name, proved, and gets the home's name last.
 * The store's epoch is raised, so that the restored home asks before it works. Throws KORA_BACKUP_INVALID,
 * KORA_BACKUP_TARGET, KORA_STORE_NOT_EMPTY or KORA_TRANSFER_DIFFERS; what was begun is removed then.
 */
export async function restoreHome(options: RestoreHomeOptions): Promise<RestoreHomeReport> {
  const clock = options.clock ?? systemClock();
  const home = resolve(options.home);
  const progress = options.onProgress ?? (() => undefined);
  const isThere = await refuseUsedHome(home, options);
  const backup = await openBackup(options.directory, progress);
  const half = `${home}.restoring`;
  await sweep(half, options);
  const report = await build(half, backup, options).catch(async (error: unknown) => {
    await sweep(half, options);
    throw error;
  });
  const aside = isThere
    ? `${home}.before-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`
    : null;
  if (aside !== null) {
    // Under its lock, which goes along: a runtime that starts in this instant must not find its home half gone.
    await lockHome(home, clock);
    await rename(home, aside);
    await rm(join(aside, homeFiles.lock), { force: true });
  }
  await rename(half, home);
  const { createdAt } = backup.manifest;
  return { ...report, home, createdAt, aside };
}

/** Whether there is a home to move aside. */
async function refuseUsedHome(home: string, { force, directory }: RestoreHomeOptions): Promise<boolean> {
  const holder = await lockHolder(home);
  if (holder !== undefined) {
    throw fault('KORA_HOME_LOCKED', `a runtime (pid ${holder.pid}) has the home ${home}`, {
      fix: `kora down --home ${home}`,
    });
  }
  const names = await readdir(home).catch(() => []);
  if (names.length > 0 && force !== true) {
    throw fault('KORA_BACKUP_TARGET', `${home} is not empty`, {
      fix: `kora restore ${directory} --home <a new home>, or --force to move this one aside`,
    });
  }
  // An empty folder gives way too: the restored one gets its name whole.
  if (names.length === 0) await rm(home, { recursive: true, force: true });
  return names.length > 0;
}

async function build(
  half: string,
  backup: Backup,
  options: RestoreHomeOptions,
): Promise<RestoreReport & { store: string }> {
  await makeHome(half);
  await restoreHomeFiles(backup.directory, backup.manifest.files, half);
  if (options.url !== undefined) await pointAt(half, options.url);
  await using scope = new Scope('restore');
  const { url: _, ...rest } = options;
  const ground = await breakGround({ ...rest, home: half, bundled: [] }, scope);
  const target = await openStoreAt(
    ground,
    scope.child('store'),
    options.url ?? ground.configuration.databaseUrl,
  );
  const migrations = await readMigrations(fileURLToPath(new URL('../migrations/', import.meta.url)));
  const report = await restoreStore({
    backup,
    target,
    migrations,
    build: ground.build,
    onProgress: ground.progress,
    signal: options.signal,
    plugins: pluginCarrier(ground.clock),
  });
  return { ...report, store: target.server.description };
}

/** What an earlier try left. Nobody else's: it bears this home's name, and no living process holds it. */
async function sweep(half: string, { removeEmbedded }: RestoreHomeOptions): Promise<void> {
  const holder = await lockHolder(half);
  if (holder !== undefined) {
    throw fault('KORA_HOME_LOCKED', `another restore (pid ${holder.pid}) is at work in ${dirname(half)}`, {
      fix: 'wait for it',
    });
  }
  if ((await readdir(half).catch(() => [])).length > 0) await removeEmbedded?.(half);
  await rm(half, { recursive: true, force: true });
}
