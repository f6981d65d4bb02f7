import { BootProgress } from './boot-progress.ts';
import { beginBoot, endBoot, failBoot, openBootStore, openRooms, passGates } from './boot-sequence.ts';
import type { BootSequence } from './boot-sequence.ts';
import { answerHouse } from './answers.ts';
import { grantBundled } from './bundled-grants.ts';
import { draft } from './chain/index.ts';
import { downStates } from './daemon/index.ts';
import { exitCodes, fault, faultRow, messageOf } from './fault/index.ts';
import { addHealthProbe } from './health-answers.ts';
import { breakGround } from './ground.ts';
import type { Ground } from './ground.ts';
import { announce, withdraw } from './home/index.ts';
import { startServer } from './http/index.ts';
import type { HttpServer } from './http/index.ts';
import { Life } from './life.ts';
import type { Kora, KoraOptions, KoraReady } from './options.ts';
import { resolveIdentity } from './identity-answers.ts';
import type { ResolvedIdentity } from './identity/index.ts';
import { startAlerts, startDeadMan } from './open-alerts.ts';
import { mendAfterPause } from './open-fixes.ts';
import { indexOf, openApprovals, openInstallations } from './open-installations.ts';
import { PluginHost } from './plugin/index.ts';
import type { Approvals, Installations } from './plugin/index.ts';
import type { Rooms } from './rooms.ts';
import { runtimeStopping } from './runtime-events.ts';
import { Scope } from './scope/index.ts';
import { servicesFor } from './services.ts';
import { startSnapshots } from './snapshot-of.ts';
import { openStopReach } from './stop-reach.ts';
import type { StopReach } from './stop-reach.ts';
import { beatEpoch } from './store-life.ts';
import { waitForStore } from './store-patience.ts';
import { culpritOf, watchUncaught } from './uncaught.ts';
import { degradedWords } from './told-plugins.ts';
import { startUpkeep } from './upkeep.ts';

/**
 * Builds the house bottom-up, boots it and keeps it: configuration, home lock, API (answering 503), store, schema,
 * rooms, plugins, gates, fatal daemons, ready, the other daemons. Everything opened is in one scope and closed in
 * reverse. Throws the coded error of the step that failed, after closing what had been opened.
 */
export async function createKora(options: KoraOptions): Promise<Kora> {
  const scope = new Scope('kora');
  const life = new Life(scope);
  try {
    const ground = await breakGround(options, scope);
    options.signal?.addEventListener('abort', () => void life.end('interrupted', exitCodes.interrupted), {
      once: true,
    });
    const progress = new BootProgress(ground.clock);
    const reach = await openStopReach(ground, life);
    const server = await openServer(ground, progress);
    reach.server = server;
    const ready = await raise(ground, { server, progress, life, reach });
    return { ready, closed: life.closed, stop: (reason) => life.end(reason, exitCodes.ok) };
  } catch (error) {
    await life.end(messageOf(error), faultRow(error).exit);
    const { exitCode, reason } = await life.closed;
    throw exitCode === exitCodes.stopped ? fault('KORA_STOPPED', reason, { cause: error }) : error;
  }
}

/** The API listens before anything slow begins, so that a boot can be watched. */
async function openServer(ground: Ground, progress: BootProgress): Promise<HttpServer> {
  const { configuration, home, clock, scope, onError } = ground;
  const server = await startServer({
    ...configuration.config.http,
    token: home.token,
    clock,
    boot: () => progress.report(),
    onError,
  });
  scope.add('http server', () => server.close());
  await announce(home, server.url, clock);
  scope.add('announcement', () => withdraw(home));
  return server;
}

interface Frame {
  readonly server: HttpServer;
  readonly progress: BootProgress;
  readonly life: Life;
  readonly reach: StopReach;
}

