export type {
  ChannelOffers,
  ChannelSpec,
  DecisionAnswer,
  InboundDoor,
  NewInbound,
  NewMessage,
  OutboundMessage,
  RefusedInbound,
  SendRefusal,
  Severity,
} from './contract.ts';
export { Delivery } from './delivery.ts';
export type { DeliveryOptions, StoreChannel } from './delivery.ts';
export { deliveryFailed, messageEvents, webhookDeadLetter } from './events.ts';
export { inboxChannel } from './inbox.ts';
export { acceptMessage, listMessages, listUndelivered, messageNumber } from './outbox.ts';
export type { MessageView, OutboxContext } from './outbox.ts';
