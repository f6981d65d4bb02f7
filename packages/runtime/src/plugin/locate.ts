import { readFileSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/** What a package.json names may not climb out of node_modules. */
const packageName = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;

/** The real folder of an installed package as seen from `from`, or undefined when it is not installed. */
export async function locatePackage(name: string, from: string): Promise<string | undefined> {
  if (!packageName.test(name)) return undefined;
  // By hand first: `exports` may hide package.json, and Node remembers misses while a running host adds packages.
  for (const folder of withParents(from)) {
    const found = join(folder, 'node_modules', name);
    if (await isFile(join(found, 'package.json'))) return realpath(found);
  }
  try {
    // Layouts without node_modules (Yarn PnP) teach Node's own resolver.
    return await realpath(dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`)));
  } catch {
    // Not installed: the answer, not a fault.
    return undefined;
  }
}

/** The folder and all above it, nearest first. */
export function withParents(folder: string): readonly string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}

export async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    // Absent or out of reach: either way there is no such file for us.
    return false;
  }
}

/** The file's text, or undefined when there is none. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // As above: a file that cannot be read is handled like one that is not there.
    return undefined;
  }
}

/** The same at once: for the few small files that every command reads, before a pool of threads is worth its start. */
export function readTextNow(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // As above.
    return undefined;
  }
}

/** The real path of a file of the package: `outside` when a link leads out of it, `missing` when it is not there. */
export async function insidePackage(
  directory: string,
  path: string,
): Promise<{ readonly file: string } | 'missing' | 'outside'> {
  const wanted = join(directory, path);
  if (!(await isFile(wanted))) return 'missing';
  const file = await realpath(wanted);
  return contains(directory, file) ? { file } : 'outside';
}

/** Whether `path` lies in `folder`; both real. */
export function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !way.startsWith(sep));
}

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The caller reports it with the file's name and what it wanted there.
    return undefined;
  }
}
