// `node scripts/bootstrap.cjs run <command> ...`: any tool of the repository on the pinned Node, installed first if
// need be. It is how CI and machines without pnpm reach turbo, changeset and the rest by the names in package.json.
import { spawn } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

/**
 * @param {string[]} args the command and its arguments
 * @returns {Promise<number>} its exit code
 */
export async function main([command = '', ...args]) {
  const { env } = await prepare({ pnpm: true });
  const child = spawn(command, args, {
    cwd: root,
    env,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
