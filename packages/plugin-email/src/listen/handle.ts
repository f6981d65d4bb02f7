import type { PluginContext } from '@kora/runtime/plugin';
import type { DNSResolver } from 'mailauth';
import type { Ready } from '../config.ts';
import { bounced, intentRead } from '../events.ts';
import { reportsInLastHour, ticketsInLastHour } from '../intent/hour.ts';
import { meantBy, missed } from '../intent/judged.ts';
import type { LearnedPattern } from '../intent/learned.ts';
import { decideIntent } from '../intent/ticket.ts';
import type { Decided } from '../intent/ticket.ts';
import type { Bounce } from '../read/bounce.ts';
import { inboundOf } from '../read/inbound.ts';
import type { Place } from '../read/inbound.ts';
import type { Judgement, Letter } from '../read/judge.ts';
import { wordsOf } from '../read/text.ts';
import type { InboundDoor } from '@kora/runtime/plugin';
import { keepAttachments } from './attachments.ts';

/** What handling a mail needs of the house. */
export interface House {
  readonly config: Ready;
  readonly context: Pick<PluginContext<unknown>, 'artifacts' | 'chain' | 'clock' | 'notify' | 'log'>;
  readonly door: InboundDoor;
  readonly resolver: DNSResolver;
  /** What was learned of subjects, as it stands now. */
  readonly learned?: (() => readonly LearnedPattern[]) | undefined;
}

/** What the mailbox is told of a mail: `seen` once it is durable here, `hold` never to be looked at again, `later` to be. */
export type Outcome = 'seen' | 'hold' | 'later';

const largestQuarantined = 1024 * 1024;
const hourMs = 3_600_000;
/** Of a subject, as it is kept for whoever looks for what repeats. */
const longestSubject = 200;
/** Reports on deliveries that are told in an hour: nobody signs them, and whoever guesses an id can write one. */
const mostReports = 20;

/** Hands a judged mail in. Rejects where the house could not take it, and then the mailbox still has it as it was. */
export async function handle(
  house: House,
  judgement: Judgement,
  mail: { readonly raw: Uint8Array; readonly place: Place },
): Promise<Outcome> {
  const { door, context } = house;
  switch (judgement.kind) {
    case 'letter':
      return accept(house, judgement.letter, mail);
    case 'bounce':
      await tellBounce(house, judgement.bounce);
      return 'seen';
    case 'leave':
      return 'hold';
    case 'refuse': {
      const { kind: _, ...refusal } = judgement;
      await door.refuse(refusal);
      return 'hold';
    }
    case 'quarantine': {
      const { providerId, sender, reason } = judgement;
      await door.quarantine({ providerId, sender, reason, raw: mail.raw.subarray(0, largestQuarantined) });
      return 'hold';
    }
    case 'later':
      context.log.warn('a mail waits until its sender can be made sure of', { waits_for: judgement.detail });
      return 'later';
  }
}

async function accept(
  house: House,
  letter: Letter,
  { raw, place }: { readonly raw: Uint8Array; readonly place: Place },
): Promise<Outcome> {
  const { config, context, door } = house;
  const words = wordsOf(letter.email);
  const { messageId, from, providerId } = letter;
  const asked = { messageId, from, subject: words.subject, text: words.whole };
  const meant = await meantBy(context.chain, letter, words);
  const decided = decideIntent(asked, config.intent, await ticketsInLastHour(context), {
    learned: house.learned?.(),
    saves: meant !== undefined,
  });
  const kept = await keepAttachments(context.artifacts, letter.email.attachments);
  const inbound = inboundOf(letter, words, { decided, attachments: kept.ids, notes: kept.notes, place });
  try {
    const answer = await door.accept(inbound);
    if (answer === 'accepted') {
      await tellIntent(house, decided, asked);
      if (meant !== undefined) await context.chain.append(missed(meant));
    }
    return 'seen';
  } catch (error) {
    // Refused for what it is, and it would be each time: it must not stop what comes after it.
    if ((error as { readonly code?: unknown }).code !== 'KORA_REQUEST_INVALID') throw error;
    await door.quarantine({
      providerId,
      sender: from,
      reason: 'not_taken',
      raw: raw.subarray(0, largestQuarantined),
    });
    return 'hold';
  }
}

async function tellIntent(
  { context, config }: House,
  decided: Decided,
  { messageId, subject }: { readonly messageId: string; readonly subject: string },
): Promise<void> {
  const { action, intent, reason, title } = decided;
  await context.chain.append({
    type: intentRead.type,
    payload: {
      action,
      pattern: intent.pattern,
      confidence: intent.confidence,
      reason,
      revision: intent.learned?.revision ?? null,
      message_id: messageId,
      title,
      subject: subject.slice(0, longestSubject).toWellFormed(),
    },
  });
  if (action !== 'cap_exceeded') return;
  await context.notify.send({
    key: `email:cap:${Math.floor(context.clock.now() / hourMs)}`,
    thread: 'email:cap',
    severity: 'warning',
    title: 'Mail makes no more tickets this hour',
    body: `${config.intent.hourlyCap} mails became tickets within an hour. What comes now is kept as a message.`,
    source: 'email',
  });
}

/**
 * What did not reach the operator is told over the next channel. What did not reach a copy, what is late, and what nobody
 * here sent is told over the inbox and never by mail: that would come back as well.
 */
async function tellBounce({ context, config, door }: House, bounce: Bounce): Promise<void> {
  const { messageId, action, recipient, status, detail } = bounce;
  const isFlood = (await reportsInLastHour(context)) >= mostReports;
  const appended = (): Promise<void> =>
    context.chain.append({
      type: bounced.type,
      payload: { action, status, message_id: messageId, recipient },
    });
  const why = `${status}${detail === '' ? '' : `, "${detail}"`}`;
  const late = action === 'delayed';
  if (!late && recipient.toLowerCase() === config.operator) {
    const reason = `a mail server says for ${recipient}: ${why}`;
    if ((await door.returned({ receipt: messageId, reason })) === 'rerouted') {
      if (!isFlood) await appended();
      return;
    }
  }
  if (isFlood) {
    await door.refuse({ providerId: null, sender: null, reason: 'report_flood' });
    return;
  }
  await appended();
  await context.notify.send({
    key: `email:bounce:${messageId}:${action}`,
    thread: `email:bounce:${messageId}`,
    severity: late ? 'info' : 'warning',
    title: late ? 'A mail is late' : 'A mail was not delivered',
    body: `A mail server says of mail ${messageId} to ${recipient}: ${why}`,
    source: 'email',
    channel: 'inbox',
  });
}
