import { draft } from '../../chain/index.ts';
import { fault } from '../../fault/index.ts';
import type { Transaction } from '../../store/index.ts';
import { bounded, writtenAck, writtenDecision } from './arrival.ts';
import { causeOf, endInbound, takesItsTurn, ticketsOf } from './claim.ts';
import type { InboundClaim, InboundEnd } from './claim.ts';
import { inboundHandled } from './events.ts';
import type { InboundOptions } from './inbound.ts';
import { countRefusal } from './refusals.ts';
import { replyTo, threadOf, titleOf } from './reply.ts';
import type { Reply } from './reply.ts';

type HandleOptions = Pick<InboundOptions, 'database' | 'workspaceId' | 'stage' | 'ports' | 'untrusted'>;

/** How soon a message that met a pause is looked at again. */
const heldMs = 1_000;
/** What the outbox takes. */
const longestBody = 50_000;
/** The kind of ticket that a stranger's message becomes. */
const strangersKind = 'inbound_message';

/**
 * What becomes of one message, in this order: a decision, an `ack` of what is wrong, the answer that a ticket waits for, a
 * ticket, and a question to the phrasebook and whoever thinks. Whatever follows is written together with the end of the
 * claim, so that a second holder adds nothing. Throws for what may go well the next time.
 */
export async function handle(
  options: HandleOptions,
  claim: InboundClaim,
  signal: AbortSignal,
): Promise<void> {
  const written = claim.trusted ? writtenDecision(claim.text) : undefined;
  if (written !== undefined) return decided(options, claim, written);
  const known = claim.trusted ? writtenAck(claim.text) : undefined;
  if (known !== undefined && (await acknowledged(options, claim, known))) return;
  if (claim.decides) {
    // Words like all others: they wait in their conversation, and during a pause the sender is told so.
    return options.database.transaction((tx) => takesItsTurn(tx, options.workspaceId, claim));
  }
  if (await answersTicket(options, claim)) return;
  if (claim.ticket !== null) return becomesTicket(options, claim, claim.ticket);
  if (!claim.trusted) return strangers(options, claim);
  if (claim.text.trim() === '' && claim.attachments.length === 0)
    return end(options, claim, { state: 'ended', outcome: 'nobody' });
  return asked(options, claim, signal);
}

async function decided(
  options: HandleOptions,
  claim: InboundClaim,
  written: { readonly code: string; readonly verdict: 'approve' | 'deny' },
): Promise<void> {
  const { channel, providerId, senderId: sender } = claim;
  // Its code is used once: a second holder is told that it was answered, and by what.
  const { text } = await options.ports.decide({ ...written, channel, providerId, sender });
  await end(options, claim, { state: 'answered', outcome: 'decision' }, answer(text));
}

async function acknowledged(
  options: HandleOptions,
  claim: InboundClaim,
  known: { readonly alertId: number | null; readonly why: string | null },
): Promise<boolean> {
  const { channel, conversation } = claim;
  // Said twice it is known all the same.
  const text = await options.ports.acknowledge({ channel, conversation, ...known });
  if (text === undefined) return false;
  await end(options, claim, { state: 'answered', outcome: 'decision' }, answer(text));
  return true;
}

async function answersTicket(options: HandleOptions, claim: InboundClaim): Promise<boolean> {
  const { database, workspaceId, ports } = options;
  // A stranger's words wake nothing.
  if (!claim.trusted || claim.ticket !== null) return false;
  const tickets = await ticketsOf(database, workspaceId, claim);
  if (tickets.length === 0) return false;
  return database.transaction(async (tx) => {
    const woken = await ports.answerTicket(tx, { tickets, text: claim.text });
    if (woken === undefined) return false;
    const { ticketId } = woken;
    const done = { state: 'answered', outcome: 'ticket_answer', ticketId } as const;
    await endWith(tx, options, claim, {
      done,
      reply: answer(`Ticket ${ticketId} goes on with your answer.`),
    });
    return true;
  });
}

