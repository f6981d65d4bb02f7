import { fault } from '../../fault/index.ts';
import type { Queryable } from '../../store/index.ts';
import { consumerForgotten } from '../events.ts';
import { draft } from '../vocabulary.ts';
import type { ConsumerState, Subscription } from './contract.ts';
import type { ParkedStore } from './parked.ts';

/** The consumer's row: one that was seen before keeps its cursor, whatever it asks now. */
export async function startCursor(
  db: Queryable,
  workspaceId: number,
  { consumer, types, from }: Subscription,
): Promise<void> {
  await db.query(
    `insert into kora.subscription (workspace_id, consumer, types, cursor)
     values ($1, $2, $3, coalesce($4::bigint, (select seq from kora.chain_head where workspace_id = $1), 0))
     on conflict (workspace_id, consumer) do update set types = excluded.types`,
    [workspaceId, consumer, types, firstCursor(from)],
  );
}

function firstCursor(from: Subscription['from']): number | null {
  if (from === 'now') return null;
  return from === 'beginning' ? 0 : from - 1;
}

/** Every consumer the workspace has known, as of this statement. */
export function listConsumers(
  db: Queryable,
  owner: { readonly workspaceId: number; readonly sessionId: string },
): Promise<ConsumerState[]> {
  return db.query<ConsumerState>(
    `select s.consumer, s.types, s.cursor, greatest(0, coalesce(h.seq, 0) - s.cursor) as lag,
       coalesce((select greatest(0, round(extract(epoch from clock_timestamp() - e.occurred_at) * 1000)) from kora.event e
         where e.workspace_id = s.workspace_id and e.seq > s.cursor order by e.seq limit 1), 0)::float8 as "lagMs",
       case when s.held_until is null or s.held_until < clock_timestamp() then 'nowhere'
         when s.holder = $2 then 'here' else 'elsewhere' end as running,
       (select count(*)::int from kora.parked_event p
        where p.workspace_id = s.workspace_id and p.consumer = s.consumer) as parked,
       s.attempts, s.last_error as "lastError", s.moved_at as "movedAt"
     from kora.subscription s left join kora.chain_head h on h.workspace_id = s.workspace_id
     where s.workspace_id = $1 order by s.consumer`,
    [owner.workspaceId, owner.sessionId],
  );
}

/**
 * Removes a consumer that runs nowhere, with what it parked. The row is locked first: nobody can begin to run it in
 * between. Throws KORA_CONSUMER_UNKNOWN, KORA_CONSUMER_RUNNING.
 */
export async function forgetConsumer(
  { database, workspaceId, stage }: ParkedStore,
  consumer: string,
  links: { readonly actorId?: string },
): Promise<void> {
  await database.transaction(async (tx) => {
    const [row] = await tx.query<{ cursor: number; running: boolean }>(
      `select cursor, coalesce(held_until > clock_timestamp(), false) as running from kora.subscription
       where workspace_id = $1 and consumer = $2 for update`,
      [workspaceId, consumer],
    );
    if (row === undefined) throw fault('KORA_CONSUMER_UNKNOWN', `there is no subscription ${consumer}`);
    if (row.running) {
      throw fault('KORA_CONSUMER_RUNNING', `subscription ${consumer} still runs`, {
        fix: 'remove the plugin it belongs to, then try again',
      });
    }
    const parked = await tx.query(
      'delete from kora.parked_event where workspace_id = $1 and consumer = $2 returning seq',
      [workspaceId, consumer],
    );
    await tx.query('delete from kora.subscription where workspace_id = $1 and consumer = $2', [
      workspaceId,
      consumer,
    ]);
    const payload = { consumer, cursor: row.cursor, parked: parked.length };
    await stage(tx, [draft(consumerForgotten, payload, links)]);
  });
}

/** Throws KORA_SUBSCRIPTION_INVALID on what no consumer can be asked for. */
export function checkSubscription({ consumer, from, deadlineMs = 1, batch = 1 }: Subscription): void {
  const wrong = (what: string): Error =>
    fault('KORA_SUBSCRIPTION_INVALID', `subscription ${consumer}: ${what}`);
  if (typeof from === 'number' && (!Number.isSafeInteger(from) || from < 1))
    throw wrong(`it cannot begin at ${from}: sequences begin at 1`);
  if (!(deadlineMs > 0)) throw wrong(`a deadline of ${deadlineMs} ms`);
  if (!Number.isInteger(batch) || batch < 1 || batch > 1_000) throw wrong(`batch ${batch} is not 1 to 1000`);
}
