import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { anthropic } from './anthropic.ts';
import { openai } from './openai.ts';
import { isAway, isRefusal } from './script.ts';
import type { Asked, Away, Refusal, Reply, Script, Served, Step } from './script.ts';
import { Refused } from './vendor.ts';
import type { Answer, Vendor } from './vendor.ts';

export interface ModelServerOptions {
  readonly script: Script;
  /** Whoever comes with another key is refused with 401; default every key will do. */
  readonly key?: string;
}

const bodies = z.record(z.string(), z.unknown());

/**
 * A provider of models on a socket of this machine that answers by a script: Anthropic Messages at `…/messages`, OpenAI
 * Chat Completions at `…/chat/completions`, whole or as a stream. It refuses what the vendors refuse, counts, and keeps
 * what it was asked. It is for tests: nothing starts it by default, and nothing of it ships.
 */
export class ModelServer implements AsyncDisposable {
  /** What was asked and understood, in the order of arrival. */
  readonly asked: Asked[] = [];
  /** What was refused before a script saw it, with why: the wrong key, or what the vendor would not take. */
  readonly turnedAway: { readonly at: number; readonly status: number; readonly why: string }[] = [];
  readonly served: Served[] = [];
  /** How often the list of models was asked for. */
  looks = 0;
  readonly #server: Server;
  readonly #key: string | undefined;
  #script: Script;
  #turn = 0;
  #calls = 0;

