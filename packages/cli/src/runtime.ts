import type { locatePostgres, removeEmbeddedPostgres } from '@kora/postgres';
import type { BootReport, ConfigKeys, ConfigWritten, PluginConfig, PluginWhy } from '@kora/runtime/client';
import type { OpenStore } from './store-opener.ts';

/**
 * What the CLI uses of `@kora/runtime`, spelled out as a port: it is loaded late (a `--help` never pays for it), the
 * composing half from the host project when that has its own, and tests hand in a stand-in.
 */
export interface RunningRuntime {
  readonly url: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly token: string;
}

export interface Ready {
  readonly url: string;
  readonly cockpitUrl: string | null;
  /** Where the pages of untrusted plugins are; not said by a host project's older runtime. */
  readonly guestUrl?: string | null;
  readonly pid: number;
  readonly bootMs: number;
  readonly primaryState: string;
}

export interface Running {
  readonly ready: Ready;
  readonly closed: Promise<{ readonly exitCode: number; readonly reason: string }>;
  stop(reason: string): Promise<void>;
}

/** An operator message as the terminal inbox shows it. */
export interface ToldMessage {
  readonly severity: 'critical' | 'warning' | 'info';
  readonly title: string;
  readonly body: string;
  readonly createdAt: string;
  readonly attachments?: readonly string[];
}

export interface ToldTransition {
  readonly from: string;
  readonly primaryState: string;
  readonly trigger: string;
  readonly note: string | null;
}

export interface StartOptions {
  home: string;
  configFile?: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  port?: number;
  workspace?: string;
  bundled: readonly string[];
  /** Takes a store that holds events and that this home never saw. */
  adopt?: boolean;
  /** The embedded PostgreSQL, or what stands in for it. */
  openEmbeddedPostgres?: OpenStore;
  /** Leaves every configured database alone. */
  ephemeral?: boolean;
  onProgress?: (line: string) => void;
  onMessage?: (message: ToldMessage) => void;
  onState?: (transition: ToldTransition) => void;
  /** Aborts when the operator gives up before it is ready. */
  signal?: AbortSignal;
}

export interface IndexOptions {
  readonly startDir: string;
  readonly bundled: readonly { readonly packageDir: string }[];
  readonly runtimeVersion: string;
  readonly settings?: PluginSettings;
  /** Where the index is kept for the next time. */
  readonly home?: string;
}

/** One plugin as its manifest shows it. */
export interface IndexedPlugin {
  readonly id: string;
  readonly packageName: string;
  readonly version: string;
  readonly origin: 'bundled' | 'host';
  readonly trusted: boolean;
  readonly directory: string;
  /** The entry module; undefined where the row has a reason. */
  readonly entry: string | undefined;
  readonly manifest:
    | {
        readonly contributes: Readonly<Record<string, readonly string[]>>;
        readonly capabilities: readonly string[];
      }
    | undefined;
  readonly state: string;
  readonly reason?: { readonly code: string; readonly message: string; readonly fix?: string };
}

export interface PluginIndex {
  readonly host:
    | {
        readonly directory: string;
        readonly packageJson: string;
        readonly dependencies: readonly string[];
        /** Who installs its packages. */
        readonly manager: 'pnpm' | 'npm' | 'yarn';
      }
    | undefined;
  readonly rows: readonly IndexedPlugin[];
  /** Dependencies of the host project that are not installed. */
  readonly missing: readonly string[];
}

/** Exit code and meaning of every error code. */
export type FaultTable = Readonly<Record<string, { readonly exit: number }>>;

/** What every command needs: where the home is, who runs there, how a process ends. */
export interface Basics {
  readonly exitCodes: Readonly<Record<string, number>>;
  readonly faultTable: FaultTable;
  resolveHome(options: { flag?: string; env: NodeJS.ProcessEnv; cwd: string }): string;
  readRunningRuntime(home: string): Promise<RunningRuntime | undefined>;
  /** Who holds the home, also while it boots and does not answer yet. */
  lockHolder(home: string): Promise<{ readonly pid: number; readonly at: string } | undefined>;
  /** Stops the runtime of a home through its files, and ends a process that is frozen whole. */
  stopHome(options: {
    readonly home: string;
    readonly level: StopLevel;
    readonly reason: string;
  }): Promise<HomeStop>;
  resumeHome(options: { readonly home: string }): { readonly level: StopLevel | null };
}

export type StopLevel = 1 | 2 | 3 | 4 | 5;

/** What came of a stop that was laid into a home. */
export interface HomeStop {
  /** Null when the home took none. */
  readonly level: StopLevel | null;
  /** The process that holds the home. */
  readonly pid: number | null;
  readonly seen: boolean;
  readonly killed: number | null;
  readonly trouble: string | null;
}

/** Sites of one function that reach the same and are admitted alike. */
export interface CensusRow {
  readonly file: string;
  readonly place: string;
  readonly reaches: string;
  /** Doors, and names of exemptions. */
  readonly admitted: readonly string[];
  readonly sites: number;
}

/** Every way out of the process in what this runtime ships. */
export interface DoorCensus {
  readonly rows: readonly CensusRow[];
  readonly exemptions: Readonly<Record<string, string>>;
  /** Modules and packages that lead out. */
  readonly watched: readonly string[];
}

