import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Node, ParseError } from 'jsonc-parser';
import { fault, KoraError, messageOf } from '../fault/index.ts';
import { pingUrl } from './alerts.ts';
import { credentials, credentialSources } from './credentials.ts';
import type { CredentialSource } from './credentials.ts';
import { issuesOf } from './issues.ts';
import { operatorVariables } from './operator-variables.ts';
import { originsOf } from './origins.ts';
import type { ConfigurationOrigin } from './origins.ts';
import { overrides } from './overrides.ts';
import type { Environment } from './overrides.ts';
import { probeVariables } from './probe-variables.ts';
import { configSchema } from './schema.ts';
import type { Configuration } from './schema.ts';
import { merge, valueAt } from './tree.ts';

export interface LoadConfiguration {
  /** `--config`; must exist. Without it `kora.json` of the host project, then of the home, may. */
  readonly file?: string;
  readonly home: string;
  readonly hostProject?: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** From flags: they win over everything. */
  readonly flags: { readonly port?: number; readonly host?: string; readonly workspace?: string };
}

export interface LoadedConfiguration {
  readonly config: Configuration;
  /** The file that was read, if there was one. */
  readonly file: string | null;
  /** Resolved secrets: never logged, never in events. */
  readonly databaseUrl: string | undefined;
  /** The owner's way to the same database, for migrations; without it they take the runtime's own. */
  readonly migrationUrl: string | undefined;
  /** The key that signs checkpoints, as PEM. */
  readonly checkpointKey: string | undefined;
  /** Where the sign of life is given: whoever knows it can keep the alarm quiet. */
  readonly deadManUrl: string | undefined;
  /** The variables that begin with `KORA_PLUGIN_`: each plugin is told its own, one by one, when it asks. */
  readonly pluginSecrets: Readonly<Record<string, string>>;
  /** Who said each key, by its dotted path; a key that is not here has its default. */
  readonly origins: Readonly<Record<string, ConfigurationOrigin>>;
  /** Where the secrets were said; gate 2 refuses two credentials of one provider. */
  readonly credentials: readonly CredentialSource[];
}

/**
 * Flags over environment over the home's `.env` over the file over defaults; parsed, checked and frozen. Throws
 * KORA_CONFIG_UNREADABLE, KORA_CONFIG_UNKNOWN_KEY or KORA_CONFIG_INVALID with every issue and its path.
 */
export async function loadConfiguration(options: LoadConfiguration): Promise<LoadedConfiguration> {
  const environment = filled({ ...(await homeEnvironment(options.home)), ...defined(options.env) });
  const { file, content } = await readFirst(options);
  const blocks = merge(probeVariables(environment), operatorVariables(environment));
  const said = merge(blocks, overrides(environment, options.flags));
  const config = check(merge(content, said), file);
  const { url, migrationUrl } = config.store;
  return {
    config: deepFreeze(config),
    file,
    origins: originsOf(content, environment, { env: options.env, flags: options.flags }),
    credentials: credentialSources(credentials, {
      variable: (name) => environment[name] !== undefined,
      key: (path) => valueAt(config, path) !== undefined,
    }),
    pluginSecrets: pluginVariables(environment),
    databaseUrl: await secretOf('store.url', url, 'KORA_DATABASE_URL', environment),
    migrationUrl: await secretOf(
      'store.migrationUrl',
      migrationUrl,
      'KORA_DATABASE_MIGRATION_URL',
      environment,
    ),
    checkpointKey: await secretOf(
      'chain.checkpoint.key',
      config.chain.checkpoint.key,
      'KORA_CHECKPOINT_KEY',
      environment,
    ),
    deadManUrl: await pingUrlOf(config.alerts.deadMan?.url, environment),
  };
}

/**
 * The same for whoever is about to change the file: one that is no configuration, or that names a variable which is not
 * set in this shell, is no reason not to mend it. Then its values are the defaults, and its secrets are not resolved.
 * Throws what reading it throws, also where it is no JSON.
 */
export async function loadToChange(options: LoadConfiguration): Promise<LoadedConfiguration> {
  try {
    return await loadConfiguration(options);
  } catch (error) {
    const { file } = await readFirst(options);
    if (file === null || !(error instanceof KoraError) || !mendable.has(error.code)) throw error;
    const environment = filled({ ...(await homeEnvironment(options.home)), ...defined(options.env) });
    const config = check(overrides(environment, options.flags), null);
    const origins = originsOf({}, environment, { env: options.env, flags: options.flags });
    const unresolved = {
      databaseUrl: undefined,
      migrationUrl: undefined,
      checkpointKey: undefined,
      deadManUrl: undefined,
    };
    return { config: deepFreeze(config), file, origins, credentials: [], pluginSecrets: {}, ...unresolved };
  }
}

const mendable: ReadonlySet<string> = new Set(['KORA_CONFIG_INVALID', 'KORA_CONFIG_UNKNOWN_KEY']);

async function readFirst(options: LoadConfiguration): Promise<{ file: string | null; content: unknown }> {
  if (options.file !== undefined) {
    const file = resolve(options.cwd, options.file);
    return { file, content: parseJsonc(await readRequired(file), file) };
  }
  const places = [options.hostProject, options.home].filter((place) => place !== undefined);
  for (const place of places) {
    const file = join(place, 'kora.json');
    const text = await readOptional(file);
    if (text !== undefined) return { file, content: parseJsonc(text, file) };
  }
  return { file: null, content: {} };
}

