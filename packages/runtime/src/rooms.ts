import type { Admission } from './admission/index.ts';
import type { Artifacts } from './artifact/index.ts';
import { PluginGates, ServiceTokens } from './boot/index.ts';
import type { Capabilities } from './capability/index.ts';
import type { Chain, Checkpointer, EventDraft, TailVerifier, Vocabulary } from './chain/index.ts';
import { OverdueWatch, Scheduler } from './daemon/index.ts';
import type { BackgroundDaemonRegistry, DaemonCoordinator } from './daemon/index.ts';
import type { Controller, Keeper } from './control/index.ts';
import type { Fixes } from './fix/index.ts';
import type { Ground } from './ground.ts';
import { houseChanges, learnedFieldsOf } from './house-changes.ts';
import type { McpDesk } from './mcp/index.ts';
import { openNumbers } from './home/index.ts';
import { Identities } from './identity/index.ts';
import { incidentTeller } from './alert-decisions.ts';
import { routedMessages } from './alert-routes.ts';
import { acceptMessage } from './message/index.ts';
import type { NewMessage } from './message/index.ts';
import type { Decisions, Delivery, Inbound } from './message/index.ts';
import { Panels } from './plugin/index.ts';
import type { PluginStores } from './plugin/index.ts';
import { PluginSecrets } from './plugin-secrets.ts';
import { openPluginStores } from './plugin-stores.ts';
import { keepTold, Probes } from './probe/index.ts';
import { openChain } from './open-chain.ts';
import { openDaemons } from './open-daemons.ts';
import { openDoor } from './open-door.ts';
import { fixesOf, hearingWakes } from './open-fixes.ts';
import { addHouseTools } from './open-house-tools.ts';
import { mcpDeskOf } from './open-mcp.ts';
import { openInbound } from './open-inbound.ts';
import { channelOrder, decisionsOf, deliveryOf } from './open-messages.ts';
import { openReason } from './open-reason.ts';
import { artifactsOf, toolsOf } from './open-tools.ts';
import type { Tools } from './reason/index.ts';
import { openPromotion, promotionOf } from './open-promotion.ts';
import type { Promotion } from './promotion/index.ts';
import { recentChanges } from './recent-changes.ts';
import type { LearnedFields, Phrasebook, Reason, Snapshots } from './reason/index.ts';
import { connectWords, phrasebookOf } from './phrasebook-answers.ts';
import { snapshotsOf } from './snapshot-of.ts';
import { controllerOf, stateNow } from './stop-reach.ts';
import type { StopReach } from './stop-reach.ts';
import type { Spend } from './spend/index.ts';
import { OperationalStateHolder } from './state/index.ts';
import type { Database, Transaction } from './store/index.ts';
import { addTicket, Sessions, TicketWorker } from './ticket/index.ts';
import type { Consequences, RemoteWorkers } from './ticket/index.ts';
import { ClaimsObserver, paidWork } from './ticket-state.ts';
import { remoteWorkersOf } from './worker-answers.ts';
import { ensureWorkspace } from './workspace/index.ts';
import type { Workspace } from './workspace/index.ts';