/** What it takes to start a runtime, or to know what would be started. */
export interface RuntimeModule {
  readonly faultTable: FaultTable;
  readonly doorCensus: DoorCensus;
  createKora(options: StartOptions): Promise<Running>;
  /** Runs the gates of a home in which no runtime runs, once, changing nothing. */
  checkBoot(options: StartOptions): Promise<BootReport>;
  indexPlugins(options: IndexOptions): Promise<PluginIndex>;
  /** Why a plugin is as it is; also of one that is not there. */
  whyPlugin(
    index: PluginIndex,
    settings: Partial<PluginSettings>,
    known: readonly IndexedPlugin[],
    idOrPackage: string,
  ): Omit<PluginWhy, 'looked'> & { readonly looked: readonly string[] };
  /** Reads and checks the configuration, starting nothing; throws `KORA_CONFIG_…` with every wrong key. */
  loadConfiguration(options: LoadConfiguration): Promise<LoadedConfiguration>;
  /** The same where the file is no configuration, or a variable that it names is not set here: then with the defaults. */
  loadToChange(options: LoadConfiguration): Promise<LoadedConfiguration>;
  /** How a plugin is configured where no runtime runs; none of its code is loaded. */
  pluginConfigOfHome(
    options: {
      readonly configuration: LoadedConfiguration;
      readonly home: string;
      readonly index: PluginIndex;
    },
    id: string,
  ): Promise<PluginConfig>;
  /** The configuration where no runtime runs, key by key; of a secret no value. */
  configurationOfHome(options: {
    readonly configuration: LoadedConfiguration;
    readonly home: string;
  }): Promise<ConfigKeys>;
  /** Writes keys into its file; in force at the next start. */
  configureHome(
    options: { readonly configuration: LoadedConfiguration; readonly home: string },
    changes: readonly { readonly key: string; readonly value?: unknown }[],
  ): Promise<Pick<ConfigWritten, 'target' | 'written'>>;
  findHostProject(cwd: string): { readonly directory: string } | undefined;
  backupHome(options: StoppedHomeOptions & { readonly directory: string }): Promise<BackupReport>;
  restoreHome(options: RestoreOptions): Promise<RestoreReport>;
  promoteHome(
    options: StoppedHomeOptions & { readonly url: string; readonly reason: string },
  ): Promise<PromoteReport>;
  bumpEpochOfHome(
    options: StoppedHomeOptions & { readonly reason: string },
  ): Promise<{ readonly epoch: number }>;
}

/** What work on a home takes in which no runtime runs. */
export interface StoppedHomeOptions {
  readonly home: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly openEmbeddedPostgres: OpenStore;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

interface ChainEnd {
  readonly workspace: string;
  readonly seq: number;
  readonly hash: string;
}

interface ChainProof extends ChainEnd {
  readonly ok: boolean;
  readonly checked: number;
  readonly damage: string;
}

export interface BackupReport {
  readonly directory: string;
  readonly createdAt: string;
  readonly rows: number;
  readonly bytes: number;
  readonly ends: readonly ChainEnd[];
  readonly epoch: number;
}

export interface RestoreOptions extends StoppedHomeOptions {
  readonly directory: string;
  readonly force: boolean;
  readonly url?: string;
  readonly removeEmbedded: (home: string) => Promise<void>;
}

interface TransferReport {
  readonly rows: number;
  readonly bytes: number;
  readonly chains: readonly ChainProof[];
}

export interface RestoreReport extends TransferReport {
  readonly home: string;
  readonly createdAt: string;
  readonly store: string;
  readonly aside: string | null;
  readonly epoch: number;
}

export interface PromoteReport extends TransferReport {
  readonly from: string;
  readonly to: string;
  readonly setting: string;
  readonly overriddenBy: string | null;
}

export interface LoadConfiguration {
  readonly file?: string;
  readonly home: string;
  readonly hostProject?: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly flags: { readonly workspace?: string };
}

/** The host's word on plugins. Each list names ids or packages. */
export interface PluginSettings {
  readonly mode: 'all' | 'allowlist';
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly trusted: readonly string[];
}

export interface LoadedConfiguration {
  readonly config: {
    readonly http: { readonly host: string; readonly port: number };
    readonly plugins: PluginSettings;
    readonly store: { readonly connections: number };
  };
  /** Null when there is none and the defaults hold. */
  readonly file: string | null;
  /** Undefined for the embedded store; it may hold a password. */
  readonly databaseUrl: string | undefined;
}

/** A copy of the runtime, and whose it is. */
export interface Composing {
  readonly module: RuntimeModule;
  readonly origin: 'host' | 'own';
  readonly version: string;
}

/** What `@kora/postgres` brings; its opener falls back to PGlite where there is no PostgreSQL. */
export interface Postgres {
  readonly openEmbeddedPostgres: OpenStore;
  readonly locatePostgres: typeof locatePostgres;
  readonly removeEmbeddedPostgres: typeof removeEmbeddedPostgres;
}

export interface RuntimeDoor {
  /** From the CLI's own copy, and light: `kora status` loads nothing else of the runtime. */
  basics(): Promise<Basics>;
  /** The copy that `up` starts: the host project's if it has one, else the CLI's own. */
  composing(cwd: string): Promise<Composing>;
  /** Package folders of the plugins that come with the CLI, as far as they are installed. */
  bundled(): readonly string[];
  /** A store in memory that comes with the CLI. */
  ephemeral(): OpenStore;
  /** The embedded PostgreSQL that comes with the CLI. */
  postgres(): Promise<Postgres>;
}
