import type { ChainEvent, Consequences, PluginContext } from '@kora/runtime/plugin';
import { investigationCompleted } from '../events.ts';
import { readWake, ticketFor, wakeRequested } from '../wake.ts';

export const incidentReopened = 'probe.incident_reopened';

const lookBack = 1_000;

type Context = Pick<PluginContext<unknown>, 'chain' | 'probes'>;

/**
 * An incident that was over before its turn came was never looked into; should it come back, its wake has its investigation
 * then. Asked of both events, whichever is later: that it came back, and that it was left alone. One ticket for both.
 */
export async function backAgain(event: ChainEvent, context: Context): Promise<Consequences> {
  const wakeId = event.payload['wake_id'];
  const left = event.type === incidentReopened ? await endOf(wakeId, context) : event;
  if (left?.payload['outcome'] !== 'recovered') return {};
  if (event.type !== incidentReopened && !(await isOpen(event.payload['incident_id'], context))) return {};
  const wakes = await context.chain.read({ type: wakeRequested, order: 'desc', limit: lookBack });
  const wake = wakes.map(readWake).find((each) => each?.wakeId === wakeId) ?? null;
  return wake === null ? {} : { tickets: [ticketFor(wake, 0, `${wake.wakeId}:${left.seq}`)] };
}

/** How the wake ended the last time. */
async function endOf(wakeId: unknown, { chain }: Context): Promise<ChainEvent | undefined> {
  const ends = await chain.read({ type: investigationCompleted.type, order: 'desc', limit: lookBack });
  return ends.find(({ payload }) => payload['wake_id'] === wakeId);
}

async function isOpen(incidentId: unknown, { probes }: Context): Promise<boolean> {
  const open = await probes.incidents({ status: 'open', limit: 500 });
  return open.some((incident) => incident.incidentId === incidentId);
}
