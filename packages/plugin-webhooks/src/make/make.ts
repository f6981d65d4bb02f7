import { messageOf } from '@kora/runtime/plugin';
import type { PluginContext } from '@kora/runtime/plugin';
import type { SourceConfig } from '../config.ts';
import type { Deliveries, Outcome } from '../keep/deliveries.ts';
import type { WatchedThings } from '../keep/watched.ts';
import { mostKeys } from '../keep/watched.ts';
import type { Said } from '../template/path.ts';
import { Missing } from '../template/template.ts';
import type { Watch } from '../watch/watch.ts';
import type { Standing } from '../standing.ts';
import { heardOf, ruleFor, ticketOf } from './rules.ts';

export interface MakerParts {
  readonly context: Pick<PluginContext<unknown>, 'chain' | 'log' | 'tickets'>;
  readonly deliveries: Deliveries;
  readonly things: WatchedThings;
  readonly watch: Watch;
  readonly standing: Pick<Standing, 'now'>;
}

/** A webhook that is kept, and of which something is to be made. */
export interface Making {
  readonly source: string;
  readonly config: SourceConfig;
  readonly deliveryId: number;
  readonly digest: string;
  readonly providerId: string | null;
  /** The dead letter that is tried again. */
  readonly letterId?: number;
}

/** Nothing can be made of it: not now and not later, unless the configuration changes. */
export class Unmakeable extends Error {
  readonly reason: string;

  constructor(reason: string, detail: string) {
    super(detail);
    this.reason = reason;
  }
}

/** What it makes is made once Kora goes on. */
export class Waiting extends Error {
  constructor() {
    super('Kora is paused');
  }
}

/** Makes of a webhook what the rules of its source say; the same one twice makes the same thing once. */
export class Maker {
  readonly #parts: MakerParts;

  constructor(parts: MakerParts) {
    this.#parts = parts;
  }

  /** Throws Unmakeable, and Waiting while Kora is paused; anything else it throws may go away by itself. */
  async make(making: Making, said: Said): Promise<Outcome> {
    try {
      const { outcome, ticketId } = await this.#made(making, said);
      await this.#told(making, outcome, ticketId);
      return outcome;
    } catch (error) {
      if (error instanceof Missing) throw new Unmakeable('place_missing', error.message);
      if (error instanceof Error && Reflect.get(error, 'code') === 'KORA_TICKET_INVALID')
        throw new Unmakeable('ticket_invalid', error.message.slice(0, 300));
      throw error;
    }
  }

  async #made(
    { source, config, deliveryId, digest }: Making,
    said: Said,
  ): Promise<{ readonly outcome: Outcome; readonly ticketId: number | null }> {
    const { context, deliveries, things, watch, standing } = this.#parts;
    const rule = ruleFor(config.rules, said);
    if (rule === undefined) {
      // GitHub says hello once, with an event that concerns nobody.
      const isHello = config.scheme === 'github' && said.headers['x-github-event'] === 'ping';
      if (config.otherwise !== 'ignore' && !isHello)
        throw new Unmakeable('no_rule', 'no rule of the source fits it');
      await deliveries.end(deliveryId, 'ignored');
      return { outcome: 'ignored', ticketId: null };
    }
    if (rule.incident !== undefined) {
      const heard = heardOf(rule.incident, said, source);
      if (heard.key === '') throw new Unmakeable('place_missing', 'the key of what is watched is empty');
      if (!(await things.hear(heard, deliveries.done(deliveryId, 'incident'))))
        throw new Unmakeable('too_many_keys', `${mostKeys} things of ${source} are watched already`);
      // The table is the truth; a probe that is not there yet comes with the next look at it.
      await watch
        .refresh()
        .catch((error: unknown) =>
          context.log.warn('a probe was not registered', { error: messageOf(error) }),
        );
      return { outcome: 'incident', ticketId: null };
    }
    if (rule.ticket === undefined) throw new Unmakeable('no_rule', 'the rule makes nothing');
    const ticket = ticketOf(rule.ticket, said, { source, digest });
    // What is watched is looked at also while paused, as by every probe; work waits, and is refused here where it is none.
    if ((await standing.now()) !== 'open') throw new Waiting();
    const { ticketId } = await context.tickets.add(ticket);
    await deliveries.end(deliveryId, 'ticket', ticketId);
    return { outcome: 'ticket', ticketId };
  }

  async #told(
    { source, deliveryId, providerId, letterId }: Making,
    outcome: Outcome,
    ticketId: number | null,
  ): Promise<void> {
    const payload = {
      source,
      outcome,
      delivery: deliveryId,
      ticket: ticketId,
      letter: letterId ?? null,
      provider_id: providerId,
    };
    await this.#parts.context.chain
      .append({ type: 'webhooks.taken', payload, ...(ticketId === null ? {} : { ticketId }) })
      .catch((error: unknown) =>
        this.#parts.context.log.warn('a webhook was taken and not told', { error: messageOf(error) }),
      );
  }
}
