import { createHash } from 'node:crypto';
import { KoraError, messageOf } from '@kora/runtime/plugin';
import type { PluginLog } from '@kora/runtime/plugin';
import type { SourceConfig } from './config.ts';
import { proofOf, signatureHeader } from './judge/signature.ts';
import type { Deliveries, Known, Outcome, Unfinished } from './keep/deliveries.ts';
import type { Keys } from './keep/keys.ts';
import type { Letter, Letters } from './keep/letters.ts';
import { bytesOf } from './keep/sealing.ts';
import { Unmakeable, Waiting } from './make/make.ts';
import type { Maker } from './make/make.ts';
import type { Said } from './template/path.ts';
import { Missing, oneLine, templateOf, textOf } from './template/template.ts';

export interface IntakeParts {
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly log: PluginLog;
  readonly keys: Keys;
  readonly deliveries: Deliveries;
  readonly letters: Letters;
  readonly maker: Maker;
}

/** A webhook whose signature held. */
export interface Arrival {
  readonly source: string;
  readonly config: SourceConfig;
  readonly digest: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly peer: string;
}

export type Taken =
  | { readonly kind: 'made'; readonly outcome: Outcome; readonly deliveryId: number }
  /** Durable, and made into something a little later. */
  | { readonly kind: 'kept'; readonly deliveryId: number }
  | {
      readonly kind: 'letter';
      readonly letterId: number;
      /** Undefined where it was no webhook at all. */
      readonly deliveryId: number | undefined;
      readonly reason: string;
      readonly detail: string;
    }
  /** The sender asks again, and was right to: nothing more is made. */
  | { readonly kind: 'known'; readonly outcome: Outcome | 'kept'; readonly deliveryId: number }
  | { readonly kind: 'replayed' };

/** What the sender calls it, where the source does not say. */
const usualDelivery = {
  generic: '{header.x-kora-delivery|}',
  github: '{header.x-github-delivery|}',
  slack: '{body.event_id|}',
} as const;

/** After so many attempts it is a dead letter. */
const mostAttempts = 10;

