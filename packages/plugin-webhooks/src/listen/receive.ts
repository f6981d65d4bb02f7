import type { IncomingMessage } from 'node:http';
import type { BlockList } from 'node:net';
import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { SourceConfig } from '../config.ts';
import { boundTo } from '../intake.ts';
import type { Intake, Taken } from '../intake.ts';
import { neighbours, senderOf } from '../judge/address.ts';
import { kept } from '../judge/kept-headers.ts';
import type { Pace } from '../judge/pace.ts';
import { proofOf, signatureHeader } from '../judge/signature.ts';
import type { Deliveries } from '../keep/deliveries.ts';
import type { Keys } from '../keep/keys.ts';
import type { Letters } from '../keep/letters.ts';
import type { Refusals } from '../tell.ts';
import type { Standing } from '../standing.ts';
import { announced, bodyOf, isJson } from './body.ts';
import { challengeIn } from './challenge.ts';

export interface ReceiverParts {
  readonly context: Pick<PluginContext<unknown>, 'clock' | 'log'>;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly proxies: BlockList;
  readonly pace: Pace;
  readonly keys: Keys;
  readonly letters: Letters;
  readonly intake: Intake;
  readonly refusals: Refusals;
  readonly deliveries: Pick<Deliveries, 'answered'>;
  readonly standing: Pick<Standing, 'now'>;
}

export interface Answer {
  readonly status: number;
  /** JSON; a text is said as it is. */
  readonly body: string | Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
  /** Called once it is on its way to the sender, and not where the sender has gone before. */
  readonly said?: () => void;
}

/** Paths that are nobody's are counted together. */
const nobody = '-';
const nobodysPace = 60;
/** Bodies that are read at once, and of one address: more are asked to come again. */
const mostAtOnce = 64;
const mostOfOne = 8;
/** While Kora is stopped, and while a secret is not said: somebody must do something first. */
const laterMs = 60_000;
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
  readonly #reading = new Map<string, number>();
  /** Answers that are on their way, by what they answer: whether one was heard is known once they are written down. */
  readonly #answering = new Map<string, Promise<void>>();

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
      `${source} ${neighbours(peer)}`,
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
    if ((await this.#parts.standing.now()) === 'stopped') return refuse(503, 'stopped', laterMs);
    const whose = neighbours(peer);
    if (!this.#begun(whose)) return refuse(503, 'busy', 1_000);
    try {
      const body = await bodyOf(request, config.largestBody);
      if (body === undefined) return await refuse(413, 'too_large');
      return await this.#judged(request, { source, config, peer }, body);
    } finally {
      this.#ended(whose);
    }
  }

  /** Waits for what is still written about answers that were given. */
  async settled(): Promise<void> {
    await Promise.all(this.#answering.values());
  }

  #begun(whose: string): boolean {
    const all = [...this.#reading.values()].reduce((sum, each) => sum + each, 0);
    const own = this.#reading.get(whose) ?? 0;
    if (all >= mostAtOnce || own >= mostOfOne) return false;
    this.#reading.set(whose, own + 1);
    return true;
  }

  #ended(whose: string): void {
    const left = (this.#reading.get(whose) ?? 1) - 1;
    if (left > 0) this.#reading.set(whose, left);
    else this.#reading.delete(whose);
  }

  async #judged(request: IncomingMessage, caller: Caller, body: Buffer): Promise<Answer> {
    const { context, keys, intake } = this.#parts;
    const { source, config, peer } = caller;
    const { scheme, freshSeconds } = config;
    const secrets = await keys.said(config.secrets);
    const bytes = body.byteLength;
    if (secrets.length === 0)
      return this.#refuse(caller, { status: 503, reason: 'secret_unset', bytes, retryAfterMs: laterMs });
    const now = context.clock.now();
    const { headers } = request;
    const { digest, fault } = proofOf(scheme, { headers, body }, secrets, { now, freshSeconds });
    if (fault !== undefined) {
      await this.#keepUnproven(request, caller, { body, digest, fault });
      return this.#refuse(caller, { status: fault === 'stale' ? 408 : 401, reason: fault, bytes });
    }
    const hello = scheme === 'slack' ? challengeIn(body) : undefined;
    if (hello !== undefined) return { status: 200, body: hello };
    await this.#answering.get(digest);
    const taken = await intake.take({
      source,
      config,
      digest,
      headers: kept(headers, config.headers),
      body,
      peer,
    });
    return this.#said(caller, taken, { bytes, digest });
  }

  /** Writes down that the sender was told. Where that fails, the same once more is taken for a sender who asks again. */
  #told(digest: string, deliveryId: number): void {
    const { deliveries, context } = this.#parts;
    const written = deliveries
      .answered(deliveryId)
      .catch((error: unknown) =>
        context.log.warn('a sender was answered and it is not written down', { error: messageOf(error) }),
      )
      .finally(() => this.#answering.delete(digest));
    this.#answering.set(digest, written);
  }

  async #said(
    caller: Caller,
    taken: Taken,
    { bytes, digest }: { readonly bytes: number; readonly digest: string },
  ): Promise<Answer> {
    switch (taken.kind) {
      case 'made':
      case 'kept':
      case 'known': {
        const { deliveryId } = taken;
        const outcome = taken.kind === 'kept' ? 'kept' : taken.outcome;
        const status = taken.kind === 'known' ? 200 : 202;
        const said = (): void => this.#told(digest, deliveryId);
        return { status, body: { outcome, delivery: deliveryId }, said };
      }
      case 'replayed':
        return this.#refuse(caller, { status: 409, reason: 'replayed', bytes });
      case 'letter': {
        const { reason, detail, letterId, deliveryId } = taken;
        const answer = await this.#refuse(caller, { status: 422, reason, bytes });
        const said = deliveryId === undefined ? {} : { said: () => this.#told(digest, deliveryId) };
        return { ...answer, body: { refused: reason, detail, letter: letterId }, ...said };
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
