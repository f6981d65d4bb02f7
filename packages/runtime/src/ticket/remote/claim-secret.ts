import { randomBytes } from 'node:crypto';
import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';

/** The key of the store's claim tokens; the first to ask makes it, and of two at once one. */
export async function readClaimSecret(db: Queryable): Promise<Buffer> {
  const stored = await find(db);
  if (stored !== undefined) return stored;
  await db.query('insert into kora.claim_secret (secret) values ($1) on conflict do nothing', [
    randomBytes(32),
  ]);
  const made = await find(db);
  if (made === undefined) throw fault('KORA_INTERNAL', 'the store keeps no key for claim tokens');
  return made;
}

async function find(db: Queryable): Promise<Buffer | undefined> {
  const [row] = await db.query<{ secret: Buffer }>('select secret from kora.claim_secret');
  return row?.secret;
}
