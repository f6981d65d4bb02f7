import { z } from 'zod';
import { classified, eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';
import { decisionEvents } from './decision/events.ts';
import { inboundEvents } from './inbound/events.ts';

const accepted = classified({
  public: {
    message_id: z.number(),
    channel: z.string(),
    severity: z.enum(['critical', 'warning', 'info']),
    source: z.string(),
  },
  internal: { key: z.string(), thread: z.string(), title: z.string() },
});
export const messageAccepted: EventType<z.infer<typeof accepted>> = eventType(
  'notification.accepted',
  'A message to the operator became durable; it will be told once.',
  accepted,
);

const delivered = classified({
  public: {
    message_id: z.number(),
    channel: z.string(),
    attempts: z.number(),
    /** Messages that were told within it. */
    carried: z.number().optional(),
  },
  internal: { receipt: z.string() },
});
export const messageDelivered: EventType<z.infer<typeof delivered>> = eventType(
  'notification.delivered',
  'The channel took the message and gave a receipt.',
  delivered,
);

const failed = classified({
  public: { message_id: z.number(), channel: z.string(), attempts: z.number() },
  internal: { error: z.string() },
});
export const deliveryFailed: EventType<z.infer<typeof failed>> = eventType(
  'notification.delivery_failed',
  'The channel refused a message; it stays in the outbox and is tried again.',
  failed,
);

const rerouted = classified({
  public: {
    message_id: z.number(),
    channel: z.string(),
    to: z.string(),
    /** Tries of the channel that it leaves; 0 for one that is not there. */
    attempts: z.number(),
  },
});
export const messageRerouted: EventType<z.infer<typeof rerouted>> = eventType(
  'notification.rerouted',
  'A message goes to the next of its channels: the one before kept refusing it, or is not there.',
  rerouted,
);

const returned = classified({
  public: { message_id: z.number(), channel: z.string(), to: z.string() },
  internal: { reason: z.string() },
});
export const messageReturned: EventType<z.infer<typeof returned>> = eventType(
  'notification.returned',
  'A channel heard later that what it had taken did not arrive; the message is told over the next one.',
  returned,
);

const down = classified({
  public: { channel: z.string(), failures: z.number() },
  internal: { error: z.string() },
});
export const channelDown: EventType<z.infer<typeof down>> = eventType(
  'notification.channel_down',
  'A channel refused three times in a row: what has another way goes there at the first refusal.',
  down,
);

const up = classified({ public: { channel: z.string() } });
export const channelUp: EventType<z.infer<typeof up>> = eventType(
  'notification.channel_up',
  'A channel that was down took a message, or says that it would.',
  up,
);

const order = classified({
  public: { channels: z.array(z.string()), from: z.array(z.string()) },
  internal: { reason: z.string() },
});
export const orderChanged: EventType<z.infer<typeof order>> = eventType(
  'notification.order_changed',
  'The operator said over which channels, in turn, Kora tells; it is written into kora.json and in force.',
  order,
);

const deadLetter = classified({
  public: { source: z.string(), reason: z.string(), body_bytes: z.number() },
  internal: { peer: z.string() },
});
export const webhookDeadLetter: EventType<z.infer<typeof deadLetter>> = eventType(
  'webhook.dead_letter',
  'A webhook could not be taken: forged, too old, too large, malformed or come twice; the first of its kind in a minute.',
  deadLetter,
);

const intent = classified({
  public: { intent: z.string(), ticket: z.number().nullable(), outcome: z.enum(['ticket', 'logged_only']) },
  internal: { message_id: z.string(), sender: z.string(), subject: z.string() },
});
const emailIntent: EventType<z.infer<typeof intent>> = eventType(
  'intent.email_to_sea_ticket',
  'An email was read as a wish and became a ticket, or was only noted.',
  intent,
);

export const messageEvents: readonly EventType[] = [
  messageAccepted,
  messageDelivered,
  deliveryFailed,
  messageRerouted,
  messageReturned,
  channelDown,
  channelUp,
  orderChanged,
  ...decisionEvents,
  webhookDeadLetter,
  emailIntent,
  ...inboundEvents,
];
