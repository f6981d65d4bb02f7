import { z } from 'zod';
import { eventType } from '../chain/index.ts';
import type { EventType } from '../chain/index.ts';

const accepted = z.object({
  message_id: z.number(),
  key: z.string(),
  channel: z.string(),
  thread: z.string(),
  severity: z.enum(['critical', 'warning', 'info']),
  title: z.string(),
  source: z.string(),
});
export const messageAccepted: EventType<z.infer<typeof accepted>> = eventType(
  'notification.accepted',
  'A message to the operator became durable; it will be told once.',
  accepted,
);

const delivered = z.object({
  message_id: z.number(),
  channel: z.string(),
  receipt: z.string(),
  attempts: z.number(),
});
export const messageDelivered: EventType<z.infer<typeof delivered>> = eventType(
  'notification.delivered',
  'The channel took the message and gave a receipt.',
  delivered,
);

const failed = z.object({
  message_id: z.number(),
  channel: z.string(),
  error: z.string(),
  attempts: z.number(),
});
export const deliveryFailed: EventType<z.infer<typeof failed>> = eventType(
  'notification.delivery_failed',
  'The channel refused a message; it stays in the outbox and is tried again.',
  failed,
);

export const messageEvents: readonly EventType[] = [messageAccepted, messageDelivered, deliveryFailed];
