import { waitForApproval } from './capability-answers.ts';
import { registeredDaemon } from './daemon/index.ts';
import { fault } from './fault/index.ts';
import type { GuestMounts, Mounts } from './http/index.ts';
import type { ResolvedIdentity } from './identity/index.ts';
import { isQuiet } from './message/index.ts';
import type { QuietHours } from './message/index.ts';
import { promotionServices } from './promotion-services.ts';
import { mcpServices } from './mcp-services.ts';
import { listIncidents, readHistory } from './probe/index.ts';
import { callsOf } from './plugin-calls.ts';
import { HandedFiles } from './handed-files.ts';
import { storeServices } from './plugin-stores.ts';
import { reasonServices } from './reason-services.ts';
import { toolServices } from './tool-services.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { addTicketsAlone, ticketsByKey } from './ticket/index.ts';
import type { Incident } from './probe/index.ts';
import type { Clock } from './clock/index.ts';

export interface ServicesOptions {
  readonly rooms: Rooms;
  readonly mounts: Mounts;
  /** Where those of untrusted plugins are served. */
  readonly guestMounts: Pick<GuestMounts, 'add'>;
  readonly clock: Clock;
  readonly quietHours: QuietHours | undefined;
  /** Who speaks in this workspace now. */
  readonly identity: () => Promise<ResolvedIdentity>;
  /** Whether daemons that are registered now start at once. */
  readonly running: () => boolean;
  readonly onError: (where: string, error: unknown) => void;
}

/** What the house offers one plugin: each registration is attributed to it and can be undone. */
export function servicesFor(options: ServicesOptions, owner: PluginOwner): HouseServices {
  const { rooms, clock, quietHours } = options;
  const kinds = new Set<string>();
  const handed = new HandedFiles(owner);
  return {
    ...registrations(options, owner, kinds, handed),
    ...callsOf(rooms, owner, (kind) => kinds.has(kind)),
    ...storeServices(rooms, owner, (kind) => kinds.has(kind)),
    ...toolServices(rooms, owner, handed),
    ...reasonServices(rooms, owner, (kind) => kinds.has(kind)),
    subscribe: async ({ consumer, types, from = 'now', deadlineMs, batch, react }) => {
      const scope = await rooms.chain.subscribe({
        consumer: consumer.startsWith(`${owner.id}.`) ? consumer : `${owner.id}.${consumer}`,
        types,
        from,
        deadlineMs,
        batch,
        react: async (event, signal) => {
          const consequences = await react(event, signal);
          rooms.watch.ticked(owner.id);
          if (consequences === undefined) return undefined;
          const from = { origin: `plugin:${owner.id}`, trusted: true, cause: event.eventId };
          return (tx) => rooms.apply(tx, consequences, from);
        },
      });
      return undoing(() => scope.dispose());
    },
    chain: {
      append: async (draft) => void (await rooms.chain.append([draft])),
      read: (query) => rooms.chain.read(query),
    },
    tickets: {
      add: async (ticket) => {
        const { database, chain, worker } = rooms;
        const origin = ticket.origin ?? `plugin:${owner.id}`;
        const [added] = await addTicketsAlone(database, chain, [{ ...ticket, origin }]);
        if (added === undefined) throw fault('KORA_INTERNAL', 'a ticket was neither added nor found');
        worker.announce();
        return { ticketId: added.ticketId };
      },
    },
    approvals: { wait: (approvalId, signal) => waitForApproval(rooms, owner, approvalId, signal) },
    notify: {
      send: (message) => rooms.database.transaction((tx) => rooms.apply(tx, { messages: [message] })),
      isQuiet: async () => quietHours !== undefined && isQuiet(quietHours, clock.now()),
    },
    probes: {
      list: () => rooms.probes.list(),
      incidents: (query) => incidentsWithTickets(rooms, query),
      history: (query) => readHistory(rooms.database, rooms.workspace.workspaceId, query),
    },
    clock: { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) },
    secret: (name) => rooms.secrets.read(owner.id, name),
    mcp: mcpServices(rooms, owner),
    ...promotionServices(rooms, owner),
    identity: { current: options.identity },
  };
}

