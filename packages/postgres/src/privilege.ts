import { readFile } from 'node:fs/promises';
import { EmbeddedPostgresError } from './errors.ts';
import type { Owner } from './files.ts';

/**
 * Whom the server runs as: undefined means ourselves. PostgreSQL refuses to run as root, so root drops to `nobody`:
 * `initdb` insists on a user that has a name, and this is the one unprivileged name that every system has.
 */
export async function serverOwner(): Promise<Owner | undefined> {
  if (!isRoot()) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8');
  const line = passwd.split('\n').find((one) => one.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined || Number(uid) === 0) {
    throw new EmbeddedPostgresError(
      'KORA_PG_PRIVILEGE',
      'PostgreSQL refuses to run as root, and this system has no user "nobody" to drop to',
      'run Kora as an ordinary user, or give a server in KORA_DATABASE_URL',
    );
  }
  return { uid: Number(uid), gid: Number(gid) };
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}
