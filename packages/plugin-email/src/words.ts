import type { ChannelSpec, OutboundMessage } from '@kora/runtime/plugin';

// The words of the channel's contract that the face does not name one by one.
export type { OutboundMessage };
export type InboundDoor = Parameters<NonNullable<ChannelSpec['listen']>>[0];
export type NewInbound = Parameters<InboundDoor['accept']>[0];
export type RefusedInbound = Parameters<InboundDoor['refuse']>[0];