/** The text of a kora.json, checked as when it is loaded. Throws what `loadConfiguration` throws. */
export function parseConfiguration(text: string, file: string): Configuration {
  return check(parseJsonc(text, file), file);
}

function parseJsonc(text: string, file: string): unknown {
  const errors: ParseError[] = [];
  const root = parseTree(text.replace(/^\uFEFF/, ' '), errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined && root !== undefined) return valueOf(root);
  const offset = error?.offset ?? 0;
  const line = text.slice(0, offset).split('\n').length;
  const what = error === undefined ? 'the file is empty' : printParseErrorCode(error.error);
  throw fault('KORA_CONFIG_INVALID', `${file}:${line}: not JSON: ${what}`, {
    fix: `edit ${file} line ${line}`,
    details: { file, line },
  });
}

/** The value of a parsed file. The parser's own would take a key `__proto__` for the prototype, and hide what is under it. */
function valueOf({ type, value, children = [] }: Node): unknown {
  if (type === 'array') return children.map(valueOf);
  if (type !== 'object') return value;
  return Object.fromEntries(
    children.map(({ children: [key, item] = [] }) => [key?.value, item && valueOf(item)]),
  );
}

function check(content: unknown, file: string | null): Configuration {
  const parsed = configSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issues = issuesOf(parsed.error);
  const unknown = parsed.error.issues.some(({ code }) => code === 'unrecognized_keys');
  const where = file ?? 'the environment';
  const list = issues
    .map(({ path, message }) => `${path === '' ? 'the whole' : path}: ${message}`)
    .join('; ');
  throw fault(unknown ? 'KORA_CONFIG_UNKNOWN_KEY' : 'KORA_CONFIG_INVALID', `${where}: ${list}`, {
    fix: file === null ? 'correct the KORA_ variables' : `edit ${file}, then: kora config validate`,
    details: { file, issues },
  });
}

/** A secret: a variable, the file that a variable names, or what the configuration says or refers to. */
async function secretOf(
  key: string,
  configured: string | undefined,
  variable: string,
  environment: Environment,
): Promise<string | undefined> {
  const named = environment[variable];
  if (named !== undefined) return named;
  const file = environment[`${variable}_FILE`];
  if (file !== undefined) return readSecret(file);
  return referred(key, configured, environment);
}

/** What the configuration says, or where it says that it stands. */
async function referred(
  key: string,
  configured: string | undefined,
  environment: Environment,
): Promise<string | undefined> {
  if (configured?.startsWith('env:') === true) return requiredVariable(key, configured.slice(4), environment);
  return configured?.startsWith('file:') === true ? readSecret(configured.slice(5)) : configured;
}

/** Says the key, never what was found there. */
async function pingUrlOf(
  configured: string | undefined,
  environment: Environment,
): Promise<string | undefined> {
  const key = 'alerts.deadMan.url';
  const url = await referred(key, configured, environment);
  if (url === undefined || pingUrl.safeParse(url).success) return url;
  throw fault(
    'KORA_CONFIG_INVALID',
    `${key}: must be an http(s) URL where ${configured ?? 'it'} says it stands`,
    {
      fix: `kora config explain ${key}`,
    },
  );
}

function pluginVariables(environment: Environment): Record<string, string> {
  const said = Object.entries(environment).filter(
    (pair): pair is [string, string] => pair[0].startsWith('KORA_PLUGIN_') && pair[1] !== undefined,
  );
  return Object.fromEntries(said);
}

/** An empty file is a secret that was not written, never "no secret": the driver would go to its own defaults. */
export async function readSecret(file: string): Promise<string> {
  const secret = (await readRequired(file)).trim();
  if (secret !== '') return secret;
  throw fault('KORA_CONFIG_INVALID', `${file} is empty`, {
    fix: `write what belongs there into ${file}`,
    details: { file },
  });
}

function requiredVariable(key: string, name: string, environment: Environment): string {
  const value = environment[name];
  if (value !== undefined) return value;
  throw fault('KORA_CONFIG_INVALID', `${key} names the variable ${name}, which is not set`, {
    fix: `export ${name}=…`,
  });
}

async function homeEnvironment(home: string): Promise<Environment> {
  const text = await readOptional(join(home, '.env')).catch((cause: unknown) => {
    // The first look into the home: who may not look has a home to mend, not a configuration.
    throw fault('KORA_HOME_UNREADABLE', `the home ${home} cannot be read: ${messageOf(cause)}`, {
      fix: `kora up --home <a folder you own>, or chown ${home}`,
      details: { home },
      cause,
    });
  });
  return text === undefined ? {} : parseEnv(text);
}

function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** A variable that is set to nothing is not set, and hides the one of the home's `.env`. */
function filled(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
}

async function readRequired(file: string): Promise<string> {
  const text = await readOptional(file);
  if (text !== undefined) return text;
  throw fault('KORA_CONFIG_UNREADABLE', `${file} does not exist`, {
    fix: `create ${file}, or name another`,
    details: { file },
  });
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw fault('KORA_CONFIG_UNREADABLE', `${file} cannot be read: ${messageOf(cause)}`, {
      fix: `chmod u+r ${file}, or run as its owner`,
      details: { file },
      cause,
    });
  }
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
