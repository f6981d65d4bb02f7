import type { Pass } from '../admission/index.ts';
import { storable } from '../chain/index.ts';
import { withDeadline } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { isStoreAway } from '../store/index.ts';
import type { Transaction } from '../store/index.ts';
import { wordsWithCarried } from './backlog.ts';
import type { ChannelSpec, OutboundMessage } from './contract.ts';
import { mintCode } from './decision/codes.ts';
import type { DeliveryOptions } from './delivery-options.ts';
import { companyOf, renew } from './due.ts';
import type { DueRow } from './due.ts';

const sendDeadlineMs = 30_000;
/** How long a send may go on after shutdown began. */
const sendGraceMs = 2_000;
/** What a crash costs the message that was being sent. */
export const leaseMs = 10_000;
const renewMs = 3_000;

type Sending = Pick<DeliveryOptions, 'database' | 'workspaceId' | 'clock' | 'admission' | 'onError'>;

/** The message as its channel is handed it, with what goes along. */
export async function messageOf(
  tx: Transaction,
  options: Pick<Sending, 'workspaceId'>,
  due: DueRow,
): Promise<OutboundMessage> {
  const { workspaceId } = options;
  const { carried, ...company } = await companyOf(tx, workspaceId, due);
  const decision = await mintCode(tx, options, due);
  return {
    messageId: due.messageId,
    key: due.key,
    thread: due.thread,
    severity: due.severity,
    ...wordsWithCarried(due, due.channel, carried),
    source: due.source,
    correlationId: due.correlationId,
    attachments: due.attachments,
    ...company,
    ...(decision === undefined ? {} : { decision }),
    createdAt: due.createdAt.toISOString(),
    attempt: due.attempts + 1,
  };
}

/** Throws KORA_ADMISSION_DENIED. Every message of the outbox is to the operator; the runtime itself is who sends. */
export async function leaveFor(
  { admission }: Pick<Sending, 'admission'>,
  channel: string,
): Promise<Pass<'outbound_message'>> {
  const ask = { caller: 'kora', channel, to: 'operator' } as const;
  const leave = await admission.admit('outbound_message', ask);
  if (leave.allow) return leave.pass;
  throw fault('KORA_ADMISSION_DENIED', `nothing may be sent over ${channel}: ${leave.cause}`);
}

/** Sends, and holds the message meanwhile; whoever lost it stops. */
export async function sendHeld(
  options: Sending,
  channel: ChannelSpec,
  due: DueRow,
  signal: AbortSignal,
): Promise<string> {
  const { database } = options;
  const message = await database.transaction((tx) => messageOf(tx, options, due));
  const leave = await leaveFor(options, channel.name);
  const [over, lost] = [new AbortController(), new AbortController()];
  const holding = hold(options, due, AbortSignal.any([signal, over.signal]), lost);
  try {
    return await send(options, channel, { message, leave }, AbortSignal.any([signal, lost.signal]));
  } finally {
    over.abort();
    await holding;
  }
}

async function hold(options: Sending, due: DueRow, until: AbortSignal, lost: AbortController): Promise<void> {
  const { database, workspaceId, clock, onError } = options;
  while (await clock.sleep(renewMs, until)) {
    try {
      if (await renew(database, workspaceId, due, leaseMs)) continue;
      lost.abort();
      return;
    } catch (error) {
      // It is sent all the same; whether it was lost meanwhile, its fence says when it is marked.
      if (!isStoreAway(error)) onError(`channel ${due.channel}`, error);
    }
  }
}

interface Letter {
  readonly message: OutboundMessage;
  readonly leave: Pass<'outbound_message'>;
}

async function send(
  { admission, clock }: Sending,
  channel: ChannelSpec,
  { message, leave }: Letter,
  signal: AbortSignal,
): Promise<string> {
  const deadline = { ms: sendDeadlineMs, what: `channel ${channel.name}`, signal, graceMs: sendGraceMs };
  const answer: unknown = await withDeadline(clock, deadline, async (limit) => {
    admission.redeem(leave, 'outbound_message');
    return channel.send(message, limit);
  });
  return receiptOf(answer) ?? `${channel.name}:${message.messageId}`;
}

/** What was sent is never sent again for want of a receipt. */
function receiptOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || !('receipt' in answer)) return undefined;
  return typeof answer.receipt === 'string' ? String(storable(answer.receipt)) : undefined;
}
