import { createHash } from 'node:crypto';
import { chmod, lchown, lstat, mkdir, opendir, realpath, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson, readText } from '../locate.ts';
import { refusal } from '../reason.ts';
import type { Account } from './account.ts';

/** Reachable for every user, unlike most homes of root. The database keeps its folder there for the same reason. */
const rootBase = '/var/lib/kora';
/** A start does not wait on a guest that left more than this. */
const mostEntries = 100_000;

/**
 * The one folder a guest may write, made ready for its next start: private to its user, and swept of links, which the
 * permission model would follow out of it. Lies in the home; for a guest that is another user than ours, beside the
 * database's folder. No guest may be running in it.
 */
export async function dataFolder(
  home: string,
  plugin: string,
  account: Account | undefined,
): Promise<string> {
  const base = account === undefined ? join(home, 'plugins') : join(await outsideHome(home), 'plugins');
  const passable = account === undefined ? 0o700 : 0o711;
  await mkdir(base, { recursive: true, mode: passable });
  const folder = join(base, plugin);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account !== undefined) for (const open of [join(base, '..'), base]) await chmod(open, passable);
  if (!(await lstat(folder)).isDirectory()) throw crowded(folder, 'is not a folder');
  await sweep(folder, folder, account, { entries: 0 });
  await own(folder, account);
  await chmod(folder, 0o700);
  return realpath(folder);
}

/** Where root keeps what other users must reach: the database's place when there is one, else one named by the home. */
async function outsideHome(home: string): Promise<string> {
  const pointer = parseJson((await readText(join(home, 'postgres', 'place.json'))) ?? '');
  const path = (pointer as { readonly path?: unknown } | undefined)?.path;
  if (typeof path === 'string' && path.startsWith(`${rootBase}/`)) return path;
  await mkdir(rootBase, { recursive: true, mode: 0o711 });
  return join(rootBase, createHash('sha256').update(home).digest('hex').slice(0, 16));
}

async function sweep(
  folder: string,
  top: string,
  account: Account | undefined,
  seen: { entries: number },
): Promise<void> {
  for await (const entry of await opendir(folder)) {
    seen.entries += 1;
    if (seen.entries > mostEntries) throw crowded(top, `holds more than ${mostEntries} files`);
    const path = join(folder, entry.name);
    if (entry.isSymbolicLink()) {
      await unlink(path);
      continue;
    }
    await own(path, account);
    if (entry.isDirectory()) await sweep(path, top, account, seen);
  }
}

async function own(path: string, account: Account | undefined): Promise<void> {
  if (account !== undefined) await lchown(path, account.uid, account.gid);
}

function crowded(folder: string, why: string): Error {
  return refusal({
    code: 'guest_failed',
    message: `the plugin's data folder ${folder} ${why}`,
    fix: `look through ${folder} and delete what is not needed`,
  });
}