  private constructor({ script, key }: ModelServerOptions) {
    this.#script = script;
    this.#key = key;
    this.#server = createServer((request, response) => {
      response.on('error', () => undefined); // whoever asked has gone
      this.#serve(request, response).catch((error: unknown) => {
        // A script that threw: whoever runs the test reads it in the answer.
        if (!response.headersSent) response.writeHead(500);
        response.end(String(error));
      });
    });
  }

  static async open(options: ModelServerOptions): Promise<ModelServer> {
    const opened = new ModelServer(options);
    opened.#server.listen(0, '127.0.0.1');
    await once(opened.#server, 'listening');
    return opened;
  }

  /** The base that a configuration names for either vendor. */
  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the server is closed');
    return `http://127.0.0.1:${address.port}/v1`;
  }

  /** What comes from now on goes by this one, from its first step. */
  follow(script: Script): void {
    this.#script = script;
    this.#turn = 0;
  }

  /** Cuts every connection, of those as well that hang by the script. */
  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await ended;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const vendor = [anthropic, openai].find(({ name }) =>
      path.endsWith(name === 'anthropic' ? '/messages' : '/chat/completions'),
    );
    const sent = await text(request);
    if (request.method === 'GET' && path.endsWith('/models')) {
      const { status, body } = this.#list(request);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
      return;
    }
    if (vendor === undefined || request.method !== 'POST') {
      response.writeHead(404).end(`there is no ${request.method} ${path} here`);
      return;
    }
    const heard = this.#understand(vendor, { request, sent, at });
    if (heard instanceof Refused) {
      this.turnedAway.push({ at, status: heard.status, why: heard.message });
      refuse(vendor, response, { status: heard.status, message: heard.message });
      return;
    }
    this.asked.push(heard);
    const step = await this.#next(heard);
    if (isAway(step)) return this.#leave(heard, response, step);
    if (isRefusal(step)) {
      refuse(vendor, response, step);
      this.#note(heard, 'refused', 0);
      return;
    }
    const calls = (step.tools ?? []).map((call) => ({ id: this.#callId(vendor), ...call }));
    const answer = { asked: heard, reply: step, id: `msg_scripted_${heard.number}`, calls };
    await this.#answer(vendor, response, answer);
  }

  /** The list of models, in the one form that both vendors share: it is asked for to see whether a key is taken. */
  #list(request: IncomingMessage): { status: number; body: string } {
    this.looks += 1;
    const headers = headersOf(request);
    const vendor = headers['x-api-key'] === undefined ? openai : anthropic;
    const key = vendor.keyOf(headers);
    if (key === undefined || (this.#key !== undefined && key !== this.#key))
      return { status: 401, body: JSON.stringify(vendor.error({ status: 401 })) };
    return { status: 200, body: JSON.stringify({ object: 'list', data: [], has_more: false }) };
  }

  #understand(
    vendor: Vendor,
    { request, sent, at }: { readonly request: IncomingMessage; readonly sent: string; readonly at: number },
  ): Asked | Refused {
    const headers = headersOf(request);
    const key = vendor.keyOf(headers);
    try {
      if (key === undefined || (this.#key !== undefined && key !== this.#key))
        throw new Refused('invalid x-api-key or token', 401);
      const understood = vendor.understand(bodies.parse(JSON.parse(sent)), headers);
      const number = this.asked.length + 1;
      return { ...understood, number, at, vendor: vendor.name, key, headers, bytes: Buffer.byteLength(sent) };
    } catch (error) {
      return error instanceof Refused ? error : new Refused(`the body is no JSON object: ${String(error)}`);
    }
  }

  async #next(asked: Asked): Promise<Step> {
    if (typeof this.#script === 'function') return await this.#script(asked);
    const step = this.#script[this.#turn];
    this.#turn += 1;
    return (
      step ?? {
        status: 400,
        message: `the script has ${this.#script.length} steps and no step ${this.#turn}`,
      }
    );
  }

  async #answer(vendor: Vendor, response: ServerResponse, answer: Answer): Promise<void> {
    const { asked, reply } = answer;
    const limits = reply.headroom === undefined ? {} : vendor.limits(reply.headroom);
    if (!asked.isStream) {
      const body = JSON.stringify(await vendor.whole(answer));
      response.writeHead(200, { 'content-type': 'application/json', ...limits }).end(body);
      this.#note(asked, 'whole', 0);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...limits });
    await this.#stream(vendor, response, answer);
  }

  async #stream(vendor: Vendor, response: ServerResponse, answer: Answer): Promise<void> {
    const { asked, reply } = answer;
    const gone = closed(response);
    const frames = vendor.frames(answer)[Symbol.asyncIterator]();
    let pieces = 0;
    for (;;) {
      // A script may keep the next piece back for ever; whoever asked may leave at any time.
      const next = await Promise.race([frames.next(), gone]);
      if (next === 'gone') {
        this.#note(asked, 'left', pieces);
        return;
      }
      if (next.done === true) break;
      const { text, isPiece } = next.value;
      if (isPiece && reply.breaks?.after === pieces) {
        await breakOff(vendor, response, { how: reply.breaks.how, gone });
        this.#note(asked, 'broken', pieces);
        return;
      }
      if (isPiece) pieces += 1;
      // What was sent before a break has left this process.
      await Promise.race([new Promise((resolve) => response.write(text, resolve)), gone]);
    }
    response.end();
    await gone;
    this.#note(asked, response.writableFinished ? 'whole' : 'left', pieces);
  }

  async #leave(asked: Asked, response: ServerResponse, away: Away): Promise<void> {
    if ('page' in away) {
      response.writeHead(away.status ?? 200, { 'content-type': 'text/html' }).end(away.page);
    } else if (away.away === 'cut') response.destroy();
    else await closed(response);
    this.#note(asked, 'broken', 0);
  }

  #note(asked: Asked, end: Served['end'], pieces: number): void {
    this.served.push({ number: asked.number, end, at: Date.now(), pieces });
  }

  #callId(vendor: Vendor): string {
    this.#calls += 1;
    return `${vendor.name === 'anthropic' ? 'toolu' : 'call'}_scripted_${this.#calls}`;
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** Resolves when the connection is over, by whomever. */
function closed(response: ServerResponse): Promise<'gone'> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve('gone');
    else response.once('close', () => resolve('gone'));
  });
}

function refuse(vendor: Vendor, response: ServerResponse, refusal: Refusal): void {
  const { status, retryAfter } = refusal;
  const later = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  response
    .writeHead(status, { 'content-type': 'application/json', ...later })
    .end(JSON.stringify(vendor.error(refusal)));
}

async function breakOff(
  vendor: Vendor,
  response: ServerResponse,
  { how, gone }: { readonly how: NonNullable<Reply['breaks']>['how']; readonly gone: Promise<'gone'> },
): Promise<void> {
  switch (how) {
    case 'cut':
      response.destroy();
      return;
    case 'error':
      response.end(vendor.errorFrame());
      return;
    case 'nonsense':
      response.end('data: {"this is": no JSON\n\n');
      return;
    case 'hang':
      await gone;
  }
}
