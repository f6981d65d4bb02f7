import type { DecisionAnswer, NewInbound, RefusedInbound } from '@kora/runtime/plugin';
import { z } from 'zod';
import { conversationOf, receiptOf } from '../call/address.ts';
import { actions } from '../send/blocks.ts';
import { asWritten } from '../send/text.ts';

/** What is done about something that came. */
export type Judged =
  | { readonly kind: 'accept'; readonly message: NewInbound }
  | { readonly kind: 'refuse'; readonly refusal: RefusedInbound }
  | { readonly kind: 'decide'; readonly answer: DecisionAnswer; readonly receipt: string | undefined }
  /** Concerns nobody: an edit, a deletion, our own words back. */
  | { readonly kind: 'ignore' };

const id = z.string().min(1).max(100);
const ts = z.string().regex(/^\d{1,12}\.\d{1,9}$/);

const messageEvent = z.looseObject({
  type: z.literal('message'),
  channel: id,
  ts,
  user: id.optional(),
  channel_type: z.string().optional(),
  subtype: z.string().optional(),
  bot_id: z.string().nullish(),
  text: z.string().nullish(),
  thread_ts: ts.optional(),
  client_msg_id: id.optional(),
});

const callback = z.looseObject({
  event: messageEvent,
  authorizations: z.array(z.looseObject({ user_id: z.string().optional() })).nullish(),
});

const pressed = z.looseObject({
  type: z.literal('block_actions'),
  user: z.looseObject({ id }),
  container: z
    .looseObject({ channel_id: id.optional(), message_ts: ts.optional(), thread_ts: ts.optional() })
    .optional(),
  actions: z
    .array(z.looseObject({ action_id: id, value: id.optional(), action_ts: z.string().max(40).optional() }))
    .min(1),
});

const ignored: ReadonlySet<string> = new Set(['message_changed', 'message_deleted', 'message_replied']);

/** An event of the Events API. `operator` undefined is nobody: everything is refused. */
export function judgeEvent(body: unknown, operator: string | undefined): Judged {
  const parsed = callback.safeParse(body);
  if (!parsed.success) return { kind: 'ignore' };
  const { event, authorizations } = parsed.data;
  if (event.subtype !== undefined && ignored.has(event.subtype)) return { kind: 'ignore' };
  // What we post comes back as an event; that is no stranger.
  if (event.user !== undefined && authorizations?.some(({ user_id: own }) => own === event.user) === true)
    return { kind: 'ignore' };
  const reason = reasonAgainst(event, operator);
  const providerId = event.client_msg_id ?? `${event.channel}:${event.ts}`;
  if (reason !== undefined)
    return { kind: 'refuse', refusal: { providerId, sender: event.user ?? event.bot_id ?? null, reason } };
  return { kind: 'accept', message: heard(event, providerId, operator ?? '') };
}

/** A button that was pressed. Others than ours, and links, concern nobody. */
export function judgeAction(payload: unknown, operator: string | undefined): Judged {
  const parsed = pressed.safeParse(payload);
  if (!parsed.success) return { kind: 'ignore' };
  const { user, container } = parsed.data;
  const [action] = parsed.data.actions;
  const verdict = action === undefined ? undefined : actions[action.action_id];
  if (action?.value === undefined || verdict === undefined) return { kind: 'ignore' };
  const { channel_id: channel, message_ts: stands, thread_ts: thread } = container ?? {};
  const providerId = `${channel ?? ''}:${stands ?? ''}:${action.action_id}:${action.action_ts ?? ''}`;
  if (operator === undefined || user.id !== operator)
    return { kind: 'refuse', refusal: { providerId, sender: user.id, reason: 'not_operator' } };
  const answer = { code: action.value, verdict, providerId, sender: user.id };
  const place = channel === undefined || stands === undefined ? undefined : { channel, ts: stands, thread };
  return { kind: 'decide', answer, receipt: place && receiptOf(place) };
}

/** Why it is not believed. */
function reasonAgainst(
  event: z.infer<typeof messageEvent>,
  operator: string | undefined,
): string | undefined {
  if (typeof event.bot_id === 'string') return 'bot';
  if (event.subtype !== undefined) return 'subtype';
  if (event.channel_type !== 'im') return 'not_direct';
  if (operator === undefined || event.user !== operator) return 'not_operator';
  return (event.text ?? '').trim() === '' ? 'no_text' : undefined;
}

function heard(event: z.infer<typeof messageEvent>, providerId: string, sender: string): NewInbound {
  const place = { channel: event.channel, ts: event.ts, thread: event.thread_ts };
  return {
    providerId,
    conversation: conversationOf(place),
    sender: { id: sender },
    text: asWritten(event.text ?? '').slice(0, 100_000),
    sentAt: new Date(Number(event.ts) * 1_000).toISOString(),
    authenticatedBy: 'slack_user',
    trusted: true,
    details: {
      channel: event.channel,
      ts: event.ts,
      ...(event.thread_ts === undefined ? {} : { thread: event.thread_ts }),
    },
  };
}
