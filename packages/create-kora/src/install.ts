import { spawn } from 'node:child_process';
import type { Manager } from './manager.ts';
import { CreateRefusal } from './refusal.ts';

/** Runs the package manager in the new project, in front of whoever waits. Throws CREATE_KORA_INSTALL_FAILED. */
export async function install(manager: Manager, folder: string): Promise<void> {
  const problem = await new Promise<string | undefined>((resolve) => {
    const child = spawn(manager, ['install'], {
      cwd: folder,
      stdio: 'inherit',
      env: withoutParent(process.env),
      // npm and pnpm are command scripts there.
      shell: process.platform === 'win32',
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? undefined : `${manager} install ended with ${code ?? signal}`);
    });
  });
  if (problem === undefined) return;
  throw new CreateRefusal('CREATE_KORA_INSTALL_FAILED', `the files are written, but ${problem}`, {
    fix: `cd ${folder} && ${manager} install`,
  });
}

/**
 * What `npm create` tells the programs it starts is about itself: which package it runs, from where, with which of its
 * flags. The install is another matter; what the person's own environment says of a registry stays.
 */
function withoutParent(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const about =
    /^npm_(?:package|lifecycle)_|^npm_(?:command|execpath|node_execpath)$|^npm_config_local_prefix$/;
  return Object.fromEntries(Object.entries(env).filter(([key]) => !about.test(key)));
}
