import { createHash } from 'node:crypto';
import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostPackage } from './host-project.ts';
import { installedMarks, stampOf } from './lockfile.ts';
import { parseJson, readTextNow } from './locate.ts';
import type { IndexOptions, IndexRow } from './plugin-index.ts';

/** Counts the forms of the file; another form is read as no file. */
const form = 1;

/** What the index was before, and what it can be trusted with. */
interface Kept {
  readonly rows: readonly IndexRow[];
  /** Files whose change makes it another index, with how each looked: `[path, stamp]`. */
  readonly seen: readonly (readonly [string, string])[];
}

interface Head {
  readonly form: number;
  /** What was asked, and what a package manager last did. */
  readonly key: string;
  /** Of the second line: a file that was cut or touched is no file. */
  readonly sum: string;
}

/**
 * The index of the last time, in the home's `cache/plugins.json`: a line that says what it is good for, and the rows. It
 * counts as long as lockfile, host project, settings, runtime and the package.json of every plugin and of every linked
 * package are what they were; anything else, a torn file too, is no cache. Losing it costs one reading of the packages.
 */
export class IndexCache {
  readonly #folder: string;
  readonly #key: string;

  private constructor(folder: string, key: string) {
    this.#folder = folder;
    this.#key = key;
  }

  /** Undefined where nothing says when packages change: a host project without a lockfile is always read afresh. */
  static open(options: IndexOptions, host: HostPackage | undefined): IndexCache | undefined {
    const { home } = options;
    if (home === undefined) return undefined;
    const installed = installedState(host);
    if (installed === undefined) return undefined;
    const { runtimeVersion, settings = {}, bundled } = options;
    const key = digest(JSON.stringify([form, runtimeVersion, settings, bundled, installed]));
    return new IndexCache(join(home, 'cache'), key);
  }

  /** The rows as they were kept; undefined when they no longer hold. */
  read(): readonly IndexRow[] | undefined {
    const kept = parse(readTextNow(this.#file), this.#key);
    if (kept === undefined) return undefined;
    return kept.seen.every(([path, stamp]) => stamp === stampOf(path)) ? kept.rows : undefined;
  }

  /** Keeps the rows. A home that takes no file, or is not made yet, is no error: there is just no cache. */
  async write(rows: readonly IndexRow[], mayChange: readonly string[]): Promise<void> {
    const files = [...new Set(mayChange)].map((folder) => join(folder, 'package.json'));
    const body = JSON.stringify({ rows, seen: files.map((file) => [file, stampOf(file)]) });
    const head: Head = { form, key: this.#key, sum: digest(body) };
    try {
      // Never the home itself: a command that only looks makes none.
      await stat(join(this.#folder, '..'));
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const fresh = `${this.#file}.${process.pid}`;
      await writeFile(fresh, `${JSON.stringify(head)}\n${body}\n`, { mode: 0o600 });
      await rename(fresh, this.#file);
    } catch {
      // As said: the next one reads the packages again.
    }
  }

  get #file(): string {
    return join(this.#folder, 'plugins.json');
  }
}

/** What a package manager last did here; undefined when nothing tells. Without a host project there is nothing to tell. */
function installedState(host: HostPackage | undefined): unknown {
  if (host === undefined) return null;
  const { directory, packageJson, lockfile } = host;
  if (lockfile === undefined) return undefined;
  const manifest = readTextNow(packageJson) ?? '';
  const locked = readTextNow(lockfile.path) ?? '';
  const marks = installedMarks(directory, lockfile).map(stampOf);
  return [directory, digest(manifest), lockfile.path, digest(locked), marks];
}

function parse(text: string | undefined, key: string): Kept | undefined {
  const [first = '', body = ''] = text?.split('\n') ?? [];
  // With the sum of what was written, the shape is the one that was written too.
  const head = parseJson(first) as Head | null | undefined;
  if (head?.form !== form || head.key !== key || head.sum !== digest(body)) return undefined;
  return parseJson(body) as Kept | undefined;
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
