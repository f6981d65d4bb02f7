import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Whom a guest runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Between the users of people and `nobody` lies the range that service managers take users without a name from. The
 * database's user has a name, so a guest is neither root, nor a person, nor the database.
 */
const firstUid = 61_184;
const countUids = 4_000;

/**
 * The user for a plugin's guest. Only root can choose: then each plugin gets a number of its own, so that guests
 * cannot signal or read each other. Undefined means as ourselves, and the permission model is the only wall.
 */
export async function accountFor(home: string, plugin: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const taken = await takenUids();
  const wanted = createHash('sha256').update(`${home}\0${plugin}`).digest().readUInt32BE(0);
  for (let step = 0; step < countUids; step += 1) {
    const uid = firstUid + ((wanted + step) % countUids);
    if (!taken.has(uid)) return { uid, gid: uid };
  }
  return { uid: firstUid, gid: firstUid };
}

async function takenUids(): Promise<ReadonlySet<number>> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return new Set(passwd.split('\n').map((line) => Number(line.split(':')[2])));
}