/** The rooms of one runtime in one workspace, built bottom-up and connected by ports. */
export interface Rooms {
  readonly database: Database;
  readonly workspace: Workspace;
  readonly chain: Chain;
  readonly vocabulary: Vocabulary;
  readonly checkpoints: Checkpointer;
  readonly verifier: TailVerifier;
  readonly holder: OperationalStateHolder;
  readonly controller: Controller;
  /** The one door; whoever claims, calls, sends, runs a task or loads a plugin asks it. */
  readonly admission: Admission;
  readonly capabilities: Capabilities;
  readonly spend: Spend;
  readonly registry: BackgroundDaemonRegistry;
  readonly coordinator: DaemonCoordinator;
  readonly scheduler: Scheduler;
  /** Sees that tasks run, without asking the scheduler's timer. */
  readonly overdue: OverdueWatch;
  readonly worker: TicketWorker;
  /** What everything this runtime claims is held under. */
  readonly sessions: Sessions;
  /** Those in other processes. */
  readonly workers: RemoteWorkers;
  /** Where programs outside ask over MCP. */
  readonly mcp: McpDesk;
  /** The tables that plugins keep. */
  readonly pluginStores: PluginStores;
  readonly delivery: Delivery;
  /** What comes in over channels. */
  readonly inbound: Inbound;
  /** What waits for the operator's word. */
  readonly decisions: Decisions;
  /** Files that messages and tools carry. */
  readonly artifacts: Artifacts;
  /** What whoever thinks may ask for. */
  readonly tools: Tools;
  readonly probes: Probes;
  /** What may be mended of what they find broken. */
  readonly fixes: Fixes;
  readonly identities: Identities;
  /** Whoever thinks, and the record of it. */
  readonly reason: Reason;
  /** How everything stands, for whoever thinks. */
  readonly snapshots: Snapshots;
  /** What of that was learned to be read by tools. */
  readonly learnedFields: LearnedFields;
  /** What is answered for nothing. */
  readonly phrasebook: Phrasebook;
  /** What was learned, and what is proposed of it. */
  readonly promotion: Promotion;
  readonly panels: Panels;
  /** The secrets of plugins, each for its own. */
  readonly secrets: PluginSecrets;
  /** What plugins bring to a boot. */
  readonly gates: PluginGates;
  readonly tokens: ServiceTokens;
  /** The thread that watches this one. */
  readonly keeper: Pick<Keeper, 'silentForMs'>;
  /** Writes what follows from a ticket or an event, inside the transaction that it follows from. */
  readonly apply: (tx: Transaction, consequences: Consequences, from?: Provenance) => Promise<void>;
  /** What other rooms want to know about a plugin's daemons and runs; set once the plugin host stands. */
  readonly watch: PluginWatch;
}

/** Where consequences come from: a ticket made of untrusted text stays untrusted. */
export interface Provenance {
  readonly origin: string;
  readonly trusted: boolean;
  /** The event it all follows from: what names no cause of its own names this one. */
  readonly cause: string | null;
}

export interface PluginWatch {
  settled: (pluginName: string) => void;
  ticked: (pluginName: string) => void;
}

