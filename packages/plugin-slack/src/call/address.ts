/** Where a message stands at Slack. `thread` is the message it stands under. */
export interface Place {
  readonly channel: string;
  readonly ts: string;
  readonly thread?: string | undefined;
}

const receiptForm = /^([A-Z][A-Z0-9]+)\/(\d+\.\d+)(?:\/(\d+\.\d+))?$/;
const conversationForm = /^([A-Z][A-Z0-9]+):(\d+\.\d+)$/;

/** The receipt of a message that was taken. */
export function receiptOf({ channel, ts, thread }: Place): string {
  return thread === undefined ? `${channel}/${ts}` : `${channel}/${ts}/${thread}`;
}

/** Undefined for a receipt that is not of this channel's making. */
export function placeOf(receipt: string): Place | undefined {
  const [, channel, ts, thread] = receiptForm.exec(receipt) ?? [];
  return channel === undefined || ts === undefined ? undefined : { channel, ts, thread };
}

/** A thread at Slack, as the runtime names a conversation. */
export function conversationOf({ channel, ts, thread }: Place): string {
  return `${channel}:${thread ?? ts}`;
}

/** Undefined for a conversation of another channel's making. */
export function threadOf(
  conversation: string,
): { readonly channel: string; readonly thread: string } | undefined {
  const [, channel, thread] = conversationForm.exec(conversation) ?? [];
  return channel === undefined || thread === undefined ? undefined : { channel, thread };
}
