import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Child, type Ended } from './child.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Makes the pinned pnpm the one on PATH, for whatever this process starts. `npm test` has it there; a bare `vitest` may
 * not, and then one npx call brings it.
 */
export function pnpmOnPath(): void {
  const { packageManager } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
    packageManager: string;
  };
  if (`pnpm@${versionOnPath()}` === packageManager) return;
  const find = ['--yes', '-p', packageManager, '-c', 'command -v pnpm'];
  const path = execFileSync('npx', find, { encoding: 'utf8', cwd: dirname(root) }).trim();
  process.env['PATH'] = [dirname(path), process.env['PATH']].join(delimiter);
}

/** Runs pnpm in a project outside this repository, with nothing of this repository's settings. */
export function pnpm(cwd: string, ...args: string[]): Promise<Ended> {
  const { PATH = '', HOME = '' } = process.env;
  return new Child({ command: 'pnpm', args, cwd, env: { PATH, HOME, CI: '1' } }).ended;
}

function versionOnPath(): string | undefined {
  try {
    return execFileSync('pnpm', ['--version'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    // Not there: the answer.
    return undefined;
  }
}