/** Builds floors 2 to 5. Nothing claims, fires or sends yet: `kora.ts` starts the loops. */
export async function buildRooms(ground: Ground, database: Database, reach: StopReach): Promise<Rooms> {
  const { clock, home, onError, configuration } = ground;
  const workspace = await database.transaction((tx) => ensureWorkspace(tx, configuration.config.workspace));
  const log = await openChain(ground, database, workspace);
  const { chain } = log;
  const stage: Stage = (tx, drafts) => chain.stage(tx, drafts);
  const holder = new OperationalStateHolder({
    clock,
    runtimeId: home.runtimeId,
    numbers: await openNumbers(home.directory, onError),
    record: async (drafts) => void (await chain.append(drafts)),
    onError,
  });
  const claims = new ClaimsObserver(ground, holder);
  const paid = { database, workspace, chain, clock, claims, runtimeId: home.runtimeId };
  /** Money may come back before there is anybody to tell. */
  const later = { announce: (): void => undefined };
  const watch: PluginWatch = { settled: () => undefined, ticked: () => undefined };
  const { admission, capabilities, spend } = await openDoor(
    ground,
    { database, workspace, chain, stage, paid: paidWork({ ...paid, announce: () => later.announce() }) },
    {
      state: () => stateNow(holder, reach.keeper),
      locked: () => controller.isLocked,
      holdsClaim: (claim) => work.worker.holds(claim),
      apply: () => work.apply,
    },
  );
  const base: Base = { ground, database, workspace, chain, holder, admission, stage, watch, claims };
  const schedule = buildSchedule({ ...base, apply: () => work.apply });
  const work = buildWork(base, log.vocabulary);
  later.announce = () => work.worker.announce();
  const heard = hearingWakes(stage, () => fixes, onError);
  const probes = buildProbes({ ...base, stage: heard }, schedule.scheduler, work);
  const fixes: Fixes = fixesOf(ground, { ...base, ...log, ...work, capabilities, probes });
  const workers = remoteWorkersOf(ground, { ...base, ...work, vocabulary: log.vocabulary });
  const controller = controllerOf(ground, reach, { ...base, ...schedule, ...work, workers });
  const identities = new Identities(ground.build, ground.clock);
  const panels = new Panels(clock, admission);
  const promotion = () => rooms.promotion;
  const decisions = decisionsOf(ground, { ...base, ...work, capabilities, panels, promotion });
  const learnedFields = learnedFieldsOf(ground, () => rooms);
  const snapshots = snapshotsOf(ground, base, () => rooms, learnedFields);
  const thought = { ...base, ...work, vocabulary: log.vocabulary, spend, identities };
  const rooms: Rooms = {
    database,
    workspace,
    ...log,
    snapshots,
    learnedFields,
    get mcp() {
      return mcp;
    },
    phrasebook: await phrasebookOf(ground, { ...base, snapshots }),
    holder,
    controller,
    admission,
    capabilities,
    spend,
    watch,
    probes,
    fixes,
    identities,
    reason: await openReason(ground, thought),
    inbound: await openInbound(ground, { ...thought, reason: () => rooms.reason, decisions }),
    decisions,
    panels,
    promotion: promotionOf(ground, { ...base, ...log, ...schedule, ...work }),
    secrets: new PluginSecrets(ground, () => controller.isLocked),
    gates: new PluginGates(),
    tokens: new ServiceTokens(clock),
    keeper: reach.keeper,
    pluginStores: openPluginStores(ground, { ...base, ...work }),
    workers,
    tools: toolsOf(ground, { ...base, ...log, ...work, capabilities }),
    ...schedule,
    ...work,
  };
  const mcp = mcpDeskOf(ground, rooms);
  connectWords(ground, rooms);
  rooms.reason.ports.tools = rooms.tools;
  addHouseTools(ground, rooms);
  await openPromotion(ground, rooms, houseChanges(rooms));
  return rooms;
}

