import { z } from 'zod';
import { draft, storable } from '../chain/index.ts';
import type { EventDraft } from '../chain/index.ts';
import { fault } from '../fault/index.ts';
import type { Queryable, Transaction } from '../store/index.ts';
import type { NewMessage, Severity } from './contract.ts';
import { messageAccepted } from './events.ts';
import { clearTheWay } from './way.ts';

/** Kept as it is or refused: two keys must not become one on their way into the store. */
const verbatim = z
  .string()
  .refine((text) => storable(text) === text, 'holds a character that cannot be stored');

const schema = z.object({
  key: verbatim.min(1).max(300),
  thread: verbatim.min(1).max(300),
  severity: z.enum(['critical', 'warning', 'info']),
  title: z.string().trim().min(1).max(500),
  body: z.string().max(50_000),
  source: verbatim.min(1),
  correlationId: verbatim.optional(),
  causationId: z.guid().optional(),
  channel: verbatim.optional(),
  fallback: z.array(verbatim.min(1)).max(10).optional(),
  attachments: z.array(verbatim.min(1).max(100)).max(10).default([]),
  answers: z.number().int().positive().optional(),
});

export interface OutboxContext {
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  /** The workspace's channels in their order, the first of them first; default the inbox alone. */
  readonly order?: () => readonly string[];
  /** Sees that these artifacts are there and stay; throws KORA_ARTIFACT_UNKNOWN. Without it a message carries none. */
  readonly attach?: (tx: Transaction, artifactIds: readonly string[]) => Promise<void>;
}

/**
 * Accepts a message in the caller's transaction: from its commit on it will be told, once. Answers false when the key
 * was accepted before. Throws KORA_REQUEST_INVALID with the field that is wrong, KORA_ARTIFACT_UNKNOWN.
 */
export async function acceptMessage(
  tx: Transaction,
  context: OutboxContext,
  message: NewMessage,
): Promise<boolean> {
  const parsed = schema.safeParse(message);
  if (!parsed.success) throw fault('KORA_REQUEST_INVALID', `message: ${z.prettifyError(parsed.error)}`);
  const { key, thread, severity, source, correlationId, causationId, attachments, answers } = parsed.data;
  const [channel, ...fallback] = routeOf(parsed.data, context.order?.() ?? []);
  const title = String(storable(parsed.data.title));
  const [accepted] = await tx.query<{ messageId: number; eventId: string }>(
    `with accepted as (
       insert into kora.message (workspace_id, key, channel, thread, severity, title, body, source, correlation_id,
         attachments, accepted_event, answers)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, kora.event_id(), $12)
       on conflict (workspace_id, key) do nothing returning workspace_id, message_id, channel, thread, severity, accepted_event, answers),
     queued as (
       insert into kora.outbox (workspace_id, message_id, channel, thread, severity, prompt, fallback)
       select workspace_id, message_id, channel, thread, severity, answers is not null, $11::text[] from accepted)
     select message_id as "messageId", accepted_event as "eventId" from accepted`,
    [
      context.workspaceId,
      key,
      channel,
      thread,
      severity,
      title,
      storable(parsed.data.body),
      source,
      correlationId ?? null,
      attachments,
      fallback,
      answers ?? null,
    ],
  );
  if (accepted === undefined) return false;
  if (attachments.length > 0) await attach(tx, context, attachments);
  if (severity === 'critical') await clearTheWay(tx, context.workspaceId, channel);
  const payload = { message_id: accepted.messageId, key, channel, thread, severity, title, source };
  const links = {
    ...(correlationId === undefined ? {} : { correlationId }),
    ...(causationId === undefined ? {} : { causationId }),
  };
  // Its deliveries name it as their cause.
  await context.stage(tx, [{ ...draft(messageAccepted, payload, links), eventId: accepted.eventId }]);
  return true;
}

/**
 * Where it goes, one after the other. What names no channel goes the workspace's way; what names one without saying what
 * comes after it goes on to the rest of that way.
 */
