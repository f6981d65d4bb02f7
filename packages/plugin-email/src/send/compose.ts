import type { Ready } from '../config.ts';
import type { OutboundMessage } from '@kora/runtime/plugin';
import { htmlOf, questionOf } from './html.ts';
import { messageIdOf, messageIdsIn } from './message-id.ts';

export interface Composed {
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly inReplyTo?: string;
  readonly references?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}

/** A mail of a message, without its attachments; `left` are words about files that do not go along. */
export function compose(
  message: OutboundMessage,
  config: Pick<Ready, 'address' | 'name' | 'operator' | 'copies'>,
  extra: { readonly workspace: string; readonly left: readonly string[] },
): Composed {
  const messageId = messageIdOf(extra.workspace, message.key, config.address);
  const references = referencesOf(message).filter((id) => id !== messageId);
  const last = references.at(-1);
  const text = [message.body.trimEnd(), ...extra.left, ...decisionLines(message)]
    .filter((part) => part !== '')
    .join('\n\n');
  return {
    messageId,
    from: { name: config.name, address: config.address },
    to: [...new Set([config.operator, ...config.copies])],
    subject: subjectOf(message),
    text: `${text}\n`,
    html: htmlOf({
      message,
      text: [message.body.trimEnd(), ...extra.left].join('\n\n'),
      address: config.address,
    }),
    ...(last === undefined ? {} : { inReplyTo: last, references }),
    headers: {
      // Holiday notices and other machines do not answer what says this (RFC 3834).
      'Auto-Submitted': message.inReplyTo === undefined ? 'auto-generated' : 'auto-replied',
      ...(message.severity === 'critical' ? { Importance: 'high', 'X-Priority': '1' } : {}),
    },
  };
}

/** What came in keeps its subject, so that programs which thread by subject do not tear the conversation. */
function subjectOf({ inReplyTo, title }: OutboundMessage): string {
  const subject = inReplyTo?.details['subject'];
  const given = typeof subject === 'string' && subject.trim() !== '' ? subject : undefined;
  const chosen = given === undefined ? title : `Re: ${given.replace(/^(?:\s*re\s*:)+\s*/i, '')}`;
  // A line break in a header would be a header of somebody else's.
  return chosen.replaceAll(/[\r\n\0]+/g, ' ').slice(0, 500);
}

function referencesOf({ inReplyTo, threadReceipt }: OutboundMessage): string[] {
  if (inReplyTo !== undefined) {
    const { references, messageId } = inReplyTo.details;
    const before = Array.isArray(references) ? references.filter((id) => typeof id === 'string') : [];
    const own = typeof messageId === 'string' ? messageId : inReplyTo.providerId;
    return messageIdsIn([...before, own].join(' '));
  }
  return messageIdsIn(threadReceipt);
}

function decisionLines({ decision, title }: OutboundMessage): string[] {
  if (decision === undefined) return [];
  const { approve, deny } = decision.labels ?? {};
  return [
    ...questionOf(decision, title),
    [
      `Answer this mail with one line, until ${decision.expiresAt}:`,
      `approve ${decision.code}`,
      'or',
      `deny ${decision.code}`,
      // Below and in words of their own: a line that is copied must be the code's alone.
      ...(approve === undefined ? [] : ['', `approve: ${approve}`]),
      ...(deny === undefined ? [] : [`deny: ${deny}`]),
    ].join('\n'),
  ];
}
