import type { Queryable, Transaction } from '../store/index.ts';
import type { Carried } from './backlog.ts';
import type { OutboundMessage, Severity } from './contract.ts';

/** A message whose turn it is. */
export interface DueRow {
  readonly messageId: number;
  readonly key: string;
  readonly channel: string;
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly source: string;
  readonly correlationId: string | null;
  readonly attachments: readonly string[];
  /** The event that said it was accepted; null when an older build accepted it. */
  readonly acceptedEvent: string | null;
  readonly createdAt: Date;
  /** Where it goes when the channel keeps refusing it. */
  readonly fallback: readonly string[];
  readonly attempts: number;
  /** Which claim it is: whoever has an earlier one has no standing. */
  readonly fence: number;
  readonly answers: number | null;
  readonly decisionId: number | null;
}

export interface TakeQuery {
  readonly channel: string;
  /** What may be told now; what answers somebody always may. */
  readonly severities: readonly Severity[];
  readonly staleMs: number;
  /** How long nobody else takes it. */
  readonly leaseMs: number;
}

/**
 * Takes the message whose turn it is and holds it by a lease. Nothing overtakes within its thread. What is critical goes
 * first, then what is new, and of what waited long the newest. It goes from thread to thread by the index and looks only
 * at the first of each, so that a long queue costs what its threads cost, whether or not the planner knows its length.
 */
export async function takeDue(
  tx: Transaction,
  workspaceId: number,
  { channel, severities, staleMs, leaseMs }: TakeQuery,
): Promise<DueRow | undefined> {
  const [due] = await tx.query<DueRow>(
    `with recursive first as (
       (select thread, message_id, within from kora.outbox where workspace_id = $1 and channel = $2
        order by thread, message_id limit 1)
       union all
       select following.* from first cross join lateral (
         select o.thread, o.message_id, o.within from kora.outbox o
         where o.workspace_id = $1 and o.channel = $2 and o.thread > first.thread
         order by o.thread, o.message_id limit 1) as following),
     waiting as (
       select o.message_id, o.fence, o.severity, o.prompt, age.is_stale from first
         cross join lateral (
           select head.* from kora.outbox head
           where head.workspace_id = $1 and head.message_id = coalesce(first.within, first.message_id)
             and head.channel = $2 and head.thread = first.thread and head.within is null limit 1) as o
         cross join lateral (
           select m.created_at <= clock_timestamp() - make_interval(secs => $4) as is_stale from kora.message m
           where m.workspace_id = $1 and m.message_id = o.message_id limit 1) as age
       where o.due_at <= clock_timestamp() and (o.leased_until is null or o.leased_until <= clock_timestamp())
         and (o.prompt or o.severity = any($3))
         and not exists (select from kora.channel c
           where c.workspace_id = $1 and c.channel = $2 and c.not_before > clock_timestamp())
         and o.message_id = (select earliest.message_id from kora.outbox earliest
           where earliest.workspace_id = $1 and earliest.channel = $2 and earliest.thread = o.thread
             and earliest.within is distinct from o.message_id
           order by earliest.message_id limit 1)),
     next as (
       select o.message_id from waiting w join kora.outbox o on o.workspace_id = $1 and o.message_id = w.message_id
       where o.fence = w.fence and o.channel = $2 and o.within is null and o.due_at <= clock_timestamp()
       order by w.severity <> 'critical', not w.prompt, w.is_stale,
         case when w.is_stale then -w.message_id else w.message_id end
       limit 1 for update of o skip locked)
     update kora.outbox o
     set fence = o.fence + 1, leased_until = clock_timestamp() + make_interval(secs => $5)
     from next, kora.message m
     where o.workspace_id = $1 and o.message_id = next.message_id
       and m.workspace_id = o.workspace_id and m.message_id = o.message_id
     returning m.message_id as "messageId", m.key, o.channel, m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.attachments, m.accepted_event as "acceptedEvent",
       m.created_at as "createdAt", m.answers, m.decision_id as "decisionId", o.attempts, o.fallback, o.fence`,
    [workspaceId, channel, severities, staleMs / 1_000, leaseMs / 1_000],
  );
  return due;
}

/** Holds on; false when it is somebody else's by now. */
export async function renew(
  db: Queryable,
  workspaceId: number,
  { messageId, fence }: Pick<DueRow, 'messageId' | 'fence'>,
  leaseMs: number,
): Promise<boolean> {
  const held = await db.query(
    `update kora.outbox set leased_until = clock_timestamp() + make_interval(secs => $4)
     where workspace_id = $1 and message_id = $2 and fence = $3 returning message_id`,
    [workspaceId, messageId, fence, leaseMs / 1_000],
  );
  return held.length > 0;
}

/** Nobody sends it now. */
export async function letGo(
  db: Queryable,
  workspaceId: number,
  { messageId, fence }: Pick<DueRow, 'messageId' | 'fence'>,
): Promise<void> {
  await db.query(
    `update kora.outbox set leased_until = null where workspace_id = $1 and message_id = $2 and fence = $3`,
    [workspaceId, messageId, fence],
  );
}

/** Writes down that it was told, and with it what it carried; answers how many, 0 when it was somebody else's. */
export async function markTold(
  tx: Transaction,
  workspaceId: number,
  { messageId, fence, channel, attempts }: Pick<DueRow, 'messageId' | 'fence' | 'channel' | 'attempts'>,
  receipt: string,
): Promise<number> {
  const told = await tx.query(
    `with told as (delete from kora.outbox where workspace_id = $1 and message_id = $2 and fence = $3
       returning message_id),
     carried as (delete from kora.outbox where workspace_id = $1 and within = $2 and exists (select from told)
       returning message_id, attempts)
     insert into kora.delivery (workspace_id, message_id, receipt, attempts, channel, within)
     select $1, message_id, $4, $5::int, $6, null::bigint from told
     union all select $1, message_id, $4, attempts, $6, $2 from carried returning message_id`,
    [workspaceId, messageId, fence, receipt, attempts + 1, channel],
  );
  return told.length;
}

/** What goes along with a message to its channel. */
export interface Company {
  readonly carried: readonly Carried[];
  readonly threadReceipt?: string;
  readonly inReplyTo?: NonNullable<OutboundMessage['inReplyTo']>;
}

interface Asked {
  readonly conversation: string;
  readonly providerId: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export async function companyOf(db: Queryable, workspaceId: number, due: DueRow): Promise<Company> {
  const { messageId, channel, thread, answers } = due;
  const carried = await db.query<Carried>(
    `select m.title, m.created_at as "createdAt" from kora.outbox o join kora.message m using (workspace_id, message_id)
     where o.workspace_id = $1 and o.within = $2 and m.thread <> 'waited:' || o.channel order by m.message_id desc`,
    [workspaceId, messageId],
  );
  const [first] = await db.query<{ receipt: string }>(
    `select d.receipt from kora.message f join kora.delivery d using (workspace_id, message_id)
     where f.workspace_id = $1 and f.channel = $2 and f.thread = $3 and d.within is null
     order by f.message_id limit 1`,
    [workspaceId, channel, thread],
  );
  const [asked] =
    answers === null
      ? []
      : await db.query<Asked>(
          `select conversation, provider_id as "providerId", details from kora.inbound
           where workspace_id = $1 and inbound_id = $2 and channel = $3`,
          [workspaceId, answers, channel],
        );
  return {
    carried,
    ...(first === undefined ? {} : { threadReceipt: first.receipt }),
    ...(asked === undefined ? {} : { inReplyTo: asked }),
  };
}
