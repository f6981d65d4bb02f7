import type {
  BackgroundDaemonEntry,
  CallCost,
  CapabilitySpec,
  CallRequest,
  ChannelSpec,
  EventDraft,
  EventType,
  HttpMountSpec,
  IdentityProvider,
  LoopSpec,
  NewArtifact,
  NewMessage,
  NewTicket,
  PeriodicTaskSpec,
  PluginLog,
  PluginMigrations,
  ProbeSpec,
  Registration,
  ResolvedIdentity,
  ServiceTokenSpec,
  StoreRunOptions,
  StoreStatement,
  SubscriptionSpec,
  TicketHandler,
} from '../contract.ts';
import type { CockpitPanelSpec } from '../panel/contract.ts';
import { scene } from '../../admission/testing/scene.ts';
import { fault } from '../../fault/index.ts';
import type { HouseServices, PluginOwner, PluginPorts } from '../surface.ts';
import { scriptedArtifacts } from './scripted-artifacts.ts';
import { scriptedHistory } from './scripted-history.ts';
import { ScriptedThinking } from './scripted-thinking.ts';

/** A house that only remembers: what was registered, undone, told and recorded, in order. */
export class ScriptedHouse implements PluginPorts {
  readonly workspace = 'default';
  /** A test moves the state behind it. */
  readonly door = scene();
  readonly admission = this.door.admission;
  /** `+ daemon ticker`, `- daemon ticker`: every registration and its undoing. */
  readonly journal: string[] = [];
  readonly owners: PluginOwner[] = [];
  readonly daemons = new Map<string, BackgroundDaemonEntry>();
  readonly tasks = new Map<string, PeriodicTaskSpec>();
  readonly identities = new Map<string, IdentityProvider>();
  readonly probes = new Map<string, ProbeSpec>();
  readonly channels = new Map<string, ChannelSpec>();
  readonly mounts = new Map<string, HttpMountSpec>();
  readonly handlers = new Map<string, TicketHandler>();
  readonly eventTypes = new Map<string, EventType>();
  readonly serviceTokens = new Map<string, ServiceTokenSpec>();
  readonly capabilities = new Map<string, CapabilitySpec>();
  readonly loops = new Map<string, LoopSpec>();
  readonly migrations = new Map<string, PluginMigrations>();
  readonly statements: {
    readonly plugin: string;
    readonly statements: readonly StoreStatement[];
    readonly options: StoreRunOptions | undefined;
  }[] = [];
  readonly panels = new Map<string, CockpitPanelSpec>();
  /** What the operator said, by plugin and name: `tides.API_TOKEN`. */
  readonly secrets = new Map<string, string>();
  identity: ResolvedIdentity = {
    name: 'kora',
    pluginName: 'kora',
    hash: 'a'.repeat(64),
    soulMd: '# Kora',
    systemPrompt: 'You are Kora.',
    metadata: { agentName: 'Kora', agentVersion: '1', pluginName: 'kora' },
  };
  /** What it was told of thinking. */
  readonly thinking: ScriptedThinking = new ScriptedThinking();
  readonly artifacts: NewArtifact[] = [];
  readonly subscriptions = new Map<string, SubscriptionSpec>();
  readonly appended: EventDraft[] = [];
  readonly tickets: NewTicket[] = [];
  readonly messages: NewMessage[] = [];
  readonly calls: CallRequest[] = [];
  readonly settled: ({ readonly callId: string } & CallCost)[] = [];
  readonly recorded: EventDraft[] = [];
  readonly lines: string[] = [];

  readonly log: PluginLog = {
    info: (message, fields) => this.#line('info', message, fields),
    warn: (message, fields) => this.#line('warn', message, fields),
    error: (message, fields) => this.#line('error', message, fields),
  };

