import { draft } from '../chain/index.ts';
import type { ToldMessage } from './contract.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import type { OutboxContext } from './outbox.ts';
import { messageRerouted } from './events.ts';

const mostTold = 500;

/** Messages by their keys, and all of these threads, the newest first; what was withdrawn was never told. */
export async function toldOf(
  db: Queryable,
  workspaceId: number,
  { keys = [], threads = [] }: { readonly keys?: readonly string[]; readonly threads?: readonly string[] },
): Promise<ToldMessage[]> {
  if (keys.length === 0 && threads.length === 0) return [];
  const rows = await db.query<
    Omit<ToldMessage, 'createdAt' | 'receiptAt'> & { createdAt: Date; receiptAt: Date | null }
  >(
    `select m.message_id as "messageId", m.key, m.thread, m.severity, m.title, m.source,
       coalesce(d.channel, o.channel, m.channel) as channel, m.created_at as "createdAt", d.receipt,
       d.delivered_at as "receiptAt", coalesce(d.attempts, o.attempts, 0) as attempts, o.error
     from (select message_id from kora.message where workspace_id = $1 and key = any($2)
       union select message_id from kora.message where workspace_id = $1 and thread = any($3)) as named
       join kora.message m on m.workspace_id = $1 and m.message_id = named.message_id
       left join kora.delivery d on d.workspace_id = $1 and d.message_id = m.message_id
       left join kora.outbox o on o.workspace_id = $1 and o.message_id = m.message_id
     where not (d.message_id is not null and d.channel is null and d.receipt = 'withdrawn')
     order by m.message_id desc limit ${mostTold}`,
    [workspaceId, keys, threads],
  );
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    receiptAt: row.receiptAt?.toISOString() ?? null,
  }));
}

/**
 * Hands a message that nobody has a receipt for to its next channel; a send that is under way goes on, and whoever has a
 * receipt first has told it. Answers the channel; undefined where there is no other, or it was told by now.
 */
export async function passOn(
  tx: Transaction,
  { workspaceId, stage }: Pick<OutboxContext, 'workspaceId' | 'stage'>,
  key: string,
): Promise<string | undefined> {
  const [row] = await tx.query<{
    messageId: number;
    channel: string;
    to: string;
    attempts: number;
    correlationId: string | null;
    acceptedEvent: string | null;
  }>(
    `with held as (select o.message_id, o.channel, o.fallback, o.attempts, m.correlation_id, m.accepted_event
       from kora.message m join kora.outbox o using (workspace_id, message_id)
       where m.workspace_id = $1 and m.key = $2 and o.fallback <> '{}' and o.within is null for update of o),
     moved as (update kora.outbox o set channel = held.fallback[1], fallback = held.fallback[2:], attempts = 0,
         due_at = clock_timestamp(), leased_until = null
       from held where o.workspace_id = $1 and (o.message_id = held.message_id or o.within = held.message_id)
       returning o.message_id, o.channel),
     renamed as (update kora.message m set channel = moved.channel from moved
       where m.workspace_id = $1 and m.message_id = moved.message_id returning m.message_id)
     select message_id as "messageId", channel, fallback[1] as to, attempts, correlation_id as "correlationId",
       accepted_event as "acceptedEvent" from held where exists (select from renamed)`,
    [workspaceId, key],
  );
  if (row === undefined) return undefined;
  const { messageId, channel, to, attempts, correlationId, acceptedEvent } = row;
  const links = {
    ...(correlationId === null ? {} : { correlationId }),
    ...(acceptedEvent === null ? {} : { causationId: acceptedEvent }),
  };
  await stage(tx, [draft(messageRerouted, { message_id: messageId, channel, to, attempts }, links)]);
  return to;
}
