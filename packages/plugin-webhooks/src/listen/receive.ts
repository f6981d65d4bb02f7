import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { SourceConfig } from '../config.ts';
import { boundTo } from '../intake.ts';
import type { Intake, Taken } from '../intake.ts';
import { senderOf } from '../judge/address.ts';
import { kept } from '../judge/kept-headers.ts';
import type { Pace } from '../judge/pace.ts';
import { proofOf, signatureHeader } from '../judge/signature.ts';
import type { Keys } from '../keep/keys.ts';
import type { Letters } from '../keep/letters.ts';
import type { Refusals } from '../tell.ts';
import { announced, bodyOf, isJson } from './body.ts';

export interface ReceiverParts {
  readonly context: Pick<PluginContext<unknown>, 'clock' | 'log'>;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly proxies: BlockList;
  readonly pace: Pace;
  readonly keys: Keys;
  readonly letters: Letters;
  readonly intake: Intake;
  readonly refusals: Refusals;
}

export interface Answer {
  readonly status: number;
  /** JSON; a text is said as it is. */
  readonly body: string | Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
}

/** Paths that are nobody's are counted together. */
const nobody = '-';
const nobodysPace = 60;
/** Bodies that are read at once: more are asked to come again. */
const mostAtOnce = 32;
/** Bytes that are kept of somebody who proved nothing. */
const largestUnproven = 65_536;
const unprovenPerMinute = 10;

interface Caller {
  readonly source: string;
  readonly config: SourceConfig;
  readonly peer: string;
}

/** Answers one request: cheap questions first, the signature before a word is read, and 2xx once it is durable. */
export class Receiver {
  readonly #parts: ReceiverParts;
  #reading = 0;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  async answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD'))
      return { status: 200, body: 'ok\n' };
    const { sources, proxies, context } = this.#parts;
    const [, name = ''] = /^\/webhooks\/([a-z][a-z0-9-]{0,39})$/.exec(path) ?? [];
    const config = Object.hasOwn(sources, name) ? sources[name] : undefined;
    const source = config === undefined ? nobody : name;
    const forwarded = request.headers['x-forwarded-for'];
    const peer = senderOf(
      request.socket.remoteAddress,
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
      proxies,
    );
    const waitMs = this.#parts.pace.ask(
      `${source} ${peer}`,
      config?.perMinute ?? nobodysPace,
      context.clock.now(),
    );
    const refuse = (status: number, reason: string, retryAfterMs?: number): Promise<Answer> =>
      this.#refuse({ source, peer }, { status, reason, bytes: announced(request) ?? 0, retryAfterMs });
    if (waitMs > 0) return refuse(429, 'rate_limited', waitMs);
    if (config === undefined) return refuse(404, 'unknown_source');
    if (request.method !== 'POST') return refuse(405, 'method_not_allowed');
    if (!isJson(request)) return refuse(415, 'not_json');
    if ((announced(request) ?? 0) > config.largestBody) return refuse(413, 'too_large');
    if (this.#reading >= mostAtOnce) return refuse(503, 'busy', 1_000);
    this.#reading += 1;
    try {
      const body = await bodyOf(request, config.largestBody);
      if (body === undefined) return await refuse(413, 'too_large');
      return await this.#judged(request, { source, config, peer }, body);
    } finally {
      this.#reading -= 1;
    }
  }

  async #judged(request: IncomingMessage, caller: Caller, body: Buffer): Promise<Answer> {
    const { context, keys, intake } = this.#parts;
    const { source, config, peer } = caller;
    const { scheme, freshSeconds } = config;
    const secrets = await keys.said(config.secrets);
    const bytes = body.byteLength;
    if (secrets.length === 0) return this.#refuse(caller, { status: 503, reason: 'secret_unset', bytes });
    const now = context.clock.now();
    const { headers } = request;
    const { digest, fault } = proofOf(scheme, { headers, body }, secrets, { now, freshSeconds });
    if (fault !== undefined) {
      await this.#keepUnproven(request, caller, { body, digest, fault });
      return this.#refuse(caller, { status: fault === 'stale' ? 408 : 401, reason: fault, bytes });
    }
    const hello = scheme === 'slack' ? challengeIn(body) : undefined;
    if (hello !== undefined) return { status: 200, body: hello };
    const taken = await intake.take({
      source,
      config,
      digest,
      headers: kept(headers, config.headers),
      body,
      peer,
    });
    return this.#said(caller, taken, bytes);
  }

  async #said(caller: Caller, taken: Taken, bytes: number): Promise<Answer> {
    switch (taken.kind) {
      case 'made':
        return { status: 202, body: { outcome: taken.outcome, delivery: taken.deliveryId } };
      case 'kept':
        return { status: 202, body: { outcome: 'kept', delivery: taken.deliveryId } };
      case 'replayed':
        return this.#refuse(caller, { status: 409, reason: 'replayed', bytes });
      case 'letter': {
        const { reason, detail, letterId } = taken;
        const answer = await this.#refuse(caller, { status: 422, reason, bytes });
        return { ...answer, body: { refused: reason, detail, letter: letterId } };
      }
    }
  }

  async #refuse(
    { source, peer }: Pick<Caller, 'source' | 'peer'>,
    given: {
      readonly status: number;
      readonly reason: string;
      readonly bytes: number;
      readonly retryAfterMs?: number | undefined;
    },
  ): Promise<Answer> {
    const { status, reason, bytes, retryAfterMs } = given;
    await this.#parts.refusals
      .tell({ source, reason, peer, bytes })
      // A no is said also where nobody can be told of it.
      .catch((error: unknown) =>
        this.#parts.context.log.warn('a webhook was refused and not told', {
          source,
          reason,
          error: messageOf(error),
        }),
      );
    return { status, body: { refused: reason }, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }

  /** Kept in case that it was our secret that was wrong. Not to be had is no reason to answer otherwise. */
  async #keepUnproven(
    request: IncomingMessage,
    { source, config, peer }: Caller,
    { body, digest, fault }: { readonly body: Buffer; readonly digest: string; readonly fault: string },
  ): Promise<void> {
    const { keys, letters, context, pace } = this.#parts;
    const signature = request.headers[signatureHeader(config.scheme)];
    // Without a signature it can never be proved: there is nothing to keep it for.
    if (typeof signature !== 'string' || body.byteLength > largestUnproven) return;
    // From however many addresses: who proves nothing writes little.
    if (pace.ask(`letters of ${source}`, unprovenPerMinute, context.clock.now()) > 0) return;
    try {
      const sealed = await keys.seal(body, config.secrets, boundTo(source, digest));
      const headers = kept(request.headers, config.headers);
      const letter = { source, digest, proven: false, reason: fault, detail: '', peer, headers, sealed };
      await letters.keep({ ...letter, signature: signature.slice(0, 200), bytes: body.byteLength });
    } catch (error) {
      context.log.warn('a webhook that was refused could not be kept', { source, error: messageOf(error) });
    }
  }
}

/** How Slack asks whether an address is ours: it is told its own word back. */
function challengeIn(body: Buffer): string | undefined {
  try {
    const said = JSON.parse(body.toString('utf8')) as {
      readonly type?: unknown;
      readonly challenge?: unknown;
    } | null;
    if (said?.type !== 'url_verification' || typeof said.challenge !== 'string') return undefined;
    return said.challenge.slice(0, 1_000);
  } catch {
    return undefined; // it is kept as malformed
  }
}
