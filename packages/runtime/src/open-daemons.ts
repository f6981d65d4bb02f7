import type { Chain, EventDraft } from './chain/index.ts';
import { BackgroundDaemonRegistry, DaemonCoordinator, DaemonLeases } from './daemon/index.ts';
import type { Scheduler } from './daemon/index.ts';
import type { Ground } from './ground.ts';
import type { PluginWatch, Rooms } from './rooms.ts';
import type { OperationalStateHolder } from './state/index.ts';
import type { Database } from './store/index.ts';

interface DaemonParts {
  readonly database: Database;
  readonly chain: Chain;
  readonly holder: OperationalStateHolder;
  readonly scheduler: Scheduler;
  readonly watch: PluginWatch;
  /** What tells the operator; the floor it is on is not built yet. */
  readonly apply: () => Rooms['apply'];
}

/** The daemons' room with what it needs of the others. */
export function openDaemons(ground: Ground, parts: DaemonParts): Pick<Rooms, 'registry' | 'coordinator'> {
  const { clock, onError, scope } = ground;
  const { database, chain, holder, scheduler, watch } = parts;
  const from = clock.monotonic();
  const registry = new BackgroundDaemonRegistry();
  const coordinator = new DaemonCoordinator({
    registry,
    clock,
    leases: new DaemonLeases(database, chain.owner),
    schedule: ({ pluginName, name }, task) => scheduler.add(task, { pluginName, daemon: name }),
    status: async () => ({
      primaryState: holder.state.primaryState,
      uptimeMs: Math.round(clock.monotonic() - from),
      stopLevel: holder.inputs.stopLevel,
    }),
    record: async (drafts: readonly EventDraft[]) => void (await chain.append(drafts)),
    alert: (alert) =>
      database.transaction((tx) =>
        parts.apply()(tx, { messages: [{ ...alert, source: 'daemon_supervisor' }] }),
      ),
    onState: ({ pluginName }) => watch.settled(pluginName),
    onError,
  });
  // A boot that breaks off has nobody else to end what its daemons began.
  scope.add('daemons', () => coordinator.stopAll());
  return { registry, coordinator };
}
