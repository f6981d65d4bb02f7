import type { Chain, ChainEvent } from './chain/index.ts';
import type { Queryable } from './store/index.ts';

const windowMs = 15 * 60_000;
const newest = 50;

type Line = (payload: ChainEvent['payload']) => string;

const field = (payload: ChainEvent['payload'], name: string): string => {
  const value = payload[name];
  return typeof value === 'string' ? value : 'unknown';
};

/** What counts as a change that may explain a failure; everything else on the log is work as usual. */
const lines: Readonly<Record<string, Line>> = {
  'kora.boot.ready': () => 'Kora started',
  'kora.runtime.stopping': (payload) => `Kora stopped: ${field(payload, 'reason')}`,
  'kora.plugin.state_changed': (payload) =>
    `plugin ${field(payload, 'plugin')} became ${field(payload, 'to')}`,
  'kora.daemon.failed': (payload) => `daemon ${field(payload, 'daemon')} failed: ${field(payload, 'error')}`,
  'kora.hold.added': (payload) => `hold: ${field(payload, 'reason')}`,
  'kora.hold.cleared': (payload) => `hold cleared: ${field(payload, 'reason')}`,
  'kora.identity.chosen': (payload) => `identity ${field(payload, 'name')} chosen`,
};

/** States a healthy plugin passes through at each start: not news beside "Kora started". */
const routineStates = new Set(['indexed', 'loading', 'loaded', 'proven', 'draining', 'stopped']);

/** One line for each change of the last 15 minutes, newest first, at most ten. */
export async function recentChanges(chain: Chain, db: Queryable): Promise<string[]> {
  const events = await chain.readRecent(db, { types: Object.keys(lines), withinMs: windowMs, limit: newest });
  return events
    .filter(
      ({ type, payload }) => type !== 'kora.plugin.state_changed' || !routineStates.has(field(payload, 'to')),
    )
    .map(({ type, payload, occurredAt }) => `${occurredAt.slice(11, 19)} ${lines[type]?.(payload) ?? type}`)
    .slice(0, 10);
}
