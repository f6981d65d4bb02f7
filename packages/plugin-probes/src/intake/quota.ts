import type { ChainEvent, NewMessage, PluginContext } from '@kora/runtime/plugin';
import { clockTime } from '../rules/words.ts';

const hourMs = 3_600_000;
const shortestWaitMs = 60_000;
const readLimit = 1_000;

export interface QuotaOptions {
  readonly softPerHour: number;
  readonly hardPerHour: number;
}

/** Whether one more investigation may start now; if not, what was full and for how long. */
export type Quota =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly limit: 'soft' | 'hard';
      readonly started: number;
      /** Milliseconds until it is worth asking again. */
      readonly waitMs: number;
    };

/**
 * Past the soft limit what is not critical waits for the hour to pass; past the hard one everything does. Nothing is ever
 * dropped. `starts` are milliseconds since 1970, in any order.
 */
export function quotaOf(
  starts: readonly number[],
  now: number,
  { softPerHour, hardPerHour, critical }: QuotaOptions & { readonly critical: boolean },
): Quota {
  const recent = starts.filter((at) => at > now - hourMs).toSorted((one, other) => other - one);
  const full = (limit: 'soft' | 'hard', most: number): Quota => {
    const leaves = (recent[most - 1] ?? now) + hourMs;
    return { allowed: false, limit, started: recent.length, waitMs: Math.max(shortestWaitMs, leaves - now) };
  };
  if (recent.length >= hardPerHour) return full('hard', hardPerHour);
  if (recent.length >= softPerHour && !critical) return full('soft', softPerHour);
  return { allowed: true };
}

/** When investigations of the last hour were, in the whole fleet: those that looked into something, by their events. */
export async function startsOnChain(
  chain: Pick<PluginContext<unknown>['chain'], 'read'>,
  { type, now }: { readonly type: string; readonly now: number },
): Promise<readonly number[]> {
  const events = await chain.read({ type, order: 'desc', limit: readLimit });
  return events
    .filter(({ payload }) => payload['outcome'] === 'open')
    .map((event: ChainEvent) => Date.parse(event.occurredAt))
    .filter((at) => at > now - hourMs);
}

/** The word that investigations wait: once for each limit and hour. */
export function waitingMessage(
  quota: Exclude<Quota, { allowed: true }>,
  now: number,
  source: string,
): NewMessage {
  const hour = new Date(now).toISOString().slice(0, 13);
  const hard = quota.limit === 'hard';
  const until = clockTime(now + quota.waitMs, now);
  return {
    key: `investigations:${source}:${quota.limit}:${hour}`,
    thread: 'investigations',
    severity: hard ? 'critical' : 'warning',
    title: hard ? '🚨 Investigations are paused' : '⚠️ Investigations wait',
    body: hard
      ? `${quota.started} investigations started within an hour: no more do before ${until}. Nothing is dropped; each incident had its first message.`
      : `${quota.started} investigations started within an hour: those of incidents that are not critical wait until ${until}. Nothing is dropped.`,
    source,
  };
}