/** Keeps what proved itself, makes what the rules say of it, and sets aside what nothing can be made of. */
export class Intake {
  readonly #parts: IntakeParts;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Durable when it resolves, whatever it answers. Throws what the store throws; then nothing was kept. */
  async take(arrival: Arrival): Promise<Taken> {
    const { source, config, digest, headers } = arrival;
    const { deliveries, keys } = this.#parts;
    const body = parsed(arrival.body);
    if (body === undefined)
      return this.#setAside(arrival, new Unmakeable('malformed', 'its body is no JSON'));
    const said: Said = { body: body.value, headers };
    let providerId: string | null;
    try {
      providerId = providerIdOf(config, said);
    } catch (error) {
      if (error instanceof Missing)
        return this.#setAside(arrival, new Unmakeable('place_missing', error.message));
      throw error;
    }
    const sealed = await keys.seal(arrival.body, config.secrets, boundTo(source, digest));
    const { replayDays } = config;
    const words = wordsOf(arrival.body);
    const taking = { source, digest, providerId, words, headers, sealed, replayDays };
    const taken = await deliveries.take(taking);
    if (typeof taken !== 'number') return again(taken);
    const deliveryId = taken;
    try {
      const making = { source, config, deliveryId, digest, providerId };
      return { kind: 'made', outcome: await this.#parts.maker.make(making, said), deliveryId };
    } catch (error) {
      if (error instanceof Unmakeable) return this.#setAside(arrival, error, deliveryId);
      if (!(error instanceof Waiting))
        this.#parts.log.warn('a webhook is kept and will be made into something later', {
          source,
          delivery: deliveryId,
          error: messageOf(error),
        });
      return { kind: 'kept', deliveryId };
    }
  }

  /** Goes on with what was kept and not finished: after a crash, or with something away. Answers how many. */
  async finish(limit: number): Promise<number> {
    const unfinished = await this.#parts.deliveries.unfinished(limit);
    for (const each of unfinished) await this.#finish(each);
    return unfinished.length;
  }

  /** What a dead letter says. Throws PLUGIN_WEBHOOKS_UNKNOWN, PLUGIN_WEBHOOKS_OVER, PLUGIN_WEBHOOKS_SEALED. */
  async read(letterId: number): Promise<{ readonly letter: Letter; readonly body: Buffer }> {
    const letter = await this.#parts.letters.find(letterId);
    if (letter === undefined)
      throw new KoraError('PLUGIN_WEBHOOKS_UNKNOWN', `there is no dead letter ${letterId}`, {
        fix: 'kora webhook list',
      });
    if (letter.state !== 'kept')
      throw new KoraError('PLUGIN_WEBHOOKS_OVER', `dead letter ${letterId} was ${letter.state} before`);
    const names = this.#parts.sources[letter.source]?.secrets ?? [];
    const body = await this.#parts.keys.open(letter.body, names, boundTo(letter.source, letter.digest));
    return { letter, body };
  }

  /**
   * Tries a dead letter again, by the configuration and the secrets of now: once, when that succeeds. One whose signature
   * did not hold must hold this time. Throws what `read` throws, and PLUGIN_WEBHOOKS_REFUSED.
   */
  async replay(letterId: number): Promise<Outcome> {
    const { letter, body } = await this.read(letterId);
    const { source, digest } = letter;
    const config = this.#parts.sources[source];
    if (config === undefined) throw refused(`there is no source ${source} any more`);
    if (!letter.proven) await this.#proveAgain(letter, config, body);
    const json = parsed(body);
    if (json === undefined) throw refused('its body is no JSON, and will be none');
    const said: Said = { body: json.value, headers: letter.headers };
    try {
      const providerId = providerIdOf(config, said);
      const deliveryId = await this.#deliveryOf(letter, config, body, providerId);
      const making = { source, config, deliveryId, digest, providerId, letterId };
      const outcome = await this.#parts.maker.make(making, said);
      await this.#parts.letters.end(letterId, 'replayed');
      return outcome;
    } catch (error) {
      const why = error instanceof Missing ? new Unmakeable('place_missing', error.message) : error;
      if (!(why instanceof Unmakeable)) throw error;
      await this.#parts.letters.still(letterId, why.reason, why.message);
      throw refused(`${why.reason}: ${why.message}`);
    }
  }

  async #proveAgain(letter: Letter, config: SourceConfig, body: Uint8Array): Promise<void> {
    const { scheme, secrets, freshSeconds } = config;
    const headers = {
      ...letter.headers,
      ...(letter.signature === null ? {} : { [signatureHeader(scheme)]: letter.signature }),
    };
    const now = Date.parse(letter.receivedAt);
    const { fault } = proofOf(scheme, { headers, body }, await this.#parts.keys.said(secrets), {
      now,
      freshSeconds,
    });
    // That it came late is the operator's to overlook; that nobody signed it is not.
    if (fault !== undefined && fault !== 'stale')
      throw refused(`${fault}: none of the secrets of ${letter.source} signed it`);
  }

  /** The row under which it is known; made where it has none yet. */
  async #deliveryOf(
    { source, digest, headers }: Letter,
    config: SourceConfig,
    body: Uint8Array,
    providerId: string | null,
  ): Promise<number> {
    const { deliveries, keys } = this.#parts;
    const known = await deliveries.find(source, digest);
    if (known?.state === 'letter') return known.deliveryId;
    if (known === undefined) {
      const sealed = await keys.seal(body, config.secrets, boundTo(source, digest));
      const { replayDays } = config;
      const words = wordsOf(body);
      const made = await deliveries.take({ source, digest, providerId, words, headers, sealed, replayDays });
      if (typeof made === 'number') return made;
    }
    throw refused('the same webhook was taken in the meantime: drop this one');
  }

  async #finish(kept: Unfinished): Promise<void> {
    const { source, digest, providerId, deliveryId, headers } = kept;
    const { sources, keys, maker, log, deliveries, letters } = this.#parts;
    const config = sources[source];
    try {
      if (config === undefined) throw new Unmakeable('source_gone', `there is no source ${source} any more`);
      const body = parsed(await keys.open(kept.body, config.secrets, boundTo(source, digest)));
      if (body === undefined) throw new Unmakeable('malformed', 'its body is no JSON');
      await maker.make({ source, config, deliveryId, digest, providerId }, { body: body.value, headers });
    } catch (error) {
      if (error instanceof Waiting) return;
      if (!(error instanceof Unmakeable) && kept.attempts < mostAttempts) {
        log.warn('a webhook that is kept could not be finished', { source, error: messageOf(error) });
        return;
      }
      const reason = error instanceof Unmakeable ? error.reason : 'not_handled';
      const sealed = this.#resealed(kept);
      const letter = {
        source,
        digest,
        proven: true,
        reason,
        detail: messageOf(error).slice(0, 300),
        peer: 'unknown',
      };
      await letters.keep(
        { ...letter, headers, signature: null, sealed, bytes: sealed?.byteLength ?? 0 },
        deliveries.done(deliveryId, 'letter'),
      );
    }
  }

  /** As it lies: it is bound to the same words. */
  #resealed({ body }: Unfinished): Uint8Array | null {
    return bytesOf(body) ?? null;
  }

  async #setAside(arrival: Arrival, why: Unmakeable, deliveryId?: number): Promise<Taken> {
    const { source, config, digest, headers, peer, body } = arrival;
    const { keys, letters, deliveries } = this.#parts;
    const sealed = await keys.seal(body, config.secrets, boundTo(source, digest));
    const { reason, message: detail } = why;
    const letter = { source, digest, proven: true, reason, detail, peer, headers, signature: null, sealed };
    const more = deliveryId === undefined ? [] : [deliveries.done(deliveryId, 'letter')];
    const { letterId, isNew } = await letters.keep({ ...letter, bytes: body.byteLength }, ...more);
    return isNew ? { kind: 'letter', letterId, deliveryId, reason, detail } : { kind: 'replayed' };
  }
}

/** Of one that was there before. A dead letter is the operator's to try again, and nobody else's. */
function again({ deliveryId, state, isRetry }: Known): Taken {
  if (!isRetry || state === 'letter') return { kind: 'replayed' };
  return { kind: 'known', outcome: state === 'received' ? 'kept' : state, deliveryId };
}

function wordsOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

/** What a sealed body is bound to. */
export function boundTo(source: string, digest: string): string {
  return `${source} ${digest}`;
}

function providerIdOf(config: SourceConfig, said: Said): string | null {
  const template = config.delivery ?? usualDelivery[config.scheme];
  const id = oneLine(textOf(templateOf(template), said), 200);
  return id === '' ? null : id;
}

function parsed(body: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown };
  } catch {
    return undefined; // no JSON, or no UTF-8
  }
}

function refused(why: string): KoraError {
  return new KoraError('PLUGIN_WEBHOOKS_REFUSED', why, { fix: 'kora webhook list' });
}
