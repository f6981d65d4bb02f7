import { createHash } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import { slackError } from '../call/refusal.ts';

/** What of ours is in a message that Slack keeps. */
export const eventType = 'kora_message';
const mostPages = 5;
/** The clocks of the store, of this machine and of Slack may differ so much, in seconds. */
const skewSeconds = 300;

export interface Mark {
  /** The same for the same message, and for no other: Slack does not post twice what carries it, as long as it remembers. */
  readonly client_msg_id: string;
  readonly metadata: { readonly event_type: string; readonly event_payload: { readonly id: string } };
}

/** By the message's key. It is in the form of a UUID, for Slack wants one. */
export function markOf(workspace: string, key: string): Mark {
  const hex = createHash('sha256').update(`${workspace}\n${key}`).digest('hex');
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { client_msg_id: id, metadata: { event_type: eventType, event_payload: { id } } };
}

export interface Where {
  readonly channel: string;
  readonly thread: string | undefined;
  /** ISO 8601: not before that. */
  readonly since: string;
}

interface Kept {
  readonly ts?: string;
  readonly client_msg_id?: string;
  readonly metadata?: { readonly event_type?: string; readonly event_payload?: object };
  readonly files?: readonly { readonly title?: string | null; readonly name?: string | null }[];
}

/** Messages that Slack keeps there, newest first or last as Slack has it, a few pages of them. */
export async function* kept(client: WebClient, { channel, thread, since }: Where): AsyncGenerator<Kept> {
  const oldest = String(Math.max(0, Math.floor(Date.parse(since) / 1_000) - skewSeconds));
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const asked = {
      channel,
      oldest,
      limit: 100,
      include_all_metadata: true,
      ...(cursor === undefined ? {} : { cursor }),
    };
    const { messages = [], response_metadata: next } =
      thread === undefined
        ? await client.conversations.history(asked)
        : await client.conversations.replies({ ...asked, ts: thread });
    yield* messages as readonly Kept[];
    cursor = next?.next_cursor;
    if (cursor === undefined || cursor === '') return;
  }
}

/**
 * The `ts` of the message with this mark, where Slack has it: what was sent while the answer got lost is not sent again.
 * Undefined also where the app may not look. Throws what Slack says.
 */
export async function findMarked(client: WebClient, mark: Mark, where: Where): Promise<string | undefined> {
  try {
    for await (const message of kept(client, where)) {
      const { ts, client_msg_id: id, metadata } = message;
      if (ts === undefined) continue;
      if (id === mark.client_msg_id) return ts;
      const isOurs = metadata?.event_type === eventType;
      if (isOurs && Reflect.get(Object(metadata.event_payload), 'id') === mark.client_msg_id) return ts;
    }
    return undefined;
  } catch (error) {
    const said = slackError(error);
    if (said === 'missing_scope' || said === 'thread_not_found') return undefined;
    throw error;
  }
}