async function becomesTicket(
  options: HandleOptions,
  claim: InboundClaim,
  { kind, title, payload, key, tags, trusted: believed = true }: NonNullable<InboundClaim['ticket']>,
): Promise<void> {
  const { channel, trusted } = claim;
  await options.database.transaction(async (tx) => {
    const { ticketId } = await options.ports.addTicket(tx, {
      kind,
      title,
      payload: tags === undefined ? payload : { ...payload, tags },
      idempotencyKey: `${channel}:${key}`,
      origin: `channel:${channel}`,
      trusted: trusted && believed,
      ...causeOf(claim),
    });
    const done = { state: trusted ? 'answered' : 'ended', outcome: 'ticket', ticketId } as const;
    // Whoever is not believed learns nothing, also not that somebody listens.
    const reply = trusted ? answer(`Ticket ${ticketId} was added: ${title}`) : undefined;
    await endWith(tx, options, claim, { done, reply });
  });
}

async function strangers(options: HandleOptions, claim: InboundClaim): Promise<void> {
  const { channel, providerId, senderId, conversation, text } = claim;
  if (options.untrusted === 'ticket') {
    const title = `A message over ${channel} from somebody who is not the operator`;
    const payload = { channel, providerId, conversation, sender: senderId, text };
    const key = `message:${claim.inboundId}`;
    return becomesTicket(options, claim, { kind: strangersKind, title, payload, key });
  }
  await options.database.transaction(async (tx) => {
    await countRefusal(tx, options, { channel, reason: 'not_trusted', sender: senderId });
    await endWith(tx, options, claim, { done: { state: 'ended', outcome: 'refused', forget: true } });
  });
}

async function asked(options: HandleOptions, claim: InboundClaim, signal: AbortSignal): Promise<void> {
  const { inboundId, channel, conversation, text, asks, attachments } = claim;
  const files = attachments.length === 0 ? [] : [`(with the files ${attachments.join(', ')})`];
  const question = {
    text: [text, ...files].join('\n\n').trim(),
    ...(files.length === 0 ? wordsBelow(claim) : {}),
    key: `inbound:${inboundId}:${asks}`,
    channel,
    thread: threadOf(conversation),
    wake: `message ${inboundId} over ${channel}`,
    ...causeOf(claim),
  };
  const came = await options.ports.ask(question, signal);
  switch (came.kind) {
    case 'answer':
    case 'plain': {
      const outcome = came.kind === 'plain' ? 'nobody' : came.by;
      return end(options, claim, { state: 'answered', outcome, runId: came.runId }, answer(came.text));
    }
    case 'held': {
      const held = { state: 'received', refund: true, asked: true, afterMs: heldMs } as const;
      return options.database.transaction((tx) => endInbound(tx, options.workspaceId, claim, held));
    }
    case 'failed':
      throw fault('KORA_INBOUND_UNANSWERED', came.error);
  }
}

/** What is known is known under whatever subject. */
function wordsBelow({ text, subject }: InboundClaim): { readonly words?: string } {
  if (subject === null || subject === '' || !text.startsWith(`${subject}\n\n`)) return {};
  const words = text.slice(subject.length).trim();
  return words === '' ? {} : { words };
}

function end(options: HandleOptions, claim: InboundClaim, done: InboundEnd, reply?: Reply): Promise<void> {
  return options.database.transaction((tx) => endWith(tx, options, claim, { done, reply }));
}

interface Ending {
  readonly done: InboundEnd;
  readonly reply?: Reply | undefined;
}

/** The end of a claim, its answer and its event: together or not at all. */
async function endWith(
  tx: Transaction,
  { workspaceId, stage, ports }: HandleOptions,
  claim: InboundClaim,
  { done, reply }: Ending,
): Promise<void> {
  await endInbound(tx, workspaceId, claim, done);
  if (reply !== undefined) await ports.tell(tx, replyTo(claim, reply));
  const said = {
    inbound_id: claim.inboundId,
    channel: claim.channel,
    outcome: done.outcome ?? done.state,
    attempts: claim.attempts,
    ticket: done.ticketId ?? null,
    run_id: done.runId ?? null,
  };
  await stage(tx, [draft(inboundHandled, said, causeOf(claim))]);
}

function answer(text: string): Reply {
  return { what: 'answer', title: titleOf(text), body: bounded(text, longestBody) };
}
