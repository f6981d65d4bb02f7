import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { loadConfiguration } from './config/index.ts';
import type { LoadedConfiguration } from './config/index.ts';
import { messageOf } from './fault/index.ts';
import { findHostProject, lockHome, makeHome, openHome } from './home/index.ts';
import type { Home } from './home/index.ts';
import { openLog } from './log.ts';
import type { KoraOptions } from './options.ts';
import type { PluginLog } from './plugin/index.ts';
import type { Scope } from './scope/index.ts';
import { refuseStrangeStore, rememberStore } from './store-life.ts';
import { checkSchema, isStoreAway, migrate, openStore, readMigrations } from './store/index.ts';
import type { Database, Migration } from './store/index.ts';

/** What stands before any room does: the home is ours, the configuration is right, and there is a log. */
export interface Ground {
  readonly options: KoraOptions;
  readonly clock: Clock;
  readonly scope: Scope;
  readonly home: Home;
  readonly configuration: LoadedConfiguration;
  readonly log: PluginLog;
  readonly build: string;
  readonly progress: (line: string) => void;
  readonly onError: (where: string, error: unknown) => void;
}

const storeRetryMs = 2_000;

/** Configuration first, so that a misspelt key touches nothing; then the home's lock, which everything else relies on. */
export async function breakGround(options: KoraOptions, scope: Scope): Promise<Ground> {
  const clock = options.clock ?? systemClock();
  const hostProject = findHostProject(options.cwd)?.directory;
  const configuration = await loadConfiguration({
    home: options.home,
    cwd: options.cwd,
    env: options.env,
    flags: flagsOf(options),
    ...(options.configFile === undefined ? {} : { file: options.configFile }),
    ...(hostProject === undefined ? {} : { hostProject }),
  });
  await makeHome(options.home);
  scope.add('home lock', await lockHome(options.home, clock));
  const home = await openHome(options.home, clock);
  const log = await openLog(options.home, configuration.config.log.level, scope);
  const onError = (where: string, error: unknown): void => {
    log.error(where, { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined });
  };
  const progress = (line: string): void => {
    log.info(line);
    options.onProgress?.(line);
  };
  return { options, clock, scope, home, configuration, log, build: await readBuild(), progress, onError };
}

/** Opens the store and brings its schema to this build. A store that is away is waited for, not given up. */
export async function openGroundStore(
  ground: Ground,
  signal: AbortSignal,
): Promise<{ readonly database: Database; readonly migrations: readonly Migration[] }> {
  const { clock, progress, build } = ground;
  const migrations = await readMigrations(fileURLToPath(new URL('../migrations/', import.meta.url)));
  for (;;) {
    const attempt = ground.scope.child('store');
    try {
      const database = await openStore({
        home: ground.home.directory,
        url: ground.configuration.databaseUrl,
        openEmbedded: ground.options.openEmbeddedPostgres,
        clock,
        scope: attempt,
        onProgress: progress,
        onIdleError: (error) => ground.onError('store', error),
      });
      progress(`store: ${database.server.description}`);
      const options = { owner: 'runtime', build, migrations };
      await checkSchema(database, options);
      const isNew = await refuseStrangeStore(ground.home.directory, database, ground.options.adopt === true);
      const { applied } = await migrate(database, options);
      if (applied > 0) progress(`schema: ${applied} migrations applied`);
      if (isNew) await rememberStore(ground.home.directory, database);
      return { database, migrations };
    } catch (error) {
      await attempt.dispose();
      if (!isStoreAway(error) || signal.aborted) throw error;
      progress(`${messageOf(error)}; trying again every ${storeRetryMs / 1_000} s`);
      if (!(await clock.sleep(storeRetryMs, signal))) throw error;
    }
  }
}

function flagsOf({ port, host, workspace }: KoraOptions): {
  port?: number;
  host?: string;
  workspace?: string;
} {
  return {
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    ...(workspace === undefined ? {} : { workspace }),
  };
}

async function readBuild(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8'));
  const version: unknown =
    typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : undefined;
  return String(version);
}
