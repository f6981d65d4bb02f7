import { createHash } from 'node:crypto';
import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';

export interface Asking {
  readonly workspaceId: number;
  /** Chosen by whoever asks; without one every asking is a new one. */
  readonly key: string | undefined;
  readonly deed: string;
  /** What is asked, as plain data. */
  readonly wish: object;
}

/**
 * Does what was asked, once for its key: whoever comes with the key again, from any runtime, is answered what was done
 * the first time. The answer is plain data and lands with the deed. Throws KORA_REQUEST_INVALID when the key was used for
 * something else.
 */
export async function once<Answer extends object>(
  tx: Transaction,
  { workspaceId, key, deed, wish }: Asking,
  work: () => Promise<Answer>,
): Promise<Answer> {
  if (key === undefined) return work();
  const hash = createHash('sha256').update(JSON.stringify(wish)).digest();
  // A second asking waits here for the first one's commit, and then sees it.
  const mine = await tx.query(
    `insert into kora.asked (workspace_id, key, deed, wish) values ($1, $2, $3, $4)
     on conflict (workspace_id, key) do nothing returning key`,
    [workspaceId, key, deed, hash],
  );
  if (mine.length === 0) return before<Answer>(tx, { workspaceId, key, deed, hash });
  const answer = await work();
  await tx.query('update kora.asked set answer = $3 where workspace_id = $1 and key = $2', [
    workspaceId,
    key,
    JSON.stringify(answer),
  ]);
  return answer;
}

interface Asked {
  readonly workspaceId: number;
  readonly key: string;
  readonly deed: string;
  readonly hash: Buffer;
}

async function before<Answer extends object>(tx: Queryable, asked: Asked): Promise<Answer> {
  const { workspaceId, key, deed, hash } = asked;
  const [first] = await tx.query<{ answer: Answer; same: boolean }>(
    `select answer, deed = $3 and wish = $4 as same from kora.asked where workspace_id = $1 and key = $2`,
    [workspaceId, key, deed, hash],
  );
  if (first?.same === true) return first.answer;
  throw fault('KORA_REQUEST_INVALID', 'this idempotency key was used for another request', {
    fix: 'take a new key for a new wish',
  });
}

/** Forgets what was asked longer ago than this; a key that comes after that is a new one. */
export async function forgetAsked(db: Queryable, workspaceId: number, days: number): Promise<void> {
  await db.query(
    'delete from kora.asked where workspace_id = $1 and asked_at < clock_timestamp() - make_interval(days => $2)',
    [workspaceId, days],
  );
}
