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
export { channelStates } from './channel-state.ts';
export type { ChannelState } from './channel-state.ts';
export {
  askDecision,
  Decisions,
  endDrill,
  hurryDrills,
  startDrill,
  waitsOrDenied,
} from './decision/index.ts';
export type { Decider, DecisionView, Ended } from './decision/index.ts';
export { Delivery } from './delivery.ts';
export { defaultPolicy } from './delivery-options.ts';
export type { DeliveryOptions, DeliveryPolicy, StoreChannel } from './delivery-options.ts';
export { channelDown, deliveryFailed, messageEvents, orderChanged, webhookDeadLetter } from './events.ts';
export { inboxChannel } from './inbox.ts';
export { Inbound } from './inbound/inbound.ts';
export type { InboundOptions } from './inbound/inbound.ts';
export {
  dropInbound,
  findInbound,
  forgetInbound,
  countQuarantined,
  listInbound,
  openSealed,
  readReceivedEvent,
  releaseInbound,
} from './inbound/rows.ts';
export type { InboundView } from './inbound/rows.ts';
export type { ListenerStanding } from './inbound/listeners.ts';
export type { Asked, InboundPorts, Question, Standing } from './inbound/ports.ts';
export { isQuiet } from './quiet.ts';
export type { QuietHours } from './quiet.ts';
export { acceptMessage, listMessages, listUndelivered, messageNumber } from './outbox.ts';
export type { MessageView, OutboxContext } from './outbox.ts';
export { passOn, toldOf } from './told.ts';
export type { ToldMessage } from './contract.ts';
export { readMessageLog } from './log.ts';
export type { LoggedMessage, MessageLogPage, MessageLogQuery } from './log.ts';
export { answersTo, readToldStory } from './story.ts';
export type { MessageRef, ToldStory } from './story.ts';