async function raise(ground: Ground, { server, progress, life, reach }: Frame): Promise<KoraReady> {
  const { scope } = ground;
  const { signal } = life.stopping;
  progress.phase('home');
  const { database, migrations } = await openBootStore(ground, progress, signal);
  progress.phase('store');
  const rooms = await openRooms(ground, { database, reach, progress, signal });
  reach.rooms = rooms;
  // A question that comes while they close is told so, instead of meeting half a house.
  scope.add('answers', () => server.shut());
  if (ground.options.onState !== undefined) rooms.holder.listen('terminal', ground.options.onState);
  life.farewell = (reason) => farewell(ground, rooms, reason);
  // After loops and work are closed, and while the store still stands.
  scope.add('last word of a stop', () => rooms.controller.lastWord());
  progress.phase('rooms');

  const end = life.end.bind(life);
  const sequence: BootSequence = { ground, rooms, migrations, progress, signal, end };
  const bootId = await beginBoot(sequence);
  let loadedPlugins: { readonly plugins: PluginHost; readonly installations: Installations };
  try {
    await waitForStore(sequence, () => recoverWork(ground, rooms));
    startLoops(ground, rooms);
    const approvals = await waitForStore(sequence, () => openApprovals(rooms));
    const { host: plugins, installations } = await loadPlugins(ground, rooms, { server, approvals, signal });
    loadedPlugins = { plugins, installations };
    for (const line of degradedWords(plugins.list())) ground.progress(line);
    const stop = (reason: string): Promise<void> => life.end(reason, exitCodes.ok);
    server.open(
      answerHouse({ ground, rooms, plugins, installations, guestMounts: server.guestMounts, sequence, stop }),
    );
    progress.phase('plugins');
    await passGates(sequence);
    progress.phase('gates');
    await rooms.coordinator.startFatal();
    await endBoot(sequence, bootId);
    progress.phase('fatal daemons');
  } catch (error) {
    await failBoot(sequence, bootId, error);
    throw error;
  }
  startWork(ground, rooms, loadedPlugins);
  return {
    url: server.url,
    cockpitUrl: server.pairingUrl(),
    guestUrl: server.guestMounts.url,
    pid: process.pid,
    bootMs: Math.round(progress.elapsedMs),
    primaryState: rooms.holder.state.primaryState,
    boot: progress.report(),
  };
}

/** The home's lock is ours, so whatever an earlier process of this runtime held or had begun is nobody's. */
async function recoverWork(ground: Ground, rooms: Rooms): Promise<void> {
  await rooms.scheduler.recover();
  const recovered = await rooms.worker.recover();
  if (recovered > 0)
    ground.progress(`${recovered} tickets of a run that ended without a word are claimable again`);
}

/** What goes on in every state: telling the operator, watching holds and the store. */
function startLoops(ground: Ground, rooms: Rooms): void {
  const { scope, onError } = ground;
  const loops = scope.child('loops');
  loops.run(
    'outbox',
    (signal) => rooms.delivery.run(signal),
    (error) => onError('outbox', error),
  );
  loops.run(
    'decisions',
    (signal) => rooms.decisions.run(signal),
    (error) => onError('decisions', error),
  );
  loops.run(
    'verification',
    (signal) => rooms.verifier.run(signal),
    (error) => onError('verification', error),
  );
  loops.run(
    'schedule',
    (signal) => rooms.scheduler.watch(signal),
    (error) => onError('schedule', error),
  );
  loops.run(
    'overdue tasks',
    (signal) => rooms.overdue.run(signal),
    (error) => onError('overdue tasks', error),
  );
  loops.run(
    'store watch',
    (signal) => beatEpoch(ground, rooms, signal),
    (error) => onError('store watch', error),
  );
  loops.run(
    'promotion',
    (signal) => rooms.promotion.follow(signal),
    (error) => onError('promotion', error),
  );
  loops.run(
    'control',
    (signal) => rooms.controller.run(signal),
    (error) => onError('control', error),
  );
}

/** Daemons, tickets and upkeep: what a runtime does once it is ready. A slow daemon delays nobody. */
function startWork(
  ground: Ground,
  rooms: Rooms,
  { plugins, installations }: { readonly plugins: PluginHost; readonly installations: Installations },
): void {
  const { scope, onError } = ground;
  const work = scope.child('work');
  startAlerts(ground, rooms, plugins, work);
  // Closed in reverse: tickets drain while daemons still serve them; stopping the daemons ends a start that goes on.
  work.run(
    'daemons starting',
    () => rooms.coordinator.startRest(),
    (error) => onError('daemons', error),
  );
  work.add('daemons', () => rooms.coordinator.stopAll());
  work.run(
    'tickets',
    (signal) => rooms.worker.run(signal),
    (error) => onError('tickets', error),
  );
  work.run(
    'inbound',
    (signal) => rooms.inbound.run(signal),
    (error) => onError('inbound', error),
  );
  startUpkeep(ground, rooms, work);
  const fixes = work.child('fixes');
  work.run(
    'fixes',
    () => {
      mendAfterPause(ground, rooms);
      return rooms.fixes.open(fixes);
    },
    (error) => onError('fixes', error),
  );
  work.run(
    'promotion',
    () => rooms.promotion.start(work),
    (error) => onError('promotion', error),
  );
  work.run(
    'snapshot',
    () => startSnapshots(ground, rooms, work),
    (error) => onError('snapshot', error),
  );
  if (ground.configuration.config.plugins.watch) {
    work.run(
      'plugin watch',
      (signal) => installations.watch(signal),
      (error) => onError('plugin watch', error),
    );
  }
  work.run(
    'health',
    () => addHealthProbe(ground, rooms, work),
    (error) => onError('health', error),
  );
  work.run(
    'dead-man',
    () => startDeadMan(ground, rooms, work),
    (error) => onError('dead-man', error),
  );
}

