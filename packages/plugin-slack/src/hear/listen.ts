import type { InboundDoor } from '@kora/runtime/plugin';
import type { SlackContext } from '../context.ts';
import { settled } from '../send/settled.ts';
import { Ear } from './ear.ts';
import { listenToRequests } from './signed.ts';
import { listenOnSocket } from './socket.ts';

/** Which ways in are configured. */
export interface Ways {
  readonly socket: boolean;
  readonly requests: boolean;
}

/** Listens by all of them until aborted; when one is down, so is the channel. Throws PLUGIN_SLACK_*. */
export async function listen(
  context: SlackContext,
  ways: Ways,
  door: InboundDoor,
  signal: AbortSignal,
): Promise<void> {
  const { config, secret, clock, log } = context;
  const { events, slackApiUrl, operatorUserId: operator } = config;
  const down = new AbortController();
  const within = AbortSignal.any([signal, down.signal]);
  const settle = (receipt: string, outcome: string): Promise<void> =>
    settled(context, receipt, outcome, signal);
  const ear = new Ear({ door, operator, log, settle });
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
