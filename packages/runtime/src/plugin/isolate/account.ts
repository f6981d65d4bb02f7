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
  const uid = userFor(home, plugin, await takenUids());
  return { uid, gid: uid };
}

/** Who is which user, for as long as this process lives: two names may come to one number. */
const given = new Map<string, number>();

/** The number that a plugin's name comes to, or the next that is nobody's. */
export function userFor(home: string, plugin: string, taken: ReadonlySet<number>): number {
  const whose = `${home}\0${plugin}`;
  const known = given.get(whose);
  if (known !== undefined) return known;
  const others = new Set(given.values());
  const wanted = createHash('sha256').update(whose).digest().readUInt32BE(0);
  const isFree = (uid: number): boolean => !taken.has(uid) && !others.has(uid);
  const uids = Array.from({ length: countUids }, (_, step) => firstUid + ((wanted + step) % countUids));
  const uid = uids.find(isFree) ?? firstUid;
  given.set(whose, uid);
  return uid;
}

async function takenUids(): Promise<ReadonlySet<number>> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  return new Set(passwd.split('\n').map((line) => Number(line.split(':')[2])));
}