interface Loading {
  readonly server: HttpServer;
  readonly approvals: Approvals;
  readonly signal: AbortSignal;
}

async function loadPlugins(
  ground: Ground,
  rooms: Rooms,
  { server, approvals, signal }: Loading,
): Promise<{ readonly host: PluginHost; readonly installations: Installations }> {
  const { configuration, clock, log, home, scope, onError } = ground;
  const { plugins } = configuration.config;
  const running = (): boolean => rooms.holder.inputs.boot === 'passed';
  const identity = (): Promise<ResolvedIdentity> => resolveIdentity(ground, rooms);
  const { mounts, guestMounts } = server;
  const { quietHours } = configuration.config.messages;
  const services = { rooms, mounts, guestMounts, clock, quietHours, identity, running, onError };
  const host = new PluginHost({
    ports: {
      workspace: rooms.workspace.name,
      admission: rooms.admission,
      services: (owner) => servicesFor(services, owner),
      record: async (event) => void (await rooms.chain.append([event])),
      registered: (id) => rooms.watch.settled(id),
    },
    clock,
    log,
    home: home.directory,
    index: await indexOf(ground, plugins),
    approvals,
    // As it stands when it is asked: the operator may write another one while the runtime runs.
    configBlock: (id) => configuration.config.plugins.config[id],
  });
  rooms.secrets.plugins = () => host.list().map(({ id }) => id);
  scope.add('plugins', () => host.dispose());
  watchUncaught({
    clock,
    scope,
    log,
    whose: (error) => culpritOf(error, host.list()),
    died: (daemon, error) => void rooms.coordinator.died(daemon, error),
    erred: (id) => host.erred(id),
    record: async (drafts) => void (await rooms.chain.append(drafts)),
  });
  // Before they load: what one does while another is still on its way counts.
  const settleAll = watchPlugins(rooms, host);
  await host.loadAll(signal);
  await grantBundled(ground, rooms, host.index);
  settleAll();
  return { host, installations: openInstallations(ground, { host, approvals }) };
}

/** A plugin's state follows its daemons and its first good run. Answers what settles all of them by how they stand. */
function watchPlugins(rooms: Rooms, host: PluginHost): () => void {
  const settle = (pluginName: string): void => {
    const daemons = rooms.coordinator.list().filter((daemon) => daemon.pluginName === pluginName);
    if (daemons.some(({ state }) => state === 'registered' || state === 'starting')) return;
    const failures = daemons.flatMap(({ name, state, error }) =>
      downStates.has(state) ? [`daemon ${name} is ${state}: ${error}`] : [],
    );
    host.daemonsSettled(pluginName, failures);
  };
  const changed = new Set<string>();
  const settleChanged = (): void => {
    const names = [...changed];
    changed.clear();
    for (const name of names) settle(name);
  };
  // A thousand daemons that come up together are looked at once, not a thousand times.
  rooms.watch.settled = (pluginName) => {
    if (changed.size === 0) queueMicrotask(settleChanged);
    changed.add(pluginName);
  };
  rooms.watch.ticked = (pluginName) => host.ticked(pluginName);
  return () => {
    for (const { id } of host.list()) settle(id);
  };
}

async function farewell(ground: Ground, rooms: Rooms, reason: string): Promise<void> {
  ground.progress(`stopping: ${reason}`);
  await rooms.chain
    .append([draft(runtimeStopping, { reason })])
    .catch((error: unknown) => ground.onError('farewell', error));
}
