import { messageOf } from '@kora/runtime/plugin';
import type { BackgroundDaemonEntry, PluginContext } from '@kora/runtime/plugin';
import { proxiesOf } from './config.ts';
import type { WebhooksConfig } from './config.ts';
import type { Intake } from './intake.ts';
import { Pace } from './judge/pace.ts';
import type { Deliveries } from './keep/deliveries.ts';
import type { Keys } from './keep/keys.ts';
import type { Letters } from './keep/letters.ts';
import type { WatchedThings } from './keep/watched.ts';
import { Receiver } from './listen/receive.ts';
import { PublicPort } from './listen/server.ts';
import type { Refusals } from './tell.ts';
import type { Standing } from './standing.ts';
import type { Watch } from './watch/watch.ts';

export interface DaemonParts {
  readonly context: Pick<PluginContext<WebhooksConfig>, 'clock' | 'config' | 'log'>;
  readonly keys: Keys;
  readonly deliveries: Deliveries;
  readonly letters: Letters;
  readonly things: WatchedThings;
  readonly intake: Intake;
  readonly watch: Watch;
  readonly refusals: Refusals;
  readonly standing: Standing;
}

const finishAtOnce = 50;

/** The public port while it runs; without a source it is there and listens to nothing. */
export class WebhookDaemon {
  readonly #parts: DaemonParts;
  #port: PublicPort | undefined;
  #receiver: Receiver | undefined;

  constructor(parts: DaemonParts) {
    this.#parts = parts;
  }

  get listens(): string | undefined {
    const port = this.#port?.port;
    return port === undefined ? undefined : `${this.#parts.context.config.host}:${port}`;
  }

  entry(): BackgroundDaemonEntry {
    const { context, deliveries, letters, things, intake, watch, refusals, standing } = this.#parts;
    const { config } = context;
    const isOn = Object.keys(config.sources).length > 0;
    return {
      name: 'webhooks',
      startup: async (coordinator) => {
        standing.follow(coordinator);
        if (isOn) await this.#open((error) => coordinator.died(error));
      },
      shutdown: async () => {
        await this.#port?.close();
        this.#port = undefined;
        await this.#receiver?.settled();
        standing.follow(undefined);
        await watch.end();
        if (isOn) await refusals.flush({ all: true }).catch((error: unknown) => this.#untold(error));
      },
      periodicTasks: [
        {
          name: 'webhooks_finish',
          cadence: { everyMs: 15_000 },
          purpose: 'act',
          scope: 'runtime',
          catchUp: 'none',
          run: async () => (isOn && (await intake.finish(finishAtOnce)) > 0 ? 'ok' : 'noop'),
        },
        {
          name: 'webhooks_upkeep',
          cadence: { everyMs: 30_000 },
          purpose: 'observe',
          scope: 'runtime',
          catchUp: 'none',
          run: async () => {
            if (!isOn) return 'noop';
            await deliveries.expire();
            await letters.expire(config.letterDays);
            await things.expire();
            await watch.refresh();
            return (await refusals.flush()) > 0 ? 'ok' : 'noop';
          },
        },
      ],
    };
  }

  async #open(died: (error: unknown) => void): Promise<void> {
    const { context, keys, letters, deliveries, intake, watch, refusals, standing } = this.#parts;
    const { host, port, sources, proxies: nets } = context.config;
    const proxies = proxiesOf(nets);
    await watch.refresh();
    const judging = { pace: new Pace(), keys, letters, deliveries, intake, refusals, standing };
    const receiver = new Receiver({ context, sources, proxies, ...judging });
    this.#receiver = receiver;
    const opened = new PublicPort({
      host,
      port,
      proxies,
      log: context.log,
      clock: context.clock,
      answer: (request) => receiver.answer(request),
      died,
    });
    const had = await opened.open();
    this.#port = opened;
    context.log.info('listening for webhooks', { host, port: had, sources: Object.keys(sources) });
  }

  #untold(error: unknown): void {
    this.#parts.context.log.warn('how many were refused could not be told', { error: messageOf(error) });
  }
}
