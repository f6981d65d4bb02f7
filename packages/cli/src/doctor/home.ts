import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@kora/runtime/client';
import { findRunning } from '../connect.ts';
import { finding } from './check.ts';
import type { Check } from './check.ts';

/** Permission bits of group and others. */
const others = 0o077;
/** Files that hold a secret, each with the id of its finding. */
const secretFiles = [
  ['api-token', 'home/token-open'],
  ['.env', 'home/env-open'],
] as const;

/** Whether the home is there, ours, writable, and closed to everyone else. */
export const checkHome: Check = async (_context, home) => {
  const mode = await modeOf(home);
  if (mode === undefined) {
    return [finding('info', 'home/missing', 'no home here yet; kora up makes it', { path: home })];
  }
  if (!mode.isFolder) {
    return [
      finding('error', 'home/not-a-folder', 'the home is not a folder', {
        path: home,
        hint: 'kora up --home <another folder>',
      }),
    ];
  }
  const writable = await mayWrite(home);
  if (!writable) {
    const hint = `chown -R ${process.env['USER'] ?? '$USER'} ${home}, or choose another with --home`;
    return [finding('error', 'home/unwritable', 'the home cannot be written', { path: home, hint })];
  }
  const files = await Promise.all(secretFiles.map(async ([name, id]) => await closed(join(home, name), id)));
  const open = (mode.bits & others) === 0 ? [] : [openFolder(home, mode.bits)];
  const found = [...open, ...files.flat()];
  return found.length > 0
    ? found
    : [finding('info', 'home/private', 'the home is private and writable', { path: home })];
};

/** Who holds the home. */
export const checkHolder: Check = async (context, home) => {
  const { host } = context;
  const running = await findRunning(host, home);
  if (running !== undefined) {
    return [
      finding('info', 'home/holder', `a runtime answers at ${running.url}, pid ${running.pid}`, {
        path: home,
      }),
    ];
  }
  const holder = await (await host.runtime.basics()).lockHolder(home);
  if (holder === undefined)
    return [finding('info', 'home/holder', 'no runtime is running', { path: home, hint: 'kora up' })];
  const message = `pid ${holder.pid} holds the home since ${holder.at} and announces no address`;
  const hint = `it may be starting; if it stays so: kill -TERM ${holder.pid}`;
  return [finding('warning', 'home/silent-holder', message, { path: join(home, 'lock'), hint })];
};

function openFolder(home: string, bits: number): Finding {
  const message = `others may enter the home (mode ${bits.toString(8)})`;
  return finding('warning', 'home/open', message, { path: home, hint: `chmod 700 ${home}` });
}

async function closed(file: string, id: string): Promise<Finding[]> {
  const mode = await modeOf(file);
  if (mode === undefined || (mode.bits & others) === 0) return [];
  const message = `others may read it (mode ${mode.bits.toString(8)})`;
  return [finding('error', id, message, { path: file, hint: `chmod 600 ${file}` })];
}

async function modeOf(
  path: string,
): Promise<{ readonly bits: number; readonly isFolder: boolean } | undefined> {
  try {
    const found = await stat(path);
    return { bits: found.mode & 0o777, isFolder: found.isDirectory() };
  } catch {
    // Missing, or behind a folder that is closed to us; the writable check names that.
    return undefined;
  }
}

async function mayWrite(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
