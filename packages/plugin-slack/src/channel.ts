import type { ChannelSpec, InboundDoor, PluginContext } from '@kora/runtime/plugin';
import { openClient } from './call/client.ts';
import { refusalOf } from './call/refusal.ts';
import { check } from './check.ts';
import type { SlackConfig } from './config.ts';
import { Ear } from './hear/ear.ts';
import { listenToRequests } from './hear/signed.ts';
import { listenOnSocket } from './hear/socket.ts';
import { Sender } from './send/sender.ts';
import { settle } from './send/settle.ts';

export type SlackContext = Pick<
  PluginContext<SlackConfig>,
  'workspace' | 'config' | 'secret' | 'artifacts' | 'clock' | 'log'
>;

export interface Ways {
  readonly socket: boolean;
  readonly requests: boolean;
}

/** The channel `slack`. It listens where a way in is configured, and else only tells. */
export function slackChannel(context: SlackContext, ways: Ways): ChannelSpec {
  const sender = new Sender({ context });
  const { longestText } = context.config;
  const shows = (receipt: string, outcome: string, signal: AbortSignal): Promise<void> =>
    settled(context, receipt, outcome, signal);
  return {
    name: 'slack',
    offers: { attachments: true, buttons: true, longestText },
    send: (message, signal) => sender.send(message, signal),
    check: (signal) => check(context, signal),
    settle: shows,
    ...(ways.socket || ways.requests
      ? { listen: (door: InboundDoor, signal: AbortSignal) => listen(context, ways, door, signal) }
      : {}),
  };
}

async function settled(
  { config, secret }: SlackContext,
  receipt: string,
  outcome: string,
  signal: AbortSignal,
): Promise<void> {
  const token = await secret('BOT_TOKEN');
  if (token === undefined) return;
  try {
    await settle(await openClient(token, config.slackApiUrl, signal), receipt, outcome);
  } catch (error) {
    throw refusalOf(error);
  }
}

/** All ways in; when one is down, so is the channel. */
async function listen(
  context: SlackContext,
  ways: Ways,
  door: InboundDoor,
  signal: AbortSignal,
): Promise<void> {
  const { config, secret, clock, log } = context;
  const down = new AbortController();
  const within = AbortSignal.any([signal, down.signal]);
  const ear = new Ear({
    door,
    operator: config.operatorUserId,
    log,
    settle: (receipt, outcome) => settled(context, receipt, outcome, signal),
  });
  const { events, slackApiUrl } = config;
  const appToken = (): Promise<string | undefined> => secret('APP_TOKEN');
  const signingSecret = (): Promise<string | undefined> => secret('SIGNING_SECRET');
  const listening = [
    ...(ways.socket ? [listenOnSocket({ ear, slackApiUrl, clock, log, appToken }, within)] : []),
    ...(ways.requests && events !== undefined
      ? [listenToRequests({ ear, door, events, clock, log, signingSecret }, within)]
      : []),
  ];
  try {
    await Promise.all(listening);
  } finally {
    down.abort();
    await Promise.allSettled(listening);
    await ear.ended();
  }
}
