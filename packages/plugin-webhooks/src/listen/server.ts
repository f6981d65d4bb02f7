import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { BlockList, Socket } from 'node:net';
import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { PluginContext, PluginLog } from '@kora/runtime/plugin';
import { isProxy, neighbours, plain } from '../judge/address.ts';
import type { Answer } from './receive.ts';

export interface ServerParts {
  readonly host: string;
  readonly port: number;
  readonly proxies: BlockList;
  readonly log: PluginLog;
  readonly clock: Pick<PluginContext<unknown>['clock'], 'sleep'>;
  answer(request: IncomingMessage): Promise<Answer>;
  /** It listens no more, and nobody asked it to. */
  died(error: unknown): void;
  /** Default the limits below; tests shorten them. */
  readonly limits?: Partial<Limits>;
}

interface Limits {
  /** Milliseconds in which the head of a request must be there, and all of it. */
  readonly headMs: number;
  readonly requestMs: number;
  /** How often it is looked whose time is over. */
  readonly lookMs: number;
  readonly connections: number;
  /** Of one address that is no proxy of ours. */
  readonly connectionsOfOne: number;
}

const usual: Limits = {
  headMs: 5_000,
  requestMs: 10_000,
  lookMs: 1_000,
  connections: 256,
  connectionsOfOne: 32,
};

/** The public port: it reads little, slowly from nobody, and knows nothing but webhooks. */
export class PublicPort {
  readonly #parts: ServerParts;
  readonly #server: Server;
  readonly #limits: Limits;
  readonly #perAddress = new Map<string, number>();
  #isClosing = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    const limits = { ...usual, ...parts.limits };
    this.#limits = limits;
    this.#server = createServer(
      {
        headersTimeout: limits.headMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: limits.lookMs,
        keepAliveTimeout: limits.headMs,
        maxHeaderSize: 16_384,
        requireHostHeader: true,
      },
      (request, response) => this.#answered(request, response),
    );
    this.#server.maxConnections = limits.connections;
    this.#server.maxHeadersCount = 100;
    this.#server.on('connection', (socket: Socket) => this.#counted(socket));
  }

  /** Listens; answers the port. Throws PLUGIN_WEBHOOKS_PORT when it cannot be had. */
  async open(): Promise<number> {
    const { host, port, died } = this.#parts;
    await new Promise<void>((resolve, reject) => {
      const onError = (cause: Error): void =>
        reject(
          new KoraError('PLUGIN_WEBHOOKS_PORT', `${host}:${port} cannot be listened on: ${cause.message}`, {
            fix: 'say another plugins.config.webhooks.port, or end who has it',
            cause,
          }),
        );
      this.#server.once('error', onError);
      this.#server.listen(port, host, () => {
        this.#server.off('error', onError);
        this.#server.on('error', died);
        resolve();
      });
    });
    return this.port ?? port;
  }

  /** The port that it has; undefined while it has none. */
  get port(): number | undefined {
    const bound = this.#server.address();
    return typeof bound === 'object' && bound !== null ? bound.port : undefined;
  }

  /** Takes nothing more, lets what was begun come to its answer, and is gone. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    // What has its head and not its body would be waited for.
    const patience = new AbortController();
    const waited = this.#parts.clock.sleep(this.#limits.lookMs, patience.signal);
    await Promise.race([closed, waited]);
    this.#server.closeAllConnections();
    patience.abort();
    await Promise.all([closed, waited]);
  }

  #answered(request: IncomingMessage, response: ServerResponse): void {
    this.#parts
      .answer(request)
      .catch((error: unknown): Answer => {
        if (!request.destroyed || request.complete)
          this.#parts.log.warn('a webhook was not taken', { error: messageOf(error) });
        // The sender tries again; nothing was kept.
        return { status: 503, body: { refused: 'not_kept' }, retryAfterMs: 5_000 };
      })
      .then((answer) => this.#say(request, response, answer))
      .catch((error: unknown) =>
        this.#parts.log.warn('a sender was not answered', { error: messageOf(error) }),
      );
  }

  #say(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
    if (response.destroyed) return;
    const { status, body, retryAfterMs, said } = answer;
    if (said !== undefined) response.once('finish', said);
    const isText = typeof body === 'string';
    // What was not read to its end is not read to its end for the sake of a connection.
    const ends = !request.complete || this.#isClosing;
    response.writeHead(status, {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
      ...(status === 405 ? { allow: 'POST' } : {}),
      ...(ends ? { connection: 'close' } : {}),
    });
    response.end(isText ? body : `${JSON.stringify(body)}\n`);
  }

  /** One address alone does not take all of the connections there are. */
  #counted(socket: Socket): void {
    const address = plain(socket.remoteAddress ?? '');
    const whose = neighbours(address);
    const count = (this.#perAddress.get(whose) ?? 0) + 1;
    if (count > this.#limits.connectionsOfOne && !isProxy(address, this.#parts.proxies)) {
      socket.destroy();
      return;
    }
    this.#perAddress.set(whose, count);
    socket.once('close', () => {
      const left = (this.#perAddress.get(whose) ?? 1) - 1;
      if (left > 0) this.#perAddress.set(whose, left);
      else this.#perAddress.delete(whose);
    });
  }
}
