import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { databaseFolder } from '../e2e/harness/store.ts';

/** The server of a home, by its own pid file; throws while there is none. */
export function postmasterOf(home: string): number {
  const folder = databaseFolder(home);
  if (folder === undefined) throw new Error(`${home} has no database yet`);
  const pid = Number(readFileSync(join(folder, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) throw new Error('the pid file is half written');
  return pid;
}
