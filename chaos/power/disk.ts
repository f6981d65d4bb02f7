import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  readdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The environment in which a program's flushes are kept in a second folder, and nothing else is. */
export interface ForgetfulDisk {
  readonly env: Readonly<Record<string, string>>;
  /** The power goes: from now on nothing is kept. */
  cut(): void;
  /** Puts what the cut left in the place of the data directory. The program must have ended. */
  restore(): void;
}

/** For a data directory that is at rest: what lies there now counts as flushed. */
export function forgetfulDisk(directory: string): ForgetfulDisk {
  const kept = `${directory}.kept`;
  const cutFile = `${kept}.cut`;
  rmSync(kept, { recursive: true, force: true });
  rmSync(cutFile, { force: true });
  cpSync(directory, kept, { recursive: true, preserveTimestamps: true });
  ownLike(directory, kept);
  return {
    env: { LD_PRELOAD: buildLibrary(), FORGETFUL_FROM: directory, FORGETFUL_TO: kept },
    cut: () => writeFileSync(cutFile, ''),
    restore: () => {
      rmSync(directory, { recursive: true });
      renameSync(kept, directory);
      // The lock of a server that lost its power is stale, and names a pid of before.
      rmSync(join(directory, 'postmaster.pid'), { force: true });
      rmSync(cutFile);
    },
  };
}

/** The server may run as another user than this program, and asks for a closed folder. */
function ownLike(model: string, folder: string): void {
  const { uid, gid, mode } = statSync(model);
  chmodSync(folder, mode);
  for (const name of ['', ...(readdirSync(folder, { recursive: true }) as string[])]) {
    const path = join(folder, name);
    if (existsSync(path)) chownSync(path, uid, gid);
  }
}

/** Compiled where the server's unprivileged user can read it. */
function buildLibrary(): string {
  const source = fileURLToPath(new URL('./forgetful-disk.c', import.meta.url));
  const library = join(tmpdir(), 'kora-forgetful-disk.so');
  const built = spawnSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(`the forgetful disk needs a C compiler: ${built.stderr}`);
  return library;
}
