import type { ChannelSpec, InboundDoor } from '@kora/runtime/plugin';
import { check } from './check.ts';
import type { SlackContext } from './context.ts';
import { listen } from './hear/listen.ts';
import type { Ways } from './hear/listen.ts';
import { Sender } from './send/sender.ts';
import { settled } from './send/settled.ts';

/** The channel `slack`. It listens where a way in is configured, and else only tells. */
export function slackChannel(context: SlackContext, ways: Ways): ChannelSpec {
  const sender = new Sender({ context });
  const { longestText } = context.config;
  return {
    name: 'slack',
    offers: { attachments: true, buttons: true, longestText },
    send: (message, signal) => sender.send(message, signal),
    check: (signal) => check(context, signal),
    settle: (receipt, outcome, signal) => settled(context, receipt, outcome, signal),
    ...(ways.socket || ways.requests
      ? { listen: (door: InboundDoor, signal: AbortSignal) => listen(context, ways, door, signal) }
      : {}),
  };
}