function routeOf(
  {
    channel,
    fallback,
  }: { readonly channel?: string | undefined; readonly fallback?: readonly string[] | undefined },
  order: readonly string[],
): readonly [string, ...string[]] {
  const first = channel ?? order[0] ?? 'inbox';
  return [first, ...(fallback ?? order).filter((name) => name !== first)];
}

async function attach(
  tx: Transaction,
  context: OutboxContext,
  artifactIds: readonly string[],
): Promise<void> {
  if (context.attach === undefined)
    throw fault('KORA_REQUEST_INVALID', 'message: nothing can be attached to it here');
  await context.attach(tx, artifactIds);
}

/** The number of the message with this key; undefined when none was accepted. */
export async function messageNumber(
  db: Queryable,
  workspaceId: number,
  key: string,
): Promise<number | undefined> {
  const [row] = await db.query<{ messageId: number }>(
    `select message_id as "messageId" from kora.message where workspace_id = $1 and key = $2`,
    [workspaceId, key],
  );
  return row?.messageId;
}

/** A message with where its delivery stands. */
export interface MessageView {
  readonly messageId: number;
  readonly key: string;
  readonly channel: string;
  readonly thread: string;
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly source: string;
  readonly correlationId: string | null;
  /** Ids of artifacts. */
  readonly attachments: string[];
  /**
   * Withdrawn: what it was about was over before it was sent. Failed: it came back, and is told over another channel by a
   * message of its own.
   */
  readonly status: 'pending' | 'delivered' | 'failed' | 'withdrawn';
  readonly attempts: number;
  readonly error: string | null;
  readonly createdAt: string;
  readonly deliveredAt: string | null;
}

/** Messages after an id in order, or without one the newest, oldest of them first. */
export async function listMessages(
  db: Queryable,
  workspaceId: number,
  query: { readonly after?: number | undefined; readonly limit?: number | undefined },
): Promise<MessageView[]> {
  const order = query.after === undefined ? 'desc' : 'asc';
  const rows = await db.query<
    Omit<MessageView, 'createdAt' | 'deliveredAt'> & { createdAt: Date; deliveredAt: Date | null }
  >(
    `select m.message_id as "messageId", m.key, m.channel, m.thread, m.severity, m.title, m.body, m.source,
       m.correlation_id as "correlationId", m.attachments, m.created_at as "createdAt", d.delivered_at as "deliveredAt", o.error,
       case when d.message_id is null then 'pending' when d.channel is null and d.receipt = 'withdrawn' then 'withdrawn'
         when exists (select from kora.message again where again.workspace_id = m.workspace_id
           and again.key = 'returned:' || m.message_id) then 'failed'
         else 'delivered' end as status,
       coalesce(d.attempts, o.attempts, 0) as attempts
     from kora.message m left join kora.delivery d using (workspace_id, message_id)
       left join kora.outbox o using (workspace_id, message_id)
     where workspace_id = $1 and message_id > $2 order by message_id ${order} limit $3`,
    [workspaceId, query.after ?? 0, Math.min(500, query.limit ?? 50)],
  );
  const views = rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.toISOString(),
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
  }));
  return order === 'desc' ? views.toReversed() : views;
}

/** A channel that refused a message so often is not going to take it soon. */
export const stuckAfterTries = 3;

/** Messages that their channel refused again and again, and channels that are down; they are still tried. */
export function listUndelivered(
  db: Queryable,
  workspaceId: number,
): Promise<{ messageId: number; channel: string; attempts: number; error: string }[]> {
  return db.query(
    `select message_id as "messageId", channel, attempts, coalesce(error, 'unknown') as error from kora.outbox
     where workspace_id = $1 and attempts >= ${stuckAfterTries}
     union all select 0, channel, failures, coalesce(error, 'unknown') from kora.channel c
     where workspace_id = $1 and down_since is not null and not exists (select from kora.outbox o
       where o.workspace_id = c.workspace_id and o.channel = c.channel and o.attempts >= ${stuckAfterTries})
     order by 1 limit 50`,
    [workspaceId],
  );
}
