import { stat } from 'node:fs/promises';
import { withParents } from '../locate.ts';
import { refusal } from '../reason.ts';
import type { Account } from './account.ts';

/**
 * Refuses, with the reason `packages_closed`, when the guest's user could not pass to a file that it needs: as root we
 * could read it for the guest, which would be the hole that this user is there to close.
 */
export async function requireReach(paths: readonly string[], account: Account | undefined): Promise<void> {
  if (account === undefined) return;
  for (const path of paths) {
    const closed = await closedAt(path);
    if (closed === undefined) continue;
    throw refusal({
      code: 'packages_closed',
      message: `${closed} is closed to other users, and untrusted plugins of root run as user ${account.uid}, who needs ${path}`,
      fix: `chmod o+x ${closed}, or run Kora as an ordinary user, or name the plugin in plugins.trusted`,
    });
  }
}

/** The first folder or file on the way that others may not pass or read. */
async function closedAt(path: string): Promise<string | undefined> {
  for (const [at, step] of withParents(path).entries()) {
    const is = await stat(step);
    if (at === 0 && (is.mode & 0o004) === 0) return step;
    if (is.isDirectory() && (is.mode & 0o001) === 0) return step;
  }
  return undefined;
}
