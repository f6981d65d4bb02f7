import { fault, handedOver, Identities } from '@kora/runtime/testkit';
import type { FakeClock, HouseServices } from '@kora/runtime/testkit';
import type {
  BootGateSpec,
  Consequences,
  HttpMountSpec,
  Registration,
  ServiceTokenSpec,
  ToolSpec,
} from '@kora/runtime/plugin';
import type { TestRuntimeOptions } from '../contract.ts';
import { Artifacts } from './artifacts.ts';
import { Calls } from './calls.ts';
import { MemoryChain } from './chain.ts';
import { Daemons } from './daemons.ts';
import { Diary } from './diary.ts';
import { Messages } from './messages.ts';
import { Fixes } from './fixes.ts';
import { Loops } from './loops.ts';
import { Named } from './named.ts';
import { Panels } from './panels.ts';
import { Sleepers } from './patience.ts';
import { Probes } from './probes.ts';
import { Reasoning } from './reasoning.ts';
import { Schedule } from './schedule.ts';
import { Tables } from './store.ts';
import { Subscriptions } from './subscriptions.ts';
import { Tickets } from './tickets.ts';
import { Tools } from './tools.ts';
import { words } from './words.ts';

export interface HouseOptions
  extends Pick<
    TestRuntimeOptions,
    'calls' | 'grants' | 'model' | 'secrets' | 'onHappening' | 'store' | 'past'
  > {
  readonly plugin: string;
  readonly workspace: string;
  readonly trusted: boolean;
  readonly clock: FakeClock;
}

/** The rooms of a runtime, in memory, for one plugin: what is registered with them, and what it did there. */
export class MemoryHouse {
  readonly clock: FakeClock;
  readonly sleepers: Sleepers = new Sleepers();
  readonly diary: Diary;
  readonly chain: MemoryChain;
  readonly messages: Messages;
  readonly tickets: Tickets;
  readonly subscriptions: Subscriptions;
  readonly schedule: Schedule;
  readonly daemons: Daemons;
  readonly probes: Probes;
  readonly calls: Calls;
  readonly panels: Panels = new Panels();
  readonly artifacts: Artifacts;
  readonly tools: Tools;
  readonly reasoning: Reasoning;
  readonly tables: Tables;
  readonly identities: Identities;
  readonly mounts: Named<HttpMountSpec> = new Named('mount', 'KORA_PLUGIN_INVALID');
  readonly gates: Named<BootGateSpec> = new Named('boot gate', 'KORA_PLUGIN_INVALID');
  readonly fixes: Fixes = new Fixes();
  readonly loops: Loops;
  readonly tokens: Named<ServiceTokenSpec> = new Named('service token', 'KORA_PLUGIN_INVALID');
  /** What the house refused and what the plugin's code threw, whether or not anybody let it be seen. */
  readonly refusals: unknown[] = [];
  readonly #options: HouseOptions;
  readonly #identityNames: string[] = [];

  constructor(options: HouseOptions) {
    const { clock, plugin, trusted } = options;
    const diary = new Diary(clock, options.onHappening);
    const land = (consequences: Consequences): Promise<void> => this.land(consequences);
    const onError = (error: unknown): void => void this.refusals.push(error);
    this.#options = options;
    this.clock = clock;
    this.diary = diary;
    this.chain = new MemoryChain(clock, ({ seq, type, payload }) =>
      diary.tell('event', `#${seq} ${type} ${words(payload)}`),
    );
    this.messages = new Messages(clock, diary, (artifactIds) => this.artifacts.require(artifactIds));
    this.tickets = new Tickets({ clock, diary, land, onError });
    this.subscriptions = new Subscriptions({ clock, diary, events: () => this.chain.events, land, onError });
    this.schedule = new Schedule(clock, diary, onError);
    this.daemons = new Daemons({ plugin, trusted, clock, diary, schedule: this.schedule });
    this.probes = new Probes({
      plugin,
      clock,
      diary,
      raise: (draft) => void this.chain.append(draft, 'kora'),
      tell: (message) => this.messages.accept(message),
      onError,
    });
    this.calls = new Calls(diary, options.calls, options.grants ?? []);
    this.loops = new Loops(plugin, clock, options.past);
    this.identities = new Identities('0.0.0', clock);
    this.artifacts = new Artifacts(clock, plugin, trusted);
    this.tools = new Tools({
      plugin,
      trusted,
      clock,
      calls: this.calls,
      record: (draft) => void this.chain.append(draft, 'kora'),
      ledgerOf: (ticket) => this.tickets.ledgerOf(ticket),
      onError,
    });
    this.reasoning = new Reasoning({
      plugin,
      clock,
      diary,
      calls: this.calls,
      tools: this.tools,
      script: options.model,
      identity: () => this.currentIdentity(),
      onError,
    });
    this.tables = new Tables({
      plugin,
      kind: options.store,
      checkClaim: (claim) => this.tickets.checkClaim(claim),
      checkCursor: (cursor) => this.subscriptions.checkCursor(cursor),
    });
  }

