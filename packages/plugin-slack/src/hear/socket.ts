import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { PluginContext, PluginLog } from '@kora/runtime/plugin';
import type { SocketModeClient } from '@slack/socket-mode';
import { z } from 'zod';
import { callOptions, silent } from '../call/client.ts';
import { refusalOf } from '../call/refusal.ts';
import type { Ear } from './ear.ts';

export interface SocketOptions {
  readonly ear: Ear;
  readonly slackApiUrl: string | undefined;
  readonly clock: Pick<PluginContext<unknown>['clock'], 'now' | 'sleep'>;
  readonly log: Pick<PluginLog, 'warn'>;
  appToken(): Promise<string | undefined>;
}

/** Milliseconds to Slack's greeting. */
const greetingMs = 20_000;
/** A connection that lived so long was one; so many in a row that did not are a channel that is down. */
const steadyMs = 10_000;
const mostShort = 5;
/** How long Slack may take to say goodbye. */
const goodbyeMs = 1_000;

/** What Slack hands over a socket, as the library has it. */
interface Envelope {
  readonly type?: string;
  readonly body?: unknown;
  ack(): Promise<void>;
}

/**
 * Listens over Socket Mode until aborted. Slack ends each connection sooner or later and the next one is opened at once; what
 * was not acknowledged comes again there. Rejects when none can be had: the runtime tries again with its own backoff.
 */
export async function listenOnSocket(options: SocketOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  let short = 0;
  while (!signal.aborted) {
    const begun = clock.now();
    await connection(options, signal);
    short = clock.now() - begun < steadyMs ? short + 1 : 0;
    if (short < mostShort || signal.aborted) continue;
    throw unreachable(`Slack ended ${mostShort} connections at once`);
  }
}

/** One connection, from its opening to its end. Throws when it is not had, or when the app has no sockets any more. */
async function connection(options: SocketOptions, signal: AbortSignal): Promise<void> {
  const token = await options.appToken();
  if (token === undefined) throw unreachable('APP_TOKEN is not set');
  const own = new AbortController();
  const within = AbortSignal.any([signal, own.signal]);
  const { SocketModeClient: Client, LogLevel: level } = await import('@slack/socket-mode');
  const client = new Client({
    appToken: token,
    // Its own reconnecting throws where nobody can catch it.
    autoReconnectEnabled: false,
    logger: silent(level.ERROR),
    clientOptions: callOptions(options.slackApiUrl, within),
  });
  const failure = failureOf(client);
  const handling = handle(client, options);
  const ended = new Promise<void>((resolve) => client.once('disconnected', () => resolve()));
  try {
    await greeted(client, options.clock, within);
    await Promise.race([ended, aborted(within)]);
    if (failure.reason === 'link_disabled')
      throw new KoraError('PLUGIN_SLACK_REFUSED', 'Socket Mode is switched off for this app', {
        fix: 'https://api.slack.com/apps: the app, Socket Mode, Enable',
      });
  } catch (error) {
    if (signal.aborted) return;
    throw refusalOf(error ?? failure.error ?? unreachable('the socket was closed before Slack greeted'));
  } finally {
    own.abort();
    await goodbye(client, ended, options.clock);
    client.removeAllListeners('slack_event');
    await Promise.allSettled(handling);
  }
}

/** Opens it and waits for Slack's greeting. Throws what the opening throws. */
async function greeted(
  client: SocketModeClient,
  clock: SocketOptions['clock'],
  signal: AbortSignal,
): Promise<void> {
  const patience = new AbortController();
  const tooLong = clock.sleep(greetingMs, AbortSignal.any([signal, patience.signal])).then((whole) => {
    if (whole) throw unreachable(`no greeting within ${greetingMs / 1_000} s`);
    if (signal.aborted) throw unreachable('given up');
    return undefined;
  });
  const started = client.start();
  started.catch(() => undefined); // the other one may have ended it first
  try {
    await Promise.race([started, tooLong]);
  } finally {
    patience.abort();
    await tooLong.catch(() => undefined);
  }
}

/** What the library tells on the side: an error of the socket, and why Slack ends the connection. */
function failureOf(client: SocketModeClient): { error: unknown; reason: string | undefined } {
  const failure: { error: unknown; reason: string | undefined } = { error: undefined, reason: undefined };
  client.on('error', (error: unknown) => (failure.error = error));
  client.on('ws_message', (data: unknown) => {
    const said = goodbyeReason(data);
    if (said !== undefined) failure.reason = said;
  });
  return failure;
}

const farewell = z.object({ type: z.literal('disconnect'), reason: z.string() });

function goodbyeReason(data: unknown): string | undefined {
  if (typeof data !== 'string' || !data.includes('"disconnect"')) return undefined;
  try {
    return farewell.safeParse(JSON.parse(data)).data?.reason;
  } catch {
    return undefined; // not JSON: the library does not read it either
  }
}

/** Each envelope is acknowledged once it is durable, and not before: what was not comes again. */
function handle(client: SocketModeClient, { ear, log }: SocketOptions): Set<Promise<void>> {
  const handling = new Set<Promise<void>>();
  client.on('slack_event', (envelope: Envelope) => {
    const done = durable(ear, envelope)
      .then(() => envelope.ack())
      .catch((error: unknown) =>
        log.warn('Slack was not told that it was heard', { error: messageOf(error) }),
      )
      .finally(() => handling.delete(done));
    handling.add(done);
  });
  return handling;
}

async function durable(ear: Ear, { type, body }: Envelope): Promise<void> {
  if (type === 'events_api') await ear.event(body);
  if (type === 'interactive') await ear.action(body);
}

async function goodbye(
  client: SocketModeClient,
  ended: Promise<void>,
  clock: SocketOptions['clock'],
): Promise<void> {
  const closing = client.disconnect();
  const patience = new AbortController();
  const waited = clock.sleep(goodbyeMs, patience.signal);
  await Promise.race([closing, ended, waited]);
  patience.abort();
  await waited;
  // Asked again, it closes without waiting for the other side.
  await client.disconnect();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function unreachable(words: string): KoraError {
  return new KoraError('PLUGIN_SLACK_UNREACHABLE', words);
}
