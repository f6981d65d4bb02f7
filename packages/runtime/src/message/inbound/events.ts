import { z } from 'zod';
import { classified, eventType } from '../../chain/index.ts';
import type { EventType } from '../../chain/index.ts';

const received = classified({
  public: { inbound_id: z.number(), channel: z.string(), trusted: z.boolean() },
  internal: { provider_id: z.string(), sender: z.string(), authenticated_by: z.string() },
});
export const inboundReceived: EventType<z.infer<typeof received>> = eventType(
  'kora.message.received',
  'A message came in over a channel and is kept; only then its provider was told that it was heard.',
  received,
);

const told = classified({ public: { inbound_id: z.number(), channel: z.string(), waiting: z.number() } });
export const inboundWaits: EventType<z.infer<typeof told>> = eventType(
  'kora.message.waits',
  'Messages wait because Kora is paused; who sent the first of the conversation is told so, once.',
  told,
);

const handled = classified({
  public: {
    inbound_id: z.number(),
    channel: z.string(),
    outcome: z.string(),
    attempts: z.number(),
    ticket: z.number().nullable(),
  },
  internal: { run_id: z.string().nullable() },
});
export const inboundHandled: EventType<z.infer<typeof handled>> = eventType(
  'kora.message.handled',
  'A message that came in was handled, which happens once; its answer, if it has one, is in the outbox.',
  handled,
);

const failed = classified({
  public: { inbound_id: z.number(), channel: z.string(), attempts: z.number() },
  internal: { error: z.string() },
});
export const inboundFailed: EventType<z.infer<typeof failed>> = eventType(
  'kora.message.failed',
  'An attempt at a message that came in failed; it is tried again, and its conversation waits for it.',
  failed,
);

const quarantined = classified({
  public: { inbound_id: z.number(), channel: z.string(), reason: z.string(), bytes: z.number() },
  internal: { provider_id: z.string(), sender: z.string().nullable(), error: z.string().nullable() },
});
export const inboundQuarantined: EventType<z.infer<typeof quarantined>> = eventType(
  'kora.message.quarantined',
  'A message could not be read, or not be handled again and again; it is kept for the operator, and nothing waits for it.',
  quarantined,
);

const settled = classified({
  public: { inbound_id: z.number(), channel: z.string() },
  internal: { reason: z.string() },
});
export const inboundReleased: EventType<z.infer<typeof settled>> = eventType(
  'kora.message.released',
  'The operator let a message out of quarantine; it is handled behind what came meanwhile.',
  settled,
);
export const inboundDropped: EventType<z.infer<typeof settled>> = eventType(
  'kora.message.dropped',
  'The operator gave a message in quarantine up; what it said is forgotten.',
  settled,
);

const refused = classified({
  public: { channel: z.string(), reason: z.string(), count: z.number(), minute: z.string() },
  internal: { sender: z.string().nullable(), detail: z.string().nullable() },
});
export const inboundRefused: EventType<z.infer<typeof refused>> = eventType(
  'kora.message.refused',
  'Somebody or something on a channel was not believed: the first of a minute at once, the others counted at its end.',
  refused,
);

const standing = classified({ public: { channel: z.string() }, internal: { error: z.string().nullable() } });
export const channelDeaf: EventType<z.infer<typeof standing>> = eventType(
  'kora.channel.deaf',
  'A channel hears nothing: listening failed, and is tried again with growing pauses.',
  standing,
);
export const channelHears: EventType<z.infer<typeof standing>> = eventType(
  'kora.channel.hears',
  'A channel that was deaf has listened for a while without failing.',
  standing,
);

export const inboundEvents: readonly EventType[] = [
  inboundReceived,
  inboundWaits,
  inboundHandled,
  inboundFailed,
  inboundQuarantined,
  inboundReleased,
  inboundDropped,
  inboundRefused,
  channelDeaf,
  channelHears,
];
