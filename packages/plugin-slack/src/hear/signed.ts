import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { InboundDoor, PluginContext, PluginLog } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { EventsConfig } from '../config.ts';
import { bodyOf, header, isTooLarge } from './body.ts';
import type { Ear } from './ear.ts';
import { headFault, Seen, signatureFault } from './signature.ts';

export interface SignedOptions {
  readonly ear: Ear;
  readonly door: Pick<InboundDoor, 'refuse'>;
  readonly events: EventsConfig;
  readonly clock: Pick<PluginContext<unknown>['clock'], 'now'>;
  readonly log: Pick<PluginLog, 'info' | 'warn'>;
  signingSecret(): Promise<string | undefined>;
}

/** Slack gives up after three seconds; whoever is slower is nobody that we wait for. */
const requestMs = 10_000;
/** At once; Slack itself needs a few. */
const mostConnections = 64;
/** Refusals of one minute that the store is asked to count. */
const mostRefused = 120;
const minuteMs = 60_000;

interface Answer {
  readonly status: number;
  readonly body?: string;
}

/**
 * Answers Slack's signed requests until aborted: events, and what was pressed. 200 is said once it is durable. Rejects when
 * the port cannot be had.
 */
export async function listenToRequests(options: SignedOptions, signal: AbortSignal): Promise<void> {
  const { events, log } = options;
  const heard = { seen: new Seen(), refused: 0, minute: 0 };
  const server = createServer(
    { requestTimeout: requestMs, headersTimeout: requestMs },
    (request, response) => {
      answered(options, heard, request)
        .catch((error: unknown) => {
          // Slack sends it again; who hung up before the end is nobody to speak of.
          if (request.complete) log.warn('an event of Slack was not kept', { error: messageOf(error) });
          return { status: 503 } satisfies Answer;
        })
        .then((answer) => say(response, answer))
        .catch((error: unknown) => log.warn('Slack was not answered', { error: messageOf(error) }));
    },
  );
  server.maxConnections = mostConnections;
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    server.on('error', (error) => {
      stop();
      const words = `${events.host}:${events.port} cannot be listened on: ${error.message}`;
      reject(new KoraError('PLUGIN_SLACK_UNREACHABLE', words, { cause: error }));
    });
    server.listen(events.port, events.host, () => {
      const bound = server.address();
      log.info('listening for Slack', {
        port: typeof bound === 'object' ? bound?.port : undefined,
        path: events.path,
      });
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
  });
}

interface Heard {
  readonly seen: Seen;
  /** How many were refused in the minute. */
  refused: number;
  minute: number;
}

/** The head first, then the signature, then the words: before it holds nothing that was sent is read. */
async function answered(options: SignedOptions, heard: Heard, request: IncomingMessage): Promise<Answer> {
  const { events, clock } = options;
  const { seen } = heard;
  if ((request.url ?? '/').split('?', 1)[0] !== events.path) return { status: 404 };
  if (request.method !== 'POST') return { status: 405 };
  const signature = header(request, 'x-slack-signature');
  const timestamp = header(request, 'x-slack-request-timestamp');
  const early = headFault({ timestamp, signature }, clock.now());
  if (early !== undefined) return refused(options, heard, { request, reason: early });
  if (isTooLarge(request)) return { status: 413 };
  const body = await bodyOf(request);
  if (body === undefined) return { status: 413 };
  const secret = await options.signingSecret();
  if (secret === undefined) return { status: 503 };
  const now = clock.now();
  const fault = signatureFault({ timestamp, signature, body }, secret, now);
  const reason = fault ?? (seen.has(signature ?? '', now) ? 'replayed' : undefined);
  if (reason !== undefined || signature === undefined)
    return refused(options, heard, { request, reason: reason ?? 'signature_missing' });
  seen.add(signature, now);
  try {
    return await handed(options.ear, request, body.toString('utf8'));
  } catch (error) {
    // What was not kept may come again as it is.
    seen.delete(signature);
    throw error;
  }
}

/** Counted, but for a flood, in which each would cost the store a transaction. */
async function refused(
  { clock, door, log }: SignedOptions,
  heard: Heard,
  { request, reason }: { readonly request: IncomingMessage; readonly reason: string },
): Promise<Answer> {
  const minute = Math.floor(clock.now() / minuteMs);
  if (minute !== heard.minute) heard.refused = 0;
  heard.minute = minute;
  heard.refused += 1;
  const sender = request.socket.remoteAddress ?? null;
  if (heard.refused <= mostRefused) await door.refuse({ providerId: null, sender, reason });
  else if (heard.refused === mostRefused + 1)
    log.warn('more is refused at the port for Slack than is counted in this minute', { sender, reason });
  return { status: 401 };
}

const challenge = z.looseObject({ type: z.literal('url_verification'), challenge: z.string().max(1_000) });

async function handed(ear: Ear, request: IncomingMessage, text: string): Promise<Answer> {
  if (header(request, 'content-type')?.startsWith('application/x-www-form-urlencoded') === true) {
    await ear.action(parsed(new URLSearchParams(text).get('payload') ?? ''));
    return { status: 200 };
  }
  const body = parsed(text);
  const asked = challenge.safeParse(body);
  if (asked.success) return { status: 200, body: asked.data.challenge };
  await ear.event(body);
  return { status: 200 };
}

/** What Slack signed and is no JSON would be none the next time either: it is taken, and is nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function say(response: ServerResponse, { status, body = '' }: Answer): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(body);
}
