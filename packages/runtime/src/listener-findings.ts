import { finding } from './log-findings.ts';
import type { shape } from './http/index.ts';
import type { Rooms } from './rooms.ts';

/** Channels that hear nothing: who writes there waits for an answer that does not come. */
export function listenerFindings({ inbound }: Pick<Rooms, 'inbound'>): shape.Finding[] {
  return inbound.standing().flatMap(({ channel, state, since, failures, error }) => {
    if (state !== 'down') return [];
    const at = new Date(since).toISOString();
    const message = `channel ${channel} has heard nothing since ${at}, after ${failures} tries: ${error ?? 'unknown'}`;
    return [finding(`channel.${channel}.deaf`, 'error', message, { hint: `kora channel check ${channel}` })];
  });
}
