import { fault } from '../fault/index.ts';
import type { Scope } from '../scope/index.ts';
import type {
  LoopHistory,
  PluginContext,
  PluginLog,
  PluginMigrations,
  Registration,
  SubscriptionSpec,
  TicketHandler,
  TicketWork,
} from './contract.ts';
import type { ContributionKind, Contributions } from './contributions.ts';
import { guardFor } from './guard.ts';
import { checkEventName } from './event-names.ts';
import { checkDeclared } from './secret-names.ts';
import type { Guard } from './guard.ts';
import { readMigrationsGiven } from './store/read-migrations.ts';
import type { HouseServices, PluginOwner, ReadsAndWrites } from './surface.ts';

export interface ContextParts {
  readonly owner: PluginOwner;
  readonly workspace: string;
  readonly config: unknown;
  /** The block before it was parsed; an absent one is an empty one. */
  readonly written?: unknown;
  readonly log: PluginLog;
  readonly services: HouseServices;
  /** Holds every registration under a label; disposing it undoes them in reverse and ends the context. */
  readonly scope: Scope;
  readonly contributions: Contributions;
}

type Names = readonly (readonly [kind: ContributionKind, name: string])[];

/** The context of one plugin over the house's services: each registration is recorded under the plugin. */
export function buildContext(parts: ContextParts): PluginContext<unknown> {
  const { owner, services, scope } = parts;
  const guard = guardFor(owner, parts.contributions);
  const keep = (names: Names, acquire: () => Promise<Registration>): Promise<Registration> =>
    keepIn(parts, names, acquire);
  return {
    id: owner.id,
    workspace: parts.workspace,
    config: parts.config,
    written: parts.written ?? {},
    log: parts.log,
    signal: scope.signal,
    registerMigrations: (given) => registerMigrations(parts, given),
    registerBackgroundDaemon: (entry) =>
      keep(
        [
          ['daemons', entry.name],
          ...(entry.periodicTasks ?? []).map((task) => ['tasks', task.name] as const),
        ],
        () => services.registerBackgroundDaemon(entry),
      ),
    registerPeriodicTask: (task) => keep([['tasks', task.name]], () => services.registerPeriodicTask(task)),
    registerIdentityProvider: (provider) =>
      keep([['identities', provider.name]], () => services.registerIdentityProvider(provider)),
    registerProbe: (probe) => keep([['probes', probe.name]], () => services.registerProbe(probe)),
    registerChannel: (channel) => keep([['channels', channel.name]], () => services.registerChannel(channel)),
    registerTicketHandler: (handler) =>
      keep([['ticketKinds', handler.kind]], () =>
        services.registerTicketHandler(guardedHandler(parts, handler, guard)),
      ),
    registerEventTypes: (types) =>
      keep(
        types.map(({ type }) => ['events', checkedName(owner, type)] as const),
        () => services.registerEventTypes(types),
      ),
    registerHttpMount: (mount) => keep([['mounts', mount.path]], () => services.registerHttpMount(mount)),
    subscribe: (subscription) =>
      keep([['subscriptions', subscription.consumer]], () =>
        services.subscribe(guardedSubscription(subscription, guard)),
      ),
    registerBootGate: (gate) => keep([['gates', gate.gateId]], () => services.registerBootGate(gate)),
    registerFix: (fix) => keep([['fixes', `${fix.probe} ${fix.fixName}`]], () => services.registerFix(fix)),
    registerServiceToken: (token) =>
      keep([['tokens', token.name]], () => services.registerServiceToken(token)),
    registerCapability: (capability) =>
      keep([['capabilities', capability.id]], () => services.registerCapability(capability)),
    registerCockpitPanel: (panel) => keep([['panels', panel.id]], () => services.registerCockpitPanel(panel)),
    registerTool: (tool) => keep([['tools', tool.name]], () => services.registerTool(guard.tool(tool))),
    registerEngine: (engine) => keep([['engines', engine.name]], () => services.registerEngine(engine)),
    registerLoop: (loop) => keep([['loops', loop.name]], () => services.registerLoop(guard.loop(loop))),
    registerChangeKind: (kind) => keep([['changeKinds', kind.kind]], () => services.registerChangeKind(kind)),
    ...readsAndWrites(parts, guard),
  };
}

async function keepIn(
  parts: ContextParts,
  names: Names,
  acquire: () => Promise<Registration>,
): Promise<Registration> {
  const { scope, contributions } = parts;
  refuseGone(parts);
  const held = await acquire();
  if (scope.signal.aborted) {
    // The plugin went while the house was registering: nothing may slip in behind its disposal.
    await held.dispose();
    refuseGone(parts);
  }
  const child = scope.child(names.map(([kind, name]) => `${kind} ${name}`).join(', '));
  child.add('registration', () => held.dispose());
  for (const [kind, name] of names) child.add('listing', contributions.add(kind, name));
  return { dispose: () => child.dispose() };
}

/** First of all, so that nothing which needs the tables runs before they stand. */
async function registerMigrations(parts: ContextParts, given: PluginMigrations): Promise<Registration> {
  if (parts.contributions.size > 0) {
    throw fault('KORA_PLUGIN_INVALID', 'migrations are registered before everything else', {
      fix: 'call registerMigrations first in register(), once, and await it',
    });
  }
  const migrations = await readMigrationsGiven(given);
  const names = migrations.map(({ number, name }) => ['migrations', `${number} ${name}`] as const);
  return keepIn(parts, names, () => parts.services.registerMigrations({ migrations }));
}

