import type { PluginContext } from '@kora/runtime/plugin';
import { bounced, intentRead } from '../events.ts';

const hourMs = 3_600_000;
/** More than the largest cap, mails that became no ticket among them. */
const looked = 1_000;

/** How many mails became a ticket in the last hour, read from the chain, so that a restart does not begin anew. */
export async function ticketsInLastHour(
  context: Pick<PluginContext<unknown>, 'chain' | 'clock'>,
): Promise<number> {
  const events = await context.chain.read({ type: intentRead.type, order: 'desc', limit: looked });
  const since = context.clock.now() - hourMs;
  return events.filter(
    ({ occurredAt, payload }) => Date.parse(occurredAt) > since && payload['action'] === 'created',
  ).length;
}

/** How many reports on deliveries were told in the last hour. */
export async function reportsInLastHour(
  context: Pick<PluginContext<unknown>, 'chain' | 'clock'>,
): Promise<number> {
  const events = await context.chain.read({ type: bounced.type, order: 'desc', limit: looked });
  const since = context.clock.now() - hourMs;
  return events.filter(({ occurredAt, type }) => type === bounced.type && Date.parse(occurredAt) > since)
    .length;
}
