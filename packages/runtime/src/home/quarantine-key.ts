import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '../fault/index.ts';
import { readIfThere, writeAtomic } from './home.ts';

const keyBytes = 32;

/**
 * The key of what came in and could not be read; made at the first look, and backed up with the other keys of the home.
 * The caller holds the lock. Throws KORA_HOME_UNREADABLE for a file that holds no key.
 */
export async function openQuarantineKey(directory: string): Promise<Buffer> {
  const folder = join(directory, 'keys');
  const file = join(folder, 'quarantine.key');
  const known = await readIfThere(file);
  if (known === undefined) {
    const made = randomBytes(keyBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeAtomic(file, `${made.toString('base64url')}\n`);
    return made;
  }
  const key = Buffer.from(known.trim(), 'base64url');
  if (key.length === keyBytes) return key;
  throw fault('KORA_HOME_UNREADABLE', `${file} holds no key of ${keyBytes} bytes`, {
    fix: `restore ${file} from a backup; without it what is in quarantine cannot be opened`,
    details: { file },
  });
}
