import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { backoffMs, systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { loadConfiguration } from './config/index.ts';
import type { LoadedConfiguration } from './config/index.ts';
import { messageOf } from './fault/index.ts';
import { findHostProject, lockHome, makeHome, openHome } from './home/index.ts';
import type { Home } from './home/index.ts';
import { addConfigured, KnownSecrets } from './known-secrets.ts';
import { openLog } from './log.ts';
import type { RuntimeLog } from './log.ts';
import { upgrading } from './major-upgrade.ts';
import type { KoraOptions } from './options.ts';
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
  readonly log: RuntimeLog;
  /** What is masked wherever this process writes. */
  readonly secrets: KnownSecrets;
  readonly build: string;
  readonly progress: (line: string) => void;
  readonly onError: (where: string, error: unknown) => void;
}

const storeRetry = { firstMs: 500, longestMs: 10_000 };

/** Configuration first, so that a misspelt key touches nothing; then the home's lock, which everything else relies on. */
export async function breakGround(options: KoraOptions, scope: Scope): Promise<Ground> {
  const clock = options.clock ?? systemClock();
  const hostProject = findHostProject(options.cwd)?.directory;
  const loaded = await loadConfiguration({
    home: options.home,
    cwd: options.cwd,
    env: options.env,
    flags: flagsOf(options),
    ...(options.configFile === undefined ? {} : { file: options.configFile }),
    ...(hostProject === undefined ? {} : { hostProject }),
  });
  const configuration =
    options.ephemeral === true ? { ...loaded, databaseUrl: undefined, migrationUrl: undefined } : loaded;
  await makeHome(options.home);
  scope.add('home lock', await lockHome(options.home, clock));
  const home = await openHome(options.home, clock);
  const secrets = new KnownSecrets();
  secrets.add('api-token', home.token);
  addConfigured(secrets, configuration);
  const log = await openLog(options.home, configuration.config.log.level, { scope, secrets });
  const onError = (where: string, error: unknown): void => {
    log.error(where, { error: messageOf(error), stack: error instanceof Error ? error.stack : undefined });
  };
  const progress = (line: string): void => {
    log.info(line);
    options.onProgress?.(line);
  };
  const build = await readBuild();
  return { options, clock, scope, home, configuration, log, secrets, build, progress, onError };
}

/** Opens the store and brings its schema to this build. A store that is away is waited for, not given up. */
export async function openGroundStore(
  ground: Ground,
  signal: AbortSignal,
  onAway: (error: unknown) => void = () => undefined,
): Promise<{ readonly database: Database; readonly migrations: readonly Migration[] }> {
  const { clock, progress } = ground;
  const migrations = await ownMigrations();
  for (let failures = 0; ; failures += 1) {
    const attempt = ground.scope.child('store');
    try {
      const database = await openStoreAt(ground, attempt, ground.configuration.databaseUrl);
      progress(`store: ${database.server.description}`);
      await settleStore(ground, attempt, database, migrations);
      return { database, migrations };
    } catch (error) {
      await attempt.dispose();
      if (!isStoreAway(error) || signal.aborted) throw error;
      onAway(error);
      const pause = backoffMs(clock, failures, storeRetry);
      progress(`${messageOf(error)}; trying again in ${(pause / 1_000).toFixed(1)} s`);
      if (!(await clock.sleep(pause, signal))) throw error;
    }
  }
}

/** The migrations of this build. */
export function ownMigrations(): Promise<Migration[]> {
  return readMigrations(fileURLToPath(new URL('../migrations/', import.meta.url)));
}

/** A store as this home's settings say, at a URL or the embedded one. */
export function openStoreAt(ground: Ground, scope: Scope, url: string | undefined): Promise<Database> {
  const { checkOnly: isCheck = false, openEmbeddedPostgres } = ground.options;
  return openStore({
    home: ground.home.directory,
    url,
    settings: ground.configuration.config.store,
    openEmbedded: isCheck ? openEmbeddedPostgres : upgrading(openEmbeddedPostgres, ground.clock),
    clock: ground.clock,
    scope,
    onProgress: ground.progress,
    onIdleError: (error) => ground.onError('store', error),
  });
}

/**
 * Finds out whose store it is and changes its schema, through the owner's URL where there is one: the runtime's role then
 * needs no right to change anything.
 */
async function settleStore(
  ground: Ground,
  scope: Scope,
  database: Database,
  migrations: readonly Migration[],
): Promise<void> {
  const options = { owner: 'runtime', build: ground.build, migrations };
  const { progress, configuration, home } = ground;
  const { migrationUrl } = configuration;
  const { directory } = home;
  const owners = scope.child('migrations');
  try {
    const way = migrationUrl === undefined ? database : await openStoreAt(ground, owners, migrationUrl);
    await checkSchema(way, options);
    const isNew = await refuseStrangeStore(directory, way, ground.options.adopt === true);
    const { applied } = await migrate(way, options);
    if (applied > 0) progress(`schema: ${applied} migrations applied`);
    const aside = isNew ? await rememberStore(directory, way) : undefined;
    if (aside !== undefined) progress(`what this home kept of the store before is in ${aside}`);
  } finally {
    await owners.dispose();
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
