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
     where workspace_id = $1 and message_id = $2 and fence = $3 returning message_id`,
    [workspaceId, due.messageId, due.fence, error, (retryAfterMs ?? backoff) / 1_000],
  );
  // Told after all, or somebody else's: the failure was of hearing that it was.
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
    if (due.severity !== 'critical') return;
  }
  const isDown =
    retryAfterMs === undefined && (await noteRefusal(tx, context, { channel: due.channel, error }));
  if (isDown || attempts >= stuckAfterTries) await moveOn(tx, context, { due, attempts });
}

interface Move {
  readonly due: Pick<DueRow, 'messageId' | 'channel' | 'fallback' | 'correlationId' | 'acceptedEvent'>;
  readonly attempts: number;
  /** Where it goes when it was given no more channels. */
  readonly atLast?: readonly string[];
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
