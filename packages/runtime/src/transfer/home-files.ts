import { chmod, copyFile, mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { homeFiles, homeFolders } from '../home/index.ts';
import { backupFiles, sha256Of } from './manifest.ts';
import type { BackupFile } from './manifest.ts';

/** Who the home is, what it knows and how it is set up. Its database, log and running state stay where they are. */
const kept: readonly string[] = [
  homeFiles.identity,
  homeFiles.epoch,
  homeFiles.state,
  homeFiles.token,
  homeFiles.config,
  homeFiles.env,
];

/** Copies what a home is apart from its store into a backup. */
export async function copyHomeFiles(home: string, backup: string): Promise<BackupFile[]> {
  const files: BackupFile[] = [];
  for (const name of await keptIn(home)) {
    const path = `${backupFiles.home}/${name}`;
    await copyPrivately(join(home, name), join(backup, path));
    files.push({ path, ...(await sha256Of(join(backup, path))) });
  }
  return files;
}

/** Puts the home's files of a backup into an empty home. */
export async function restoreHomeFiles(
  backup: string,
  files: readonly BackupFile[],
  home: string,
): Promise<void> {
  const prefix = `${backupFiles.home}/`;
  for (const { path } of files.filter((file) => file.path.startsWith(prefix))) {
    await copyPrivately(join(backup, path), join(home, path.slice(prefix.length)));
  }
}

async function keptIn(home: string): Promise<string[]> {
  const names = await readdir(home, { withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && kept.includes(entry.name)).map(({ name }) => name);
  const folders = names.filter((entry) => entry.isDirectory() && homeFolders.includes(entry.name));
  const inside = await Promise.all(folders.map(({ name }) => filesIn(home, name)));
  return [...files, ...inside.flat()];
}

async function filesIn(home: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(home, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1));
}

async function copyPrivately(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await copyFile(from, to);
  await chmod(to, 0o600);
  const file = await open(to, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
