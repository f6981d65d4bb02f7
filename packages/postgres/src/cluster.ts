import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFull, EmbeddedPostgresError, fromFileSystem, saysDiskFull } from './errors.ts';
import { ensureFolder, isThere, readIfThere, syncFolder, writeDurably } from './files.ts';
import type { Place } from './place.ts';
import { runTool, type Tools } from './tools.ts';

export const user = 'kora';
export const database = 'kora';
const scramIterations = 4096;
const halfPrefix = 'data.half-';

/** What every piece of work on a data directory needs. */
export interface Workbench {
  readonly place: Place;
  readonly tools: Tools;
  readonly signal: AbortSignal | undefined;
}

/** The major version that this data directory was made by; undefined while there is none. */
export async function clusterMajor(place: Place): Promise<number | undefined> {
  if (!(await isThere(place.dataDirectory))) return undefined;
  const version = await readIfThere(join(place.dataDirectory, 'PG_VERSION'));
  const major = Number.parseInt(version ?? '', 10);
  if (Number.isSafeInteger(major) && (await isThere(join(place.dataDirectory, 'global', 'pg_control')))) {
    return major;
  }
  throw new EmbeddedPostgresError(
    'KORA_PG_DATA_DAMAGED',
    `${place.dataDirectory} is there, but it is no complete PostgreSQL data directory`,
    `put ${place.dataDirectory} back from your own backup, or move it away to begin with an empty database`,
  );
}

/**
 * Makes the data directory under a name that nobody opens, and renames it when role, password and database are in it:
 * a directory with the right name is always a complete one, whenever the power went.
 */
export async function createCluster(bench: Workbench, password: string): Promise<void> {
  const { place, tools, signal } = bench;
  await sweepHalves(place);
  const half = join(place.folder, `${halfPrefix}${randomBytes(4).toString('hex')}`);
  try {
    await ensureFolder(half, 0o700, place.owner);
    const args = [
      '-D',
      half,
      '-U',
      user,
      '-E',
      'UTF8',
      '--locale=C',
      '--data-checksums',
      '--no-instructions',
    ];
    // `reject`: the real rules are in our own pg_hba.conf, and what is left here lets nobody in.
    const made = await runTool(tools, 'initdb', [...args, '-A', 'reject'], { owner: place.owner, signal });
    if (made.code !== 0) throw initdbFailed(made.output, place);
    await runSql(bench, half, [alterPassword(password), `CREATE DATABASE ${database}`]);
    await savePassword(place, password);
    await rename(half, place.dataDirectory);
    await syncFolder(place.folder);
  } catch (error) {
    await rm(half, { recursive: true, force: true, maxRetries: 5 });
    if (signal?.aborted === true) throw error;
    throw fromFileSystem(error, 'creating the database', place.folder);
  }
}

/** For a password file that was lost: whoever owns the data directory may set a new one, while no server runs. */
export async function resetPassword(bench: Workbench, password: string): Promise<void> {
  await runSql(bench, bench.place.dataDirectory, [alterPassword(password)]);
  await savePassword(bench.place, password);
}

/** The home's password, and whether it is in the home yet: one that was made now is saved when the server knows it. */
export async function findPassword(place: Place): Promise<{ password: string; isNew: boolean }> {
  const old = (await readIfThere(place.passwordFile))?.trim();
  if (old !== undefined && old !== '') return { password: old, isNew: false };
  return { password: randomBytes(24).toString('base64url'), isNew: true };
}

function savePassword(place: Place, password: string): Promise<void> {
  return writeDurably(place.passwordFile, `${password}\n`, 0o600);
}

/** What a runtime left that was killed during initdb; its orphaned initdb may still be writing for an instant. */
async function sweepHalves(place: Place): Promise<void> {
  for (const name of await readdir(place.folder)) {
    if (!name.startsWith(halfPrefix)) continue;
    await rm(join(place.folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}

/** The package has no psql and this package no driver: the server's own single-user mode takes SQL, one line each. */
async function runSql(
  { place, tools, signal }: Workbench,
  dataDirectory: string,
  lines: readonly string[],
): Promise<void> {
  const settings = ['-c', 'exit_on_error=true', '-c', 'log_min_messages=fatal'];
  const input = `${lines.join('\n')}\n`;
  const args = ['--single', '-D', dataDirectory, ...settings, 'template1'];
  const done = await runTool(tools, 'postgres', args, { owner: place.owner, input, signal });
  if (done.code !== 0) throw initdbFailed(done.output, place);
}

function initdbFailed(output: string, place: Place): EmbeddedPostgresError {
  const words = output.split('\n').slice(-8).join('\n');
  const problem = `PostgreSQL could not make its data directory in ${place.folder}:\n${words}`;
  if (saysDiskFull(output)) return diskFull(problem, place.folder);
  return new EmbeddedPostgresError('KORA_PG_INITDB', problem, initdbFix(output));
}

function initdbFix(output: string): string {
  // Containers like to run under a bare number, and PostgreSQL insists on a name.
  if (output.includes('could not look up effective user ID')) {
    return `give this user a name: echo 'kora:x:${process.getuid?.()}:${process.getgid?.()}::/:/bin/false' >> /etc/passwd`;
  }
  return 'mend what the lines above name, then start again';
}

/** A SCRAM verifier (RFC 5803), so that the password itself never leaves this process in clear. */
function alterPassword(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, scramIterations, 32, 'sha256');
  const key = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  const keys = `${stored}:${key('Server Key').toString('base64')}`;
  return `ALTER ROLE ${user} PASSWORD 'SCRAM-SHA-256$${scramIterations}:${salt.toString('base64')}$${keys}'`;
}
