import { Admission, noBudget } from './admission/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import type { GatedHouse } from './gated-house.ts';
import { indexPlugins, PluginHost } from './plugin/index.ts';
import { PluginSecrets } from './plugin-secrets.ts';
import type { HouseServices, PluginOwner } from './plugin/index.ts';
import { derive, startInputs } from './state/index.ts';

type CheckedRooms = GatedHouse['rooms'];

/**
 * Loads the trusted plugins for the gates, tokens and capabilities that they bring; whatever else they register is taken
 * and forgotten, and what they want to write is refused. Answers the guests, which add no gate and are not started.
 */
export async function loadForCheck(
  ground: Ground,
  rooms: CheckedRooms,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { options, configuration, build, clock, log, home, scope } = ground;
  const { plugins } = configuration.config;
  const index = await indexPlugins({
    startDir: options.cwd,
    bundled: options.bundled.map((packageDir) => ({ packageDir })),
    runtimeVersion: build,
    settings: plugins,
  });
  const host = new PluginHost({
    ports: {
      workspace: rooms.workspace.name,
      admission: bootingDoor(ground),
      services: (owner) => checkServices(ground, rooms, owner),
      record: () => Promise.resolve(),
    },
    clock,
    log,
    home: home.directory,
    index: { ...index, rows: index.rows.filter(({ trusted }) => trusted) },
    configBlock: (id) => plugins.config[id],
  });
  scope.add('plugins', () => host.dispose());
  await host.loadAll(signal);
  return index.rows.flatMap(({ id, trusted, state }) => (!trusted && state === 'indexed' ? [id] : []));
}

/** The door as it stands while a runtime boots. */
function bootingDoor({ onError }: Ground): Admission {
  const state = { inputs: startInputs, derived: derive(startInputs) };
  return new Admission({
    state: () => state,
    holdsClaim: () => false,
    budget: noBudget,
    capabilities: { check: () => Promise.resolve({ verdict: 'denied', cause: 'capability_unmapped' }) },
    refused: { refused: () => undefined },
    onError,
  });
}

function checkServices(
  ground: Ground,
  { chain, gates, tokens, capabilities }: CheckedRooms,
  { id, trusted }: PluginOwner,
): HouseServices {
  const { clock } = ground;
  // A token is checked with it, as in a boot.
  const secrets = new PluginSecrets(ground, () => false);
  const taken = (): ReturnType<HouseServices['registerProbe']> =>
    Promise.resolve({ dispose: () => Promise.resolve() });
  const refused = (): Promise<never> =>
    Promise.reject(fault('KORA_NOT_READY', 'this is a check of the gates, which changes nothing'));
  return {
    registerMigrations: taken,
    store: { run: refused },
    registerBackgroundDaemon: taken,
    registerPeriodicTask: taken,
    registerIdentityProvider: taken,
    registerProbe: taken,
    registerChannel: taken,
    registerTicketHandler: taken,
    registerEventTypes: taken,
    registerHttpMount: taken,
    registerCapability: async (spec) => undoing(capabilities.register(spec, id)),
    subscribe: taken,
    registerBootGate: async (gate) => {
      if (!trusted) throw fault('KORA_PLUGIN_INVALID', `plugin ${id} is not trusted with a boot gate`);
      return undoing(gates.register(gate, id));
    },
    registerFix: taken,
    registerServiceToken: async (token) => undoing(tokens.register(token, id)),
    registerCockpitPanel: taken,
    registerTool: taken,
    registerEngine: taken,
    registerLoop: taken,
    registerChangeKind: taken,
    secret: (name) => secrets.read(id, name),
    identity: { current: refused },
    admit: refused,
    settle: refused,
    reason: { ask: refused },
    mcp: { caller: refused, call: refused, turnedAway: refused, showServers: refused },
    engine: { beginCall: refused, endCall: refused, callTool: refused },
    approvals: { wait: refused },
    chain: { append: refused, read: (query) => chain.read(query) },
    tickets: { add: refused },
    notify: { send: refused, isQuiet: async () => false },
    promotion: {
      history: {
        questions: refused,
        toolCalls: refused,
        incidents: refused,
        attempts: refused,
        events: refused,
      },
      places: async () => [],
    },
    artifacts: { put: refused, get: refused, list: refused },
    probes: { list: async () => [], incidents: async () => [], history: async () => [] },
    clock: { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) },
  };
}

function undoing(undo: () => void): { dispose(): Promise<void> } {
  return { dispose: async () => undo() };
}
