import { KoraError } from '@kora/runtime/plugin';
import type { ChainEvent, Consequences, PluginContext } from '@kora/runtime/plugin';
import { Debounce } from '../debounce.ts';
import { ownerOf } from '../owner.ts';
import type { Owner } from '../owner.ts';
import type { WakeConfig } from '../wake-config.ts';
import { alertTicketFor, alertWakeRequested, readAlertWake } from './wake.ts';
import type { AlertWake } from './wake.ts';

type AlertWakeContext = Pick<PluginContext<WakeConfig>, 'chain' | 'config' | 'log' | 'subscribe'>;

const rebuildLimit = 1_000;

/** The daemon `alert_wake`: turns the wake of an alert into one ticket. What belongs to an incident is left to it. */
export function alertWake(context: AlertWakeContext): Owner {
  let ready: Promise<Debounce<AlertWake>> | null = null;
  return ownerOf('alert_wake', async (keep) => {
    ready = null;
    keep(
      await context.subscribe({
        consumer: 'alert_wake',
        types: [alertWakeRequested],
        react: async (event) => {
          ready ??= rebuilt(context);
          ready.catch(() => (ready = null));
          return react(event, await ready, context);
        },
      }),
    );
  });
}

function react(
  event: ChainEvent,
  debounce: Debounce<AlertWake>,
  context: AlertWakeContext,
): Consequences | undefined {
  const wake = readAlertWake(event);
  if (wake === null) {
    throw new KoraError(
      'PLUGIN_PROBES_WAKE_INVALID',
      `event ${event.seq} does not hold the wake of an alert`,
      {
        fix: `kora event show ${event.seq}`,
        details: { seq: event.seq },
      },
    );
  }
  if (wake.incidentId !== null) return undefined;
  if (!debounce.investigates(wake)) {
    const { wakeId, alertId, category } = wake;
    context.log.info(`alert ${alertId} was investigated a moment ago: this wake is not`, {
      wakeId,
      alertId,
      category,
    });
    return undefined;
  }
  return { tickets: [alertTicketFor(wake)] };
}

async function rebuilt({ chain, config }: AlertWakeContext): Promise<Debounce<AlertWake>> {
  const debounce = new Debounce<AlertWake>({
    windowSeconds: config.debounceSeconds,
    keyOf: ({ alertId, category, severity }) => JSON.stringify([alertId, category, severity]),
    criticalPasses: config.debounceBypassCritical,
  });
  const past = await chain.read({ type: alertWakeRequested, order: 'desc', limit: rebuildLimit });
  // What belongs to an incident stamps nothing: it was not investigated here.
  const wakes = past.map(readAlertWake).filter((wake) => wake !== null);
  debounce.rebuild(wakes.filter(({ incidentId }) => incidentId === null));
  return debounce;
}
