import { KoraError } from '@kora/runtime/plugin';
import type { ChainEvent, Consequences, PluginContext } from '@kora/runtime/plugin';
import type { ProbesConfig } from './config.ts';
import { Debounce } from './debounce.ts';
import { ownerOf } from './owner.ts';
import type { Owner } from './owner.ts';
import { readWake, ticketFor, wakeRequested } from './wake.ts';

type WakeContext = Pick<PluginContext<ProbesConfig>, 'chain' | 'config' | 'log' | 'subscribe'>;

/** How far back past wakes are read: the window is minutes, and this many wakes in it would be a storm of its own. */
const rebuildLimit = 1_000;

/**
 * The daemon `probe_wake`: turns each wake into one ticket. The cursor and the ticket move together in the store, and
 * the wake is the ticket's key, so a wake is investigated once over crashes and in a fleet.
 */
export function probeWake(context: WakeContext): Owner {
  let ready: Promise<Debounce> | null = null;
  return ownerOf('probe_wake', async (keep) => {
    ready = null;
    keep(
      await context.subscribe({
        consumer: 'probe_wake',
        types: [wakeRequested],
        react: async (event) => {
          ready ??= rebuilt(context);
          // A failed read must not be remembered: the event comes again, and so must the reading.
          ready.catch(() => (ready = null));
          return react(event, await ready, context);
        },
      }),
    );
  });
}

function react(event: ChainEvent, debounce: Debounce, context: WakeContext): Consequences | undefined {
  const wake = readWake(event);
  if (wake === null) {
    throw new KoraError('PLUGIN_PROBES_WAKE_INVALID', `event ${event.seq} does not hold a wake`, {
      fix: `kora event show ${event.seq}`,
      details: { seq: event.seq },
    });
  }
  if (!debounce.investigates(wake)) {
    const { wakeId, probe, category } = wake;
    context.log.info(`${probe} was investigated a moment ago: this wake is not`, { wakeId, probe, category });
    return undefined;
  }
  return { tickets: [ticketFor(wake)] };
}

async function rebuilt(context: WakeContext): Promise<Debounce> {
  const debounce = new Debounce(context.config.debounceSeconds);
  const past = await context.chain.read({ type: wakeRequested, order: 'desc', limit: rebuildLimit });
  debounce.rebuild(past.map(readWake).filter((wake) => wake !== null));
  return debounce;
}