function readsAndWrites(parts: ContextParts, guard: Guard): ReadsAndWrites {
  const { services, scope } = parts;
  /** A plugin that was unloaded may still be running in this process; the house no longer serves it. */
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    refuseGone(parts);
    return work();
  };
  return {
    chain: {
      append: (draft) => alive(() => services.chain.append(guard.event(draft))),
      read: (query) => alive(() => services.chain.read(query)),
    },
    tickets: { add: (ticket) => alive(() => services.tickets.add(guard.ticket(ticket))) },
    notify: {
      send: (message) => alive(() => services.notify.send(guard.message(message))),
      isQuiet: () => alive(() => services.notify.isQuiet()),
    },
    admit: (request) => alive(() => services.admit(request)),
    settle: (callId, cost) => alive(() => services.settle(callId, cost)),
    approvals: {
      wait: (approvalId, signal) => {
        const ends = signal === undefined ? scope.signal : AbortSignal.any([scope.signal, signal]);
        return alive(() => services.approvals.wait(approvalId, ends));
      },
    },
    probes: {
      list: () => alive(() => services.probes.list()),
      incidents: (query) => alive(() => services.probes.incidents(query)),
      history: (query) => alive(() => services.probes.history(query)),
    },
    clock: services.clock,
    secret: (name) =>
      alive(() => {
        checkDeclared(parts.owner, name);
        return services.secret(name);
      }),
    store: { run: (statements, options) => alive(() => services.store.run(statements, options)) },
    artifacts: {
      put: (artifact) => alive(() => services.artifacts.put(artifact)),
      get: (artifactId) => alive(() => services.artifacts.get(artifactId)),
      list: (query) => alive(() => services.artifacts.list(query)),
    },
    identity: { current: () => alive(() => services.identity.current()) },
    mcp: {
      caller: (token) => alive(() => services.mcp.caller(token)),
      call: (token, call) => alive(() => services.mcp.call(token, call)),
      turnedAway: (token, call) => alive(() => services.mcp.turnedAway(token, call)),
      showServers: (servers) => alive(() => services.mcp.showServers(servers)),
    },
    promotion: {
      history: historyWhileAlive(services.promotion.history, alive),
      places: (kind) => alive(() => services.promotion.places(kind)),
    },
    ...thinking(parts, guard),
  };
}

function historyWhileAlive(
  history: LoopHistory,
  alive: <T>(work: () => Promise<T>) => Promise<T>,
): LoopHistory {
  return {
    questions: (query) => alive(() => history.questions(query)),
    toolCalls: (query) => alive(() => history.toolCalls(query)),
    incidents: (query) => alive(() => history.incidents(query)),
    attempts: (query) => alive(() => history.attempts(query)),
    events: (query) => alive(() => history.events(query)),
  };
}

function thinking(parts: ContextParts, guard: Guard): Pick<ReadsAndWrites, 'reason' | 'engine'> {
  const { services, scope } = parts;
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    refuseGone(parts);
    return work();
  };
  return {
    reason: {
      // What it asked ends with the plugin.
      ask: (request, signal) =>
        alive(() =>
          services.reason.ask(
            guard.question(request),
            signal === undefined ? scope.signal : AbortSignal.any([scope.signal, signal]),
          ),
        ),
    },
    engine: {
      beginCall: (start) => alive(() => services.engine.beginCall(start)),
      // What a call cost is told also by a plugin that is going: else it would stay reserved.
      endCall: (end) => services.engine.endCall(end),
      callTool: (call) => alive(() => services.engine.callTool(call)),
    },
  };
}

function refuseGone(parts: ContextParts): void {
  if (!parts.scope.signal.aborted) return;
  throw fault(
    'KORA_PLUGIN_GONE',
    `plugin ${parts.owner.id} has been unloaded; its context serves nothing more`,
  );
}

function checkedName(owner: PluginOwner, type: string): string {
  checkEventName(owner, type);
  return type;
}

function guardedHandler(parts: ContextParts, handler: TicketHandler, guard: Guard): TicketHandler {
  return {
    ...handler,
    work: async (ticket) => guard.consequences(await handler.work(guardedWork(parts, ticket))),
  };
}

/** The ticket's words end with the plugin: what it began is still committed, and nothing else is begun. */
function guardedWork(parts: ContextParts, ticket: TicketWork): TicketWork {
  const { ticketId, kind, title, objective, payload, attempt, fence, correlationId, trusted } = ticket;
  const gone = (): boolean => parts.scope.signal.aborted;
  return {
    ticketId,
    kind,
    title,
    objective,
    payload,
    attempt,
    fence,
    correlationId,
    ...(trusted === undefined ? {} : { trusted }),
    get signal() {
      return ticket.signal;
    },
    progress: (report) => {
      if (!gone()) ticket.progress(report);
    },
    note: async (text) => {
      refuseGone(parts);
      await ticket.note(text);
    },
    operation: async (spec, run) => {
      refuseGone(parts);
      return ticket.operation(spec, run);
    },
  };
}

function guardedSubscription(subscription: SubscriptionSpec, guard: Guard): SubscriptionSpec {
  return {
    ...subscription,
    react: async (event, signal) => {
      const consequences = await subscription.react(event, signal);
      return consequences ? guard.consequences(consequences) : undefined;
    },
  };
}
