import { draft } from '../chain/index.ts';
import type { EventLinks } from '../chain/index.ts';
import type { Transaction } from '../store/index.ts';
import { notePause, noteRefusal, noteWorking } from './channel-state.ts';
import type { DeliveryOptions } from './delivery-options.ts';
import { markTold } from './due.ts';
import type { DueRow } from './due.ts';
import { deliveryFailed, messageDelivered, messageRerouted } from './events.ts';
import { stuckAfterTries } from './outbox.ts';
import type { Failure } from './refusal.ts';

const firstRetryMs = 1_000;
const longestRetryMs = 300_000;
/** A pause of so long what is critical waits out: its next channel is not as near. */
const shortPauseMs = 10_000;

export interface OutcomeContext extends Pick<DeliveryOptions, 'workspaceId' | 'stage' | 'clock'> {
  /** A message has another channel now. */
  readonly wake: () => void;
}

/** It was told: marked in the caller's transaction, with what it carried, unless somebody else has it by now: false. */
export async function noteTold(
  tx: Transaction,
  context: OutcomeContext,
  due: DueRow,
  receipt: string,
): Promise<boolean> {
  const { workspaceId, stage } = context;
  const told = await markTold(tx, workspaceId, due, receipt);
  // Somebody else has it by now, and tells it under the same key.
  if (told === 0) return false;
  const attempts = due.attempts + 1;
  const payload = { message_id: due.messageId, channel: due.channel, receipt, attempts, carried: told - 1 };
  await stage(tx, [draft(messageDelivered, payload, linksOf(due))]);
  await noteWorking(tx, context, due.channel, true);
  return true;
}

/** It was not: tried again later, or handed to the next channel. */
export async function noteFailed(
  tx: Transaction,
  context: OutcomeContext,
  due: DueRow,
  failure: Failure,
): Promise<void> {
  const { workspaceId, stage, clock } = context;
  const { error, retryAfterMs, permanent } = failure;
  const backoff = Math.min(longestRetryMs, firstRetryMs * 2 ** due.attempts) * (0.75 + clock.random() / 2);
  const kept = await tx.query(
    `update kora.outbox set attempts = attempts + 1, error = $4, leased_until = null,
       due_at = clock_timestamp() + make_interval(secs => $5)
     where workspace_id = $1 and message_id = $2 and fence = $3 and channel = $6 returning message_id`,
    [workspaceId, due.messageId, due.fence, error, (retryAfterMs ?? backoff) / 1_000, due.channel],
  );
  // Told after all, somebody else's, or handed on meanwhile: the failure is none of its next channel.
  if (kept.length === 0) return;
  const attempts = due.attempts + 1;
  const payload = { message_id: due.messageId, channel: due.channel, error, attempts };
  await stage(tx, [draft(deliveryFailed, payload, linksOf(due))]);
  if (permanent) {
    // One may be the message's own fault; several in a row are a token that is over, and nobody is to wait for those.
    await noteRefusal(tx, context, { channel: due.channel, error });
    return moveOn(tx, context, { due, attempts, atLast: ['inbox'] });
  }
  if (retryAfterMs !== undefined) {
    // A provider that asks for patience is not down: only what is critical goes elsewhere.
    await notePause(tx, context, { channel: due.channel, ms: retryAfterMs });
    const isLong = retryAfterMs > shortPauseMs || attempts >= stuckAfterTries;
    if (due.severity === 'critical' && isLong) await moveOn(tx, context, { due, attempts });
    return;
  }
  const isDown = await noteRefusal(tx, context, { channel: due.channel, error });
  if (isDown || attempts >= stuckAfterTries) await moveOn(tx, context, { due, attempts });
}

export interface Move {
  readonly due: Pick<DueRow, 'messageId' | 'channel' | 'fallback' | 'correlationId' | 'acceptedEvent'>;
  readonly attempts: number;
  /** Where it goes when it was given no more channels. */
  readonly atLast?: readonly string[];
}

/** What else is critical and waits for a channel that asked for a long pause goes on as well. Answers how many. */
export async function leavePaused(
  tx: Transaction,
  context: OutcomeContext,
  channel: string,
): Promise<number> {
  const rows = await tx.query<Move['due']>(
    `select o.message_id as "messageId", o.channel, o.fallback, m.correlation_id as "correlationId",
       m.accepted_event as "acceptedEvent"
     from kora.outbox o join kora.message m using (workspace_id, message_id)
     where o.workspace_id = $1 and o.channel = $2 and o.severity = 'critical' and o.fallback <> '{}' and o.within is null
       and (o.leased_until is null or o.leased_until <= clock_timestamp()) and exists (select from kora.channel c
         where c.workspace_id = $1 and c.channel = $2 and c.not_before > clock_timestamp() + make_interval(secs => $3))
     order by o.message_id limit 100 for update of o skip locked`,
    [context.workspaceId, channel, shortPauseMs / 1_000],
  );
  for (const due of rows) await moveOn(tx, context, { due, attempts: 0 });
  return rows.length;
}

/** Hands a message to the next of its channels, which tries it afresh, with what it carries. */
export async function moveOn(
  tx: Transaction,
  context: OutcomeContext,
  { due, attempts, atLast = [] }: Move,
): Promise<void> {
  const { workspaceId, stage } = context;
  const [to, ...rest] = [...due.fallback, ...atLast].filter((name) => name !== due.channel);
  if (to === undefined) return;
  await tx.query(
    `with moved as (update kora.outbox set channel = $3, fallback = $4, attempts = 0, due_at = clock_timestamp(),
       leased_until = null where workspace_id = $1 and (message_id = $2 or within = $2) returning message_id)
     update kora.message set channel = $3 where workspace_id = $1 and message_id in (select message_id from moved)`,
    [workspaceId, due.messageId, to, rest.filter((name) => due.fallback.includes(name))],
  );
  const payload = { message_id: due.messageId, channel: due.channel, to, attempts };
  await stage(tx, [draft(messageRerouted, payload, linksOf(due))]);
  tx.afterCommit(context.wake);
}

function linksOf({
  correlationId,
  acceptedEvent,
}: Pick<DueRow, 'correlationId' | 'acceptedEvent'>): EventLinks {
  return {
    ...(correlationId === null ? {} : { correlationId }),
    ...(acceptedEvent === null ? {} : { causationId: acceptedEvent }),
  };
}