type Stage = (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;

/** What every room of floor 5 stands on. */
interface Base extends Pick<Rooms, 'database' | 'workspace' | 'chain' | 'holder' | 'admission' | 'watch'> {
  readonly ground: Ground;
  readonly stage: Stage;
  readonly claims: ClaimsObserver;
}

function buildSchedule({
  ground,
  database,
  workspace,
  chain,
  holder,
  admission,
  stage,
  watch,
  apply,
}: Base & { readonly apply: () => Rooms['apply'] }): Pick<
  Rooms,
  'registry' | 'scheduler' | 'overdue' | 'coordinator'
> {
  const { clock, home, onError } = ground;
  const record = async (drafts: readonly EventDraft[]): Promise<void> => void (await chain.append(drafts));
  const told = { database, workspaceId: workspace.workspaceId, clock, stage, onError };
  const scheduler = new Scheduler({
    ...told,
    runtimeId: home.runtimeId,
    record,
    admission,
    onRan: (pluginName, outcome) => {
      if (outcome === 'ok' || outcome === 'noop') watch.ticked(pluginName);
    },
  });
  const overdue = new OverdueWatch({ ...told, tasks: () => scheduler.onSchedule() });
  const daemons = openDaemons(ground, { database, chain, holder, scheduler, watch, apply });
  return { scheduler, overdue, ...daemons };
}

function buildWork(
  { ground, database, workspace, chain, admission, stage, claims }: Base,
  vocabulary: Vocabulary,
): Pick<Rooms, 'worker' | 'sessions' | 'delivery' | 'artifacts' | 'apply'> {
  const { clock, onError, configuration } = ground;
  const artifacts = artifactsOf(ground, { database, workspace, chain });
  const { workspaceId } = workspace;
  const delivery = deliveryOf(ground, { database, workspace, chain, admission });
  const kick = (): void => worker.announce();
  const order = channelOrder(ground, delivery);
  const routed = routedMessages(ground, delivery, workspaceId);
  const apply = applier({ workspaceId, chain, stage, delivery, artifacts, kick, order, routed });
  const sessions = new Sessions({
    database,
    owner: chain.owner,
    clock,
    connection: database.way(),
    singleProcess: database.server.kind === 'pglite',
    onError,
  });
  const worker = new TicketWorker({
    database,
    owner: chain.owner,
    clock,
    sessions,
    prepare: (event) => chain.prepare(event),
    scrub: (text) => vocabulary.text(text),
    staged: () => chain.staged(),
    keptPace: () => chain.keptPace(),
    admission,
    onClaims: (live, lost) => claims.changed(live, lost),
    retryCeiling: configuration.config.tickets.retryCeiling,
    apply: (tx, consequences, claim) =>
      apply(tx, consequences, {
        origin: `ticket:${claim.ticketId}`,
        trusted: claim.trusted,
        cause: claim.causationId,
      }),
    onError,
  });
  return { worker, sessions, delivery, artifacts, apply };
}

function buildProbes(
  { ground, database, workspace, chain, admission, stage }: Base,
  scheduler: Scheduler,
  { apply, delivery }: Pick<Rooms, 'apply' | 'delivery'>,
): Probes {
  return new Probes({
    database,
    workspaceId: workspace.workspaceId,
    runtimeId: ground.home.runtimeId,
    clock: ground.clock,
    admission,
    stage,
    tell: incidentTeller(ground, { workspace, chain, delivery, apply }),
    schedule: (task, pluginName) => scheduler.add(task, { pluginName, daemon: null }),
    recentChanges: (db) => recentChanges(chain, db),
  });
}

interface ApplyPorts {
  readonly chain: Chain;
  readonly workspaceId: number;
  readonly stage: (tx: Transaction, drafts: readonly EventDraft[]) => Promise<void>;
  readonly delivery: Delivery;
  readonly artifacts: Artifacts;
  readonly kick: () => void;
  readonly order: () => readonly string[];
  /** Where what is wrong goes, by its severity. */
  readonly routed: (tx: Transaction, message: NewMessage) => Promise<NewMessage>;
}

/** One place where work turns into rows of other rooms, so that "together or not at all" has one meaning. */
function applier({
  workspaceId,
  chain,
  stage,
  delivery,
  artifacts,
  kick,
  order,
  routed,
}: ApplyPorts): Rooms['apply'] {
  const attach: Artifacts['attach'] = (tx, artifactIds) => artifacts.attach(tx, artifactIds);
  const context = { workspaceId, stage, attach, order };
  return async (tx, { tickets = [], messages = [], events = [] }, from) => {
    const named = from?.cause ?? null;
    const cause = named === null ? {} : { causationId: named };
    for (const ticket of tickets) {
      const origin = from === undefined ? {} : { origin: ticket.origin ?? from.origin };
      const trusted = (ticket.trusted ?? true) && (from?.trusted ?? true);
      await addTicket(tx, chain, { ...cause, ...ticket, ...origin, trusted });
    }
    for (const message of messages) {
      const isNew = await acceptMessage(tx, context, await routed(tx, { ...cause, ...message }));
      if (isNew) await keepTold(tx, workspaceId, { ...cause, ...message });
    }
    const caused = events.map((event) => ({ ...cause, ...event }));
    await stage(tx, caused);
    if (tickets.length > 0) tx.afterCommit(kick);
    if (messages.length > 0) tx.afterCommit(() => delivery.kick());
  };
}
