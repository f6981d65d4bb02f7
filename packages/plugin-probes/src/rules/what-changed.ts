import type { ChainEvent } from '@kora/runtime/plugin';
import type { Fact, Scene } from './rule.ts';
import { clockTime, listed, oneLine, span } from './words.ts';

/** Families of the runtime's events that say nothing about a change: work going its way, and the chain's own upkeep. */
const noise = [
  'kora.sea_ticket',
  'kora.boot.smoke',
  'kora.admission',
  'kora.chain.anchored',
  'kora.chain.key_rotated',
  'kora.chain.pruned',
  'kora.event',
  'kora.health',
  'kora.spool',
  'kora.subscription',
  'kora.vocabulary',
];

/** States a healthy plugin passes through when the runtime ends and starts. */
const routine = ['indexed', 'loading', 'loaded', 'proven', 'draining', 'stopped'];

/** So near a change of its configuration what a plugin stops and starts belongs to it. */
const reloadMs = 10_000;

/** What Kora itself did in the quarter of an hour before. That it came before does not make it the cause. */
export function whatChanged(scene: Scene): Fact | null {
  const { changes, now, failingSince } = scene;
  if (failingSince === null) return null;
  const events = withoutReloads(withoutBootSteps(changes.events.filter(isChange)));
  const short =
    changes.readFrom > changes.wantedFrom ? ` (read back to ${clockTime(changes.readFrom, now)} only)` : '';
  const window = `the ${span(Date.parse(failingSince) - changes.wantedFrom)} before${short}`;
  const evidence = { events: events.map((event) => event.seq), complete: short === '' };
  if (events.length === 0) {
    const line = `Kora's own record shows no boot, plugin change, hold or pause in ${window}; changes outside Kora are unknown.`;
    return { rule: 'what_changed', line, evidence };
  }
  const told = grouped(events).map((group) => describe(group, now));
  return { rule: 'what_changed', line: `In ${window}: ${listed(told, 3)}.`, evidence };
}

function isChange(event: ChainEvent): boolean {
  if (!event.type.startsWith('kora.')) return false;
  if (noise.some((family) => event.type === family || event.type.startsWith(`${family}.`))) return false;
  // A look that ran out of time is a failing look, and told as one.
  if (event.type === 'kora.task.failed') return !String(event.payload['task']).startsWith('probe.');
  if (event.type !== 'kora.operational_state.transitioned') return true;
  // Ready and active alternate with every claim.
  const working = ['ready', 'active'];
  const { from_primary_state: from, to_primary_state: to } = event.payload;
  return !(working.includes(String(from)) && working.includes(String(to)) && from !== to);
}

/** A boot starts every plugin and daemon and ends ready: told once, as the boot. What stops after it is news. */
function withoutBootSteps(events: readonly ChainEvent[]): readonly ChainEvent[] {
  const boots = events.filter(({ type }) => type === 'kora.boot.ready');
  if (boots.length === 0) return events;
  const booted = Math.max(...boots.map(({ seq }) => seq));
  const isStop = ({ type, seq }: ChainEvent): boolean => type === 'kora.daemon.stopped' && seq > booted;
  const stopped = new Set(events.filter(isStop).map(({ payload }) => payload['daemon']));
  return events.filter((event) => {
    const { type, payload } = event;
    if (type === 'kora.operational_state.transitioned') return payload['from_primary_state'] !== 'booting';
    // What comes with Kora is granted as it boots, and its pool is said.
    if (type === 'kora.capability.granted' || type === 'kora.spend.pool_set') return event.seq > booted;
    if (type === 'kora.daemon.stopped') return isStop(event) || payload['error'] !== undefined;
    if (type === 'kora.daemon.started') return stopped.has(payload['daemon']);
    return type !== 'kora.plugin.state_changed' || !routine.includes(String(payload['to']));
  });
}

/** A plugin that gets another configuration is started with it: told once, as the configuration. What fails then is news. */
function withoutReloads(events: readonly ChainEvent[]): readonly ChainEvent[] {
  const changed = events.filter(({ type }) => type === 'kora.plugin.config_changed');
  return events.filter((event) => {
    const { type, payload, occurredAt } = event;
    const isStep =
      (type === 'kora.daemon.started' || type === 'kora.daemon.stopped') && payload['error'] === undefined;
    const isRoutine = type === 'kora.plugin.state_changed' && routine.includes(String(payload['to']));
    if (!isStep && !isRoutine) return true;
    const at = Date.parse(occurredAt);
    return !changed.some(
      (change) =>
        change.payload['plugin'] === payload['plugin'] &&
        Math.abs(at - Date.parse(change.occurredAt)) <= reloadMs,
    );
  });
}

/** Events of one type told as one, the latest group first. */
function grouped(events: readonly ChainEvent[]): readonly (readonly [ChainEvent, ...ChainEvent[]])[] {
  const groups = new Map<string, [ChainEvent, ...ChainEvent[]]>();
  for (const event of events.toSorted((one, other) => other.seq - one.seq)) {
    const group = groups.get(event.type);
    if (group === undefined) groups.set(event.type, [event]);
    else group.push(event);
  }
  return [...groups.values()];
}

function describe([latest, ...earlier]: readonly [ChainEvent, ...ChainEvent[]], now: number): string {
  const when = `event ${latest.seq}, ${clockTime(latest.occurredAt, now)}`;
  const more = earlier.length === 0 ? '' : `, and ${earlier.length} more of these`;
  return `${wordsFor(latest)} (${when}${more})`;
}

function wordsFor(event: ChainEvent): string {
  const text = (key: string): string => {
    const value = event.payload[key];
    return typeof value === 'string' ? oneLine(value, 60) : 'unknown';
  };
  switch (event.type) {
    case 'kora.boot.ready':
      return 'Kora booted';
    case 'kora.boot.failed':
      return `a boot failed at gate ${text('gate_id')}`;
    case 'kora.plugin.state_changed':
      return `plugin ${text('plugin')} went from ${text('from')} to ${text('to')}`;
    case 'kora.plugin.config_changed':
      return `the configuration of plugin ${text('plugin')} was changed`;
    case 'kora.operational_state.transitioned':
      return event.payload['from_primary_state'] === event.payload['to_primary_state']
        ? `Kora stayed ${text('to_primary_state')} with claim permission ${text('claim_permission')}`
        : `Kora went from ${text('from_primary_state')} to ${text('to_primary_state')}`;
    case 'kora.runtime.stopping':
      return 'Kora was stopped';
    case 'kora.daemon.started':
    case 'kora.daemon.stopped':
    case 'kora.daemon.failed':
      return `daemon ${text('daemon')} ${event.type.slice('kora.daemon.'.length)}`;
    case 'kora.task.failed':
      return `task ${text('task')} failed`;
    case 'kora.hold.added':
      return `a hold was placed (${text('hold_cause')})`;
    case 'kora.hold.cleared':
      return `a hold was cleared (${text('hold_cause')})`;
    default:
      return event.type;
  }
}
