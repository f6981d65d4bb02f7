import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { InboundDoor, PluginContext, PluginLog } from '@kora/runtime/plugin';
import { z } from 'zod';
import type { EventsConfig } from '../config.ts';
import type { Ear } from './ear.ts';
import { Seen, signatureFault } from './signature.ts';

export interface SignedOptions {
  readonly ear: Ear;
  readonly door: Pick<InboundDoor, 'refuse'>;
  readonly events: EventsConfig;
  readonly clock: Pick<PluginContext<unknown>['clock'], 'now'>;
  readonly log: Pick<PluginLog, 'info' | 'warn'>;
  signingSecret(): Promise<string | undefined>;
}

const largestBody = 1_048_576;
/** Slack gives up after three seconds; whoever is slower is nobody that we wait for. */
const requestMs = 10_000;

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
  const seen = new Seen();
  const server = createServer(
    { requestTimeout: requestMs, headersTimeout: requestMs },
    (request, response) => {
      answered(options, seen, request)
        .catch((error: unknown) => {
          // Slack sends it again.
          log.warn('an event of Slack was not kept', { error: messageOf(error) });
          return { status: 503 } satisfies Answer;
        })
        .then((answer) => say(response, answer))
        .catch((error: unknown) => log.warn('Slack was not answered', { error: messageOf(error) }));
    },
  );
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      server.close(() => resolve());
      server.closeAllConnections();
    };
    server.once('error', (error) => {
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

/** Signature first, then the words: before it holds nothing that was sent is read. */
async function answered(options: SignedOptions, seen: Seen, request: IncomingMessage): Promise<Answer> {
  const { events, clock, door } = options;
  if (new URL(request.url ?? '/', 'http://x').pathname !== events.path) return { status: 404 };
  if (request.method !== 'POST') return { status: 405 };
  const body = await bodyOf(request);
  if (body === undefined) return { status: 413 };
  const secret = await options.signingSecret();
  if (secret === undefined) return { status: 503 };
  const signature = header(request, 'x-slack-signature');
  const timestamp = header(request, 'x-slack-request-timestamp');
  const now = clock.now();
  const fault = signatureFault({ timestamp, signature, body }, secret, now);
  const reason = fault ?? (seen.has(signature ?? '', now) ? 'replayed' : undefined);
  if (reason !== undefined || signature === undefined) {
    await door.refuse({
      providerId: null,
      sender: request.socket.remoteAddress ?? null,
      reason: reason ?? 'signature_missing',
    });
    return { status: 401 };
  }
  seen.add(signature, now);
  try {
    return await handed(options.ear, request, body.toString('utf8'));
  } catch (error) {
    // What was not kept may come again as it is.
    seen.delete(signature);
    throw error;
  }
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

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

function say(response: ServerResponse, { status, body = '' }: Answer): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(body);
}
