// `npm start`: installs and builds what changed, then is nothing but a door to `kora up`.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

// How long an interrupted runtime may show no sign before it is asked once more, in case only this process heard it.
const unheardMs = 3_000;
const parentCheckMs = 500;

/**
 * @param {string[]} args passed on to `kora up`
 * @returns {Promise<number>} the exit code of `kora up`
 */
export async function main(args) {
  const { node, env } = await prepare();
  const kora = join(root, 'packages', 'cli', 'dist', 'bin.js');
  const child = spawn(node, [kora, 'up', '--home', join(root, '.kora'), ...args], {
    cwd: root,
    env,
    stdio: 'inherit',
  });

  // Ctrl-C reaches the whole process group, so the child has heard it already, and npm sends it here a second
  // time. Passing it on would count as an impatient second Ctrl-C and cut the drain short. Only when it was sent
  // to npm alone is the child still unaware: it then gets a SIGTERM, which a runtime that is stopping ignores.
  /** @type {NodeJS.Timeout | undefined} */
  let unheard;
  process.on('SIGINT', () => {
    unheard ??= setTimeout(() => child.kill('SIGTERM'), unheardMs);
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));

  // Between npm and this process stands a shell that dies of npm's SIGTERM without passing it on. A new parent
  // means that it is gone; a runtime that nobody waits for any more is asked to stop.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, parentCheckMs);
  if (process.env.npm_lifecycle_event === undefined) clearInterval(watch);

  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      clearTimeout(unheard);
      clearInterval(watch);
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGTERM']);
    });
  });
}
