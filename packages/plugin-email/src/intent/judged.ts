import type { Email } from 'postal-mime';
import type { ChainEvent, EventDraft, PluginContext, SubscriptionSpec } from '@kora/runtime/plugin';
import { intentJudged, intentRead } from '../events.ts';
import type { Words } from '../read/text.ts';
import { messageIdsIn } from '../send/message-id.ts';
import { intentOf } from './match.ts';

type Chain = PluginContext<unknown>['chain'];

/** How far back an answer is looked up, in mails that were read. */
const looked = 1_000;
/** Events of one type between a message and what came of it. */
const near = 200;
/** An answer that says nothing else. */
const bareSave = /^\s*save[.!]?\s*$/i;

interface Answer {
  readonly fromOperator: boolean;
  readonly email: Pick<Email, 'references' | 'inReplyTo'>;
}

/**
 * How the mail was read that the operator answers by saying that it should have been a ticket: `save`, or one of the patterns
 * for it, in words that are their own. Undefined for every other mail, and for a mail of which they have said so before.
 */
export async function meantBy(
  chain: Pick<Chain, 'read'>,
  { fromOperator, email }: Answer,
  { subject, text, forwarded }: Pick<Words, 'subject' | 'text' | 'forwarded'>,
): Promise<ChainEvent | undefined> {
  const references = new Set<unknown>(messageIdsIn(`${email.references ?? ''} ${email.inReplyTo ?? ''}`));
  if (!fromOperator || forwarded || references.size === 0) return undefined;
  if (!bareSave.test(text) && !intentOf(subject, text).pattern.startsWith('explicit_save')) return undefined;
  const latest = { order: 'desc', limit: looked } as const;
  const read = await chain.read({ ...latest, type: intentRead.type });
  const meant = read.find(
    ({ type, payload }) =>
      type === intentRead.type &&
      payload['action'] === 'logged_only' &&
      references.has(payload['message_id']),
  );
  if (meant === undefined) return undefined;
  const said = await chain.read({ ...latest, type: intentJudged.type });
  const id = meant.payload['message_id'];
  const isSaid = said.some(({ type, payload }) => type === intentJudged.type && payload['message_id'] === id);
  return isSaid ? undefined : meant;
}

/** A mail that became nothing, and should have. */
export function missed(read: ChainEvent): EventDraft {
  return judgement(read, { verdict: 'missed', how: 'reply', ticket: null });
}

/** Tells of the tickets that mails became whether they were wanted: worked to their end, or called off before anybody began. */
export function judging(chain: Pick<Chain, 'read'>): SubscriptionSpec {
  return {
    consumer: 'intent_judged',
    types: ['kora.sea_ticket.resolved', 'sea_ticket.operator_action'],
    react: async ({ type, payload }) => {
      const ticket = payload['ticket'];
      if (typeof ticket !== 'number') return undefined;
      const isDone = type === 'kora.sea_ticket.resolved' && payload['resolution'] === 'completed';
      const isOff = type === 'sea_ticket.operator_action' && payload['action'] === 'cancel';
      if (!isDone && !isOff) return undefined;
      const read = await readingOf(chain, ticket);
      if (read === undefined) return undefined;
      const begun = { ticketId: ticket, type: 'sea_ticket.claimed_for_edit', limit: 1 };
      if (isOff && (await chain.read(begun)).length > 0) return undefined;
      const found = isDone
        ? ({ verdict: 'confirmed', how: 'worked', ticket } as const)
        : ({ verdict: 'unwanted', how: 'cancelled', ticket } as const);
      return { events: [judgement(read, found)] };
    },
  };
}

/** How the mail was read that the ticket came of; undefined for a ticket that came of something else. */
async function readingOf(chain: Pick<Chain, 'read'>, ticket: number): Promise<ChainEvent | undefined> {
  const [created] = await chain.read({ ticketId: ticket, type: 'sea_ticket.created', limit: 1 });
  if (created === undefined || created.payload['origin'] !== 'channel:email') return undefined;
  // Both are written in the transaction that adds the ticket.
  const ended = await chain.read({
    type: 'kora.message.handled',
    after: created.seq - near,
    limit: near * 2,
  });
  const handled = ended.find(({ payload }) => payload['ticket'] === ticket);
  if (handled === undefined) return undefined;
  const came = await chain.read({
    type: 'kora.message.received',
    before: handled.seq,
    order: 'desc',
    limit: looked,
  });
  const received = came.find(({ payload }) => payload['inbound_id'] === handled.payload['inbound_id']);
  const id = received?.payload['provider_id'];
  if (received === undefined || typeof id !== 'string') return undefined;
  const read = await chain.read({ type: intentRead.type, after: received.seq, limit: near });
  return read.find(({ payload }) => {
    const messageId = payload['message_id'];
    return typeof messageId === 'string' && (id === messageId || id.endsWith(` ${messageId}`));
  });
}

function judgement({ payload }: ChainEvent, found: Pick<Judged, 'verdict' | 'how' | 'ticket'>): EventDraft {
  return {
    type: intentJudged.type,
    payload: {
      ...found,
      pattern: payload['pattern'],
      revision: payload['revision'] ?? null,
      message_id: payload['message_id'],
      subject: payload['subject'] ?? null,
    },
    ...(found.ticket === null ? {} : { ticketId: found.ticket }),
  };
}

interface Judged {
  readonly verdict: 'missed' | 'confirmed' | 'unwanted';
  readonly how: 'reply' | 'worked' | 'cancelled';
  readonly ticket: number | null;
}
