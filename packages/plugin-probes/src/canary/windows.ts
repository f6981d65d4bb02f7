import type { PluginContext } from '@kora/runtime/plugin';
import { canaryProbe } from './contract.ts';

const most = 100;

/** Whether a maintenance window, in which no incident opens for the canary, covers some of this time; in milliseconds since 1970. */
export async function isMaintained(
  chain: Pick<PluginContext<unknown>['chain'], 'read'>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<boolean> {
  const [added, ended] = await Promise.all([
    chain.read({ type: 'probe.window_added', order: 'desc', limit: most }),
    chain.read({ type: 'probe.window_ended', order: 'desc', limit: most }),
  ]);
  const ends = new Map(
    ended.map(({ payload, occurredAt }) => [payload['window_id'], Date.parse(occurredAt)] as const),
  );
  return added.some(({ payload }) => {
    const { window_id: id, probe, starts_at: start, ends_at: end } = payload;
    if (probe !== null && probe !== canaryProbe) return false;
    const until = Math.min(Date.parse(String(end)), ends.get(id) ?? Number.POSITIVE_INFINITY);
    return Date.parse(String(start)) <= to && until >= from;
  });
}