  /** What the context is built over. Every call parses what it is given as one from another process is parsed. */
  services(): HouseServices {
    return {
      ...this.#registrations(),
      ...this.#trustedRegistrations(),
      chain: {
        append: (draft) => this.#refusable(() => void this.chain.append(parsed('eventDraft', draft), 'kora')),
        read: (query) => this.#refusable(() => this.chain.read(query)),
      },
      tickets: { add: (ticket) => this.#refusable(() => this.tickets.add(this.#ownTicket(ticket))) },
      notify: {
        send: (message) => this.#refusable(() => this.messages.accept(parsed('newMessage', message))),
        isQuiet: async () => false,
      },
      admit: (request) => this.#refusable(() => this.calls.admit(parsed('callRequest', request))),
      settle: (callId, cost) => this.#refusable(() => this.calls.settle(callId, cost.costMicroUsd)),
      approvals: { wait: (approvalId, signal) => this.calls.wait(approvalId, signal) },
      reason: { ask: (request, signal) => this.#refusable(() => this.reasoning.ask(request, signal)) },
      engine: this.reasoning.context,
      promotion: this.loops.context,
      mcp: {
        caller: () => this.#nobodyAsks(),
        call: () => this.#nobodyAsks(),
        turnedAway: () => this.#nobodyAsks(),
        showServers: () => Promise.resolve(),
      },
      artifacts: {
        put: (artifact) => this.#refusable(() => this.artifacts.put(artifact)),
        get: (artifactId) => this.#refusable(() => this.artifacts.get(artifactId)),
        list: (query) => this.#refusable(() => this.artifacts.list(query)),
      },
      probes: {
        list: () => Promise.resolve(structuredClone(this.probes.list())),
        incidents: (query) => Promise.resolve(structuredClone(this.probes.open(query))),
        history: (query) => Promise.resolve(structuredClone(this.probes.history(query))),
      },
      store: { run: (statements, options) => this.#refusable(() => this.tables.run(statements, options)) },
      clock: {
        now: () => this.clock.now(),
        sleep: (ms, signal) => this.sleepers.sleep(this.clock.sleep(ms, signal)),
      },
      // Which names it may ask for is the context's to check.
      secret: (name) => Promise.resolve(this.#options.secrets?.[name]),
      identity: {
        current: () => this.#refusable(() => this.currentIdentity()),
      },
    };
  }

  /** Who speaks in the workspace: the plugin's own identity where it brings one that claims it, else the built-in one. */
  currentIdentity(): ReturnType<Identities['resolve']> {
    const { workspace } = this.#options;
    return this.identities.resolve({ workspace, chosen: null, order: this.#identityNames });
  }

  /** What a reaction or a ticket brings with it: all of it or nothing. */
  async land({ tickets = [], messages = [], events = [] }: Consequences): Promise<void> {
    await this.#refusable(async () => {
      const drafts = events.map((event) => parsed('eventDraft', event));
      const added = tickets.map((ticket) => this.#ownTicket(ticket));
      const told = messages.map((message) => parsed('newMessage', message));
      this.chain.check(drafts);
      for (const draft of drafts) this.chain.append(draft, 'kora');
      for (const ticket of added) this.tickets.add(ticket);
      for (const message of told) await this.messages.accept(message);
    });
  }

  #registrations(): Pick<HouseServices, RegistrationOfAnyone> {
    return {
      registerMigrations: (given) => this.#refusable(() => this.tables.register(given)),
      registerBackgroundDaemon: (entry) => this.#refusable(() => this.daemons.register(entry)),
      registerPeriodicTask: (task) => this.#refusable(() => this.schedule.register(task)),
      registerIdentityProvider: (provider) =>
        this.#refusable(() => {
          const undo = this.identities.register(provider, this.#options.plugin);
          this.#identityNames.push(provider.name);
          return undoing(() => {
            undo();
            this.#identityNames.splice(this.#identityNames.indexOf(provider.name), 1);
          });
        }),
      registerProbe: (probe) => this.#refusable(() => this.probes.register(probe)),
      registerChannel: (channel) => this.#refusable(() => this.messages.register(channel)),
      // As the house keeps it: the payload is parsed with the handler's own schema before it is handed over.
      registerTicketHandler: (handler) =>
        this.#refusable(() =>
          this.tickets.register(handler as unknown as Parameters<Tickets['register']>[0]),
        ),
      registerEventTypes: (types) => this.#refusable(() => this.chain.declare(this.#options.plugin, types)),
      subscribe: (subscription) => this.#refusable(() => this.subscriptions.register(subscription)),
      registerServiceToken: (token) => this.#refusable(() => this.tokens.hold(token.name, token)),
      registerCapability: (capability) => this.#refusable(() => this.calls.register(capability)),
      registerCockpitPanel: (panel) => this.#refusable(() => this.panels.register(panel)),
      registerTool: (tool) => this.#refusable(() => this.tools.register(tool as unknown as ToolSpec)),
      registerEngine: (engine) => this.#refusable(() => this.reasoning.register(engine)),
      registerLoop: (loop) => this.#refusable(() => this.loops.register(loop)),
    };
  }

  #trustedRegistrations(): Pick<HouseServices, TrustedRegistration> {
    const { plugin, trusted } = this.#options;
    return {
      registerHttpMount: (mount) =>
        this.#refusable(() => {
          if (!trusted && mount.path === '/')
            throw fault('KORA_PLUGIN_INVALID', `plugin ${plugin} is not trusted with the operator's page`);
          return this.mounts.hold(mount.path, mount);
        }),
      registerBootGate: (gate) =>
        this.#refusable(() => {
          if (!trusted)
            throw fault('KORA_PLUGIN_INVALID', `plugin ${plugin} is not trusted with a boot gate`);
          return this.gates.hold(gate.gateId, gate);
        }),
      registerFix: (fix) =>
        this.#refusable(() => {
          if (!trusted) throw fault('KORA_PLUGIN_INVALID', `plugin ${plugin} is not trusted with a fix`);
          return this.fixes.hold(fix, plugin);
        }),
      registerChangeKind: (kind) =>
        this.#refusable(() => {
          if (!trusted)
            throw fault('KORA_PLUGIN_INVALID', `plugin ${plugin} is not trusted with a kind of change`);
          return this.loops.registerKind(kind);
        }),
    };
  }

  /** Programs that ask from outside are met at a real runtime: here nobody has a token. */
  #nobodyAsks(): Promise<never> {
    return this.#refusable(() => {
      throw fault('KORA_AUTH_MISSING', 'no valid token of an MCP caller came with the request');
    });
  }

  #ownTicket(ticket: unknown): ReturnType<typeof parsedTicket> {
    const read = parsedTicket(ticket);
    return { ...read, origin: read.origin ?? `plugin:${this.#options.plugin}` };
  }

  /** Does it as the real house does: later, not at once; what is refused is remembered. */
  async #refusable<T>(work: () => Promise<T> | T): Promise<T> {
    await Promise.resolve();
    try {
      return await work();
    } catch (error) {
      this.refusals.push(error);
      throw error;
    }
  }
}

type RegistrationOfAnyone = Exclude<
  Extract<keyof HouseServices, `register${string}` | 'subscribe'>,
  TrustedRegistration
>;
type TrustedRegistration = 'registerHttpMount' | 'registerBootGate' | 'registerFix' | 'registerChangeKind';

type Shapes = typeof handedOver;
type Parsed<Name extends 'eventDraft' | 'newMessage' | 'callRequest'> = ReturnType<Shapes[Name]['parse']>;

function parsed<Name extends 'eventDraft' | 'newMessage' | 'callRequest'>(
  name: Name,
  given: unknown,
): Parsed<Name> {
  const shape = handedOver[name];
  return handedOver.parsed<unknown>(shape, given) as Parsed<Name>;
}

function parsedTicket(given: unknown): ReturnType<Shapes['newTicket']['parse']> {
  return handedOver.parsed(handedOver.newTicket, given);
}

function undoing(undo: () => void): Registration {
  return {
    dispose: () => {
      undo();
      return Promise.resolve();
    },
  };
}