  services(owner: PluginOwner): HouseServices {
    this.owners.push(owner);
    return {
      registerMigrations: (given) => this.#hold('migrations', this.migrations, owner.id, given),
      store: {
        run: async (statements, options) => {
          this.statements.push({ plugin: owner.id, statements, options });
          return statements.map(() => ({ rows: [], count: 0 }));
        },
      },
      registerBackgroundDaemon: (entry) => this.#hold('daemon', this.daemons, entry.name, entry),
      registerPeriodicTask: (task) => this.#hold('task', this.tasks, task.name, task),
      registerIdentityProvider: (provider) =>
        this.#hold('identity', this.identities, provider.name, provider),
      mcp: {
        caller: () => Promise.reject(fault('KORA_AUTH_MISSING', 'nobody asks here')),
        call: () => Promise.reject(fault('KORA_AUTH_MISSING', 'nobody asks here')),
        turnedAway: () => Promise.reject(fault('KORA_AUTH_MISSING', 'nobody asks here')),
        showServers: () => Promise.resolve(),
      },
      registerProbe: (probe) => this.#hold('probe', this.probes, probe.name, probe),
      registerChannel: (channel) => this.#hold('channel', this.channels, channel.name, channel),
      registerTicketHandler: (handler) => this.#hold('handler', this.handlers, handler.kind, handler),
      registerEventTypes: async (types) => {
        const held = await Promise.all(
          types.map((type) => this.#hold('event', this.eventTypes, type.type, type)),
        );
        return { dispose: async () => void (await Promise.all(held.map((each) => each.dispose()))) };
      },
      registerHttpMount: (mount) => this.#hold('mount', this.mounts, mount.path, mount),
      registerBootGate: (gate) => this.#hold('gate', new Map(), gate.gateId, gate),
      registerLoop: (loop) => this.#hold('loop', this.loops, loop.name, loop),
      registerChangeKind: (kind) => this.#hold('kind', new Map(), kind.kind, kind),
      promotion: { history: scriptedHistory(), places: async () => [] },
      registerFix: (fix) => this.#hold('fix', new Map(), `${fix.probe} ${fix.fixName}`, fix),
      registerServiceToken: (token) => this.#hold('token', this.serviceTokens, token.name, token),
      registerCapability: (spec) => this.#hold('capability', this.capabilities, spec.id, spec),
      registerCockpitPanel: (spec) => this.#hold('panel', this.panels, spec.id, spec),
      secret: async (name) => this.secrets.get(`${owner.id}.${name}`),
      identity: { current: async () => this.identity },
      subscribe: (spec) => this.#hold('subscription', this.subscriptions, spec.consumer, spec),
      chain: {
        append: async (draft) => {
          this.eventTypes.get(draft.type)?.payload.parse(draft.payload);
          this.appended.push(draft);
        },
        read: async () => [],
      },
      tickets: { add: async (ticket) => ({ ticketId: this.tickets.push(ticket) }) },
      notify: { send: async (message) => void this.messages.push(message), isQuiet: async () => false },
      admit: async (request) => {
        this.calls.push(request);
        return { allow: true };
      },
      approvals: { wait: async () => 'approved' },
      settle: async (callId, cost) => void this.settled.push({ callId, ...cost }),
      ...this.thinking.services((kind, held, name, value) => this.#hold(kind, held, name, value)),
      artifacts: scriptedArtifacts(owner.id, this.artifacts),
      probes: { list: async () => [], incidents: async () => [], history: async () => [] },
      clock: { now: () => Date.now(), sleep: async () => true },
    };
  }

  async record(draft: EventDraft): Promise<void> {
    this.recorded.push(draft);
  }

  /** The states a plugin went through, as recorded. */
  statesOf(plugin: string): readonly string[] {
    const own = this.recorded.filter(({ payload }) => payload['plugin'] === plugin);
    return own.map(({ payload }) => {
      const reason = payload['reason_code'];
      return typeof reason === 'string' ? `${String(payload['to'])}(${reason})` : String(payload['to']);
    });
  }

  async #hold<T>(kind: string, held: Map<string, T>, name: string, value: T): Promise<Registration> {
    if (held.has(name)) throw fault('KORA_PLUGIN_INVALID', `${kind} ${name} is taken`);
    held.set(name, value);
    this.journal.push(`+ ${kind} ${name}`);
    return {
      dispose: async () => {
        if (held.delete(name)) this.journal.push(`- ${kind} ${name}`);
      },
    };
  }

  #line(level: string, message: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields ?? {})}`);
  }
}
