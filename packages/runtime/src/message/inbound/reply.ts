import { createHash } from 'node:crypto';
import type { NewMessage } from '../contract.ts';
import type { InboundClaim } from './claim.ts';

export interface Reply {
  /** With the message's number the key: each is told once. */
  readonly what: string;
  readonly title: string;
  readonly body: string;
}

type Answered = Pick<InboundClaim, 'inboundId' | 'channel' | 'conversation' | 'receivedEvent'>;

const longestTitle = 80;

/** What goes back over the channel that a message came in by, under it. */
export function replyTo(to: Answered, { what, title, body }: Reply): NewMessage {
  const { inboundId, channel, conversation, receivedEvent } = to;
  return {
    key: `inbound:${inboundId}:${what}`,
    thread: `conversation:${channel}:${threadOf(conversation)}`,
    severity: 'info',
    title,
    body,
    source: sources[channel] ?? channel,
    channel,
    ...(channel === 'inbox' ? {} : { fallback: ['inbox'] }),
    answers: inboundId,
    ...(receivedEvent === null ? {} : { causationId: receivedEvent }),
  };
}

/** Where the predecessor's words name a source, they stay. */
const sources: Readonly<Record<string, string>> = { slack: 'slack_dm', email: 'email' };

/** A conversation's name where names are short. */
export function threadOf(conversation: string): string {
  if (conversation.length <= 150) return conversation;
  return `sha256:${createHash('sha256').update(conversation).digest('hex')}`;
}

/** The first words of an answer. */
export function titleOf(text: string): string {
  const [line = ''] = text.trim().split('\n');
  const words = line.trim();
  if (words === '') return 'Kora';
  return words.length <= longestTitle ? words : `${words.slice(0, longestTitle - 1).toWellFormed()}…`;
}