/** Incidents with the ticket that investigates each: the wake is the ticket's idempotency key. */
export async function incidentsWithTickets(
  rooms: Rooms,
  query: { readonly status?: 'open' | 'resolved' | undefined; readonly limit?: number | undefined },
): Promise<Incident[]> {
  const { database, workspace } = rooms;
  const incidents = await listIncidents(database, workspace.workspaceId, query);
  const wakes = incidents.map(({ wakeId }) => wakeId);
  const tickets = await ticketsByKey(database, workspace.workspaceId, wakes);
  return incidents.map((incident) => ({ ...incident, ticketId: tickets.get(incident.wakeId) ?? null }));
}

type Registrations = Pick<
  HouseServices,
  | 'registerBackgroundDaemon'
  | 'registerPeriodicTask'
  | 'registerIdentityProvider'
  | 'registerProbe'
  | 'registerChannel'
  | 'registerTicketHandler'
  | 'registerEventTypes'
  | 'registerHttpMount'
  | 'registerBootGate'
  | 'registerFix'
  | 'registerServiceToken'
  | 'registerCapability'
  | 'registerCockpitPanel'
>;

function registrations(
  { rooms, mounts, guestMounts, running, onError }: ServicesOptions,
  owner: PluginOwner,
  /** The kinds of tickets it works now. */
  kinds: Set<string>,
  handed: HandedFiles,
): Registrations {
  const { id: pluginName, trusted } = owner;
  const { registry, coordinator, scheduler, probes, delivery, worker, chain, identities } = rooms;
  return {
    registerBackgroundDaemon: async (entry) => {
      registry.register(registeredDaemon(entry, { pluginName, trusted }));
      // A guest that comes back after a crash brings its daemons into a running house.
      if (running())
        coordinator.startAdded(entry.name).catch((error: unknown) => onError(`daemon ${entry.name}`, error));
      return undoing(() => coordinator.remove(entry.name));
    },
    registerPeriodicTask: async (task) => undoing(await scheduler.add(task, { pluginName, daemon: null })),
    registerIdentityProvider: (provider) =>
      Promise.resolve(undoing(identities.register(provider, pluginName))),
    registerProbe: async (probe) => undoing(await probes.register(probe, pluginName)),
    registerChannel: (channel) =>
      Promise.resolve().then(() => {
        const known = handed.by(channel);
        const unsend = delivery.register(known);
        const unheard = rooms.inbound.listen(known);
        return undoing(async () => {
          unsend();
          await unheard();
        });
      }),
    registerTicketHandler: (handler) => {
      const proving: typeof handler = {
        ...handler,
        work: async (ticket: Parameters<typeof handler.work>[0]) => {
          const result = await handler.work(ticket);
          rooms.watch.ticked(pluginName);
          return result;
        },
      };
      const unhandle = worker.handle(proving);
      kinds.add(handler.kind);
      return Promise.resolve(
        undoing(() => {
          kinds.delete(handler.kind);
          unhandle();
        }),
      );
    },
    registerEventTypes: async (types) => {
      await chain.declare(pluginName, types);
      return undoing(() => chain.undeclare(pluginName, types));
    },
    registerHttpMount: async (mount) =>
      undoing(await (trusted ? mounts : guestMounts).add(mount, pluginName)),
    registerBootGate: (gate) => {
      if (!trusted)
        throw fault('KORA_PLUGIN_INVALID', `plugin ${pluginName} is not trusted with a boot gate`);
      return Promise.resolve(undoing(rooms.gates.register(gate, pluginName)));
    },
    registerFix: (fix) => {
      if (!trusted) throw fault('KORA_PLUGIN_INVALID', `plugin ${pluginName} is not trusted with a fix`);
      return Promise.resolve(undoing(rooms.fixes.register(fix, pluginName)));
    },
    registerCapability: (spec) =>
      Promise.resolve().then(() => undoing(rooms.capabilities.register(spec, pluginName))),
    registerCockpitPanel: (panel) =>
      Promise.resolve().then(() => undoing(rooms.panels.register(panel, pluginName))),
    registerServiceToken: (token) => Promise.resolve(undoing(rooms.tokens.register(token, pluginName))),
  };
}

function undoing(undo: () => Promise<void> | void): { dispose(): Promise<void> } {
  let undone: Promise<void> | undefined;
  return {
    dispose: () => {
      undone ??= Promise.resolve().then(undo);
      return undone;
    },
  };
}
