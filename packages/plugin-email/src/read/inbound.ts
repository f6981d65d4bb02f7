import type { Decided } from '../intent/ticket.ts';
import { messageIdsIn } from '../send/message-id.ts';
import type { NewInbound } from '@kora/runtime/plugin';
import type { Letter } from './judge.ts';
import type { Words } from './text.ts';

/** Characters; the door takes no more. */
const longestText = 100_000;

export interface Place {
  readonly uid: number;
  readonly uidValidity: string;
}

/** What the door is handed for a letter. */
export function inboundOf(letter: Letter, words: Words, extra: Extra): NewInbound {
  const { email, messageId, from, name, fromOperator } = letter;
  const references = messageIdsIn(`${email.references ?? ''} ${email.inReplyTo ?? ''}`).slice(-20);
  const first = references[0] ?? messageId;
  const { decided, attachments, place, notes } = extra;
  // A stranger's words become a ticket that is not believed, or are left out: the operator's own are answered either way.
  const beside = words.forwarded && decided.ticket === undefined;
  const sentAt = email.date !== undefined && /^\d{4}-\d\d-\d\dT/.test(email.date) ? email.date : undefined;
  return {
    providerId: letter.providerId,
    // What somebody else writes does not slip into a conversation of the operator's.
    conversation: bounded(fromOperator ? first : `${from} ${first}`),
    sender: { id: from, ...(name === '' ? {} : { name: name.toWellFormed() }) },
    text: [beside ? words.about : words.text, ...notes]
      .filter((part) => part !== '')
      .join('\n\n')
      .slice(0, longestText)
      .toWellFormed(),
    authenticatedBy: letter.authenticatedBy,
    trusted: fromOperator && (beside || !words.forwarded),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(decided.ticket === undefined ? {} : { ticket: decided.ticket }),
    details: { messageId, references, subject: words.subject, ...place },
  };
}

interface Extra {
  readonly decided: Decided;
  /** Ids of artifacts. */
  readonly attachments: readonly string[];
  /** What is said about attachments that were not kept. */
  readonly notes: readonly string[];
  readonly place: Place;
}

function bounded(text: string): string {
  return text.slice(0, 300);
}
