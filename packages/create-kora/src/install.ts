import { spawn } from 'node:child_process';
import type { Manager } from './manager.ts';
import type { Plan } from './plan.ts';
import { CreateRefusal } from './refusal.ts';

/** Installs a new project, in front of whoever waits, and builds a plugin: it runs at once. Throws CREATE_KORA_INSTALL_FAILED. */
export async function install({ kind, manager, folder }: Plan): Promise<void> {
  const steps = kind === 'plugin' ? [['install'], ['run', 'build']] : [['install']];
  for (const args of steps) {
    const problem = await ends(manager, args, folder);
    if (problem === undefined) continue;
    throw new CreateRefusal('CREATE_KORA_INSTALL_FAILED', `the files are written, but ${problem}`, {
      fix: `cd ${folder} && ${manager} ${args.join(' ')}`,
    });
  }
}

/** What went wrong, in words; undefined when nothing did. */
function ends(manager: Manager, args: readonly string[], folder: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(manager, args, {
      cwd: folder,
      stdio: 'inherit',
      env: withoutParent(process.env),
      // npm and pnpm are command scripts there.
      shell: process.platform === 'win32',
    });
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? undefined : `${manager} ${args.join(' ')} ended with ${code ?? signal}`);
    });
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
