import { alertAnswers } from './alert-answers.ts';
import { artifactAnswers } from './artifact-answers.ts';
import { bootAnswers } from './boot-answers.ts';
import type { BootSequence } from './boot-sequence.ts';
import { backupAnswers } from './backup-answers.ts';
import { capabilityAnswers } from './capability-answers.ts';
import { channelAnswers } from './channel-answers.ts';
import { chainAnswers } from './chain-answers.ts';
import { configAnswers } from './config-answers.ts';
import { controlAnswers } from './control-answers.ts';
import { daemonAnswers } from './daemon-answers.ts';
import { decisionAnswers } from './decision-answers.ts';
import { explainAnswers } from './explain.ts';
import { findings } from './findings.ts';
import { fixAnswers } from './fix-answers.ts';
import type { Ground } from './ground.ts';
import { healthAnswers } from './health-answers.ts';
import { incidentAnswers } from './incident-answers.ts';
import type { GuestMounts, House, shape } from './http/index.ts';
import { chooseIdentity } from './identity/index.ts';
import { identityRows, whoSpeaks } from './identity-answers.ts';
import { inboundAnswers } from './inbound-answers.ts';
import { mcpAnswers } from './mcp-answers.ts';
import { listMessages } from './message/index.ts';
import type { Installations, PluginHost } from './plugin/index.ts';
import { pageAnswers } from './page-answers.ts';
import { panelAnswers } from './panel-answers.ts';
import { phrasebookAnswers } from './phrasebook-answers.ts';
import { pluginConfigAnswers } from './plugin-config-answers.ts';
import { pluginAnswers, standingView } from './plugin-answers.ts';
import type { Rooms } from './rooms.ts';
import { incidentsWithTickets } from './services.ts';
import { barredNextStates, validNextStates } from './state/index.ts';
import { strictestStop } from './strictest-stop.ts';
import { promotionAnswers } from './promotion-answers.ts';
import { reasonAnswers } from './reason-answers.ts';
import { sessionAnswers } from './session-answers.ts';
import { spendAnswers, spendStatus } from './spend-answers.ts';
import { taskAnswers } from './task-answers.ts';
import { ticketAnswers } from './ticket-answers.ts';
import { toolAnswers } from './tool-answers.ts';
import { countBuckets } from './ticket/index.ts';
import { workerAnswers } from './worker-answers.ts';
import { operatorActor } from './workspace/index.ts';

export interface AnswerOptions {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly plugins: PluginHost;
  readonly installations: Installations;
  readonly guestMounts: Pick<GuestMounts, 'url' | 'urlsOf'>;
  readonly sequence: BootSequence;
  readonly stop: (reason: string) => Promise<void>;
}

/** The API's questions, answered from the rooms as they stand when asked. */
export function answerHouse(options: AnswerOptions): House {
  const { ground, rooms } = options;
  return {
    build: ground.build,
    ...stateAnswers(options),
    ...bootAnswers(options.sequence),
    ...ticketAnswers(ground, rooms),
    ...workerAnswers(rooms),
    ...mcpAnswers(rooms),
    ...decisionAnswers(ground, rooms),
    ...channelAnswers(options),
    ...inboundAnswers(rooms),
    ...workAnswers(options),
    ...incidentAnswers(ground, rooms),
    ...taskAnswers(rooms),
    ...chainAnswers(rooms),
    ...spendAnswers(ground, rooms),
    ...reasonAnswers(rooms),
    ...explainAnswers(rooms),
    ...phrasebookAnswers(ground, rooms),
    ...healthAnswers(ground, rooms),
    ...fixAnswers(ground, rooms),
    ...promotionAnswers(rooms),
    ...alertAnswers(ground, rooms),
    ...capabilityAnswers(rooms),
    ...toolAnswers(rooms),
    ...artifactAnswers(rooms),
    ...configAnswers(options),
    ...pluginConfigAnswers(options),
    ...panelAnswers(options),
    ...pageAnswers(options),
    ...pluginAnswers(options.installations, rooms),
    messages: (query) => listMessages(rooms.database, rooms.workspace.workspaceId, query),
    ...operatorActions(options),
    ...sessionAnswers(ground, rooms),
    ...controlAnswers({ ...options, operationalState: () => operationalState(rooms) }),
    ...backupAnswers(ground, rooms),
    snapshot: () => snapshot(options),
    identities: () => identityRows(ground, rooms),
    findings: () => findings(ground, rooms, options.plugins),
  };
}

type StateAnswers = Pick<House, 'status' | 'effects' | 'operationalState' | 'heartbeat'>;

function stateAnswers(options: AnswerOptions): StateAnswers {
  const { ground, rooms } = options;
  const { holder, chain } = rooms;
  return {
    status: () => status(options),
    effects: () => ground.scope.effects(),
    operationalState: () => Promise.resolve(operationalState(rooms)),
    heartbeat: async () => {
      const asked = ground.clock.monotonic();
      const { seq } = await chain.head();
      return {
        serverNow: new Date(ground.clock.now()).toISOString(),
        seq,
        build: ground.build,
        primaryState: holder.state.primaryState,
        storeMs: ground.clock.monotonic() - asked,
      };
    },
  };
}

async function status({ ground, rooms, sequence, guestMounts }: AnswerOptions): Promise<shape.Status> {
  const { holder, chain, database, workspace, coordinator, probes } = rooms;
  const [head, unsealed, tickets, looked, open, identity, checkpoint, spend, stop, waiting, decisions] =
    await Promise.all([
      chain.head(),
      chain.unsealed(),
      countBuckets(database, workspace.workspaceId),
      probes.list(),
      incidentsWithTickets(rooms, { status: 'open', limit: 500 }),
      whoSpeaks(ground, rooms),
      rooms.checkpoints.latest(),
      spendStatus(rooms),
      strictestStop(ground, rooms),
      rooms.capabilities.approvals(),
      rooms.decisions.count(),
    ]);
  const daemons = coordinator.list();
  const count = (state: string): number => daemons.filter((daemon) => daemon.state === state).length;
  const { degradationReasons, ...state } = holder.state;
  return {
    ...state,
    degradationReasons: [...degradationReasons],
    holds: [...holder.inputs.holds],
    stopLevel: holder.inputs.stopLevel,
    stop,
    approvalsWaiting: waiting.length,
    decisionsWaiting: decisions,
    since: holder.since,
    uptimeMs: Math.max(0, ground.clock.now() - Date.parse(sequence.progress.report().startedAt)),
    version: ground.build,
    pid: process.pid,
    runtimeId: ground.home.runtimeId,
    workspace: workspace.name,
    home: ground.home.directory,
    store: database.server.description,
    identity,
    guestUrl: guestMounts.url,
    daemons: { running: count('running'), failed: count('failed'), quarantined: count('quarantined') },
    tickets,
    probes: {
      total: looked.length,
      failing: looked.filter(({ status: now }) => now !== null && now !== 'healthy' && now !== 'unconfigured')
        .length,
      unknown: looked.filter(({ status: now }) => now === null).length,
    },
    openIncidents: open.length,
    spend,
    chain: { seq: head.seq, unsealed, lastCheckpoint: checkpoint?.createdAt ?? null },
  };
}

function operationalState({ holder }: Rooms): shape.OperationalState {
  const { degradationReasons, ...state } = holder.state;
  return {
    ...state,
    degradationReasons: [...degradationReasons],
    holds: [...holder.inputs.holds],
    stopLevel: holder.inputs.stopLevel,
    since: holder.since,
    valid_next_states: validNextStates(holder.inputs).map(({ primaryState, ...next }) => ({
      to_state: primaryState,
      ...next,
    })),
    barred_next_states: barredNextStates(holder.inputs).map(({ primaryState, reason }) => ({
      to_state: primaryState,
      reason,
    })),
    stopped_reason: holder.stoppedBy?.trigger ?? null,
    transition_history: holder.history.map(
      ({ primaryState, degradationReasons: reasons, ...transition }) => ({
        ...transition,
        to: primaryState,
        degradationReasons: [...reasons],
      }),
    ),
  };
}

type WorkAnswers = Pick<House, 'daemons' | 'daemon' | 'restartDaemon' | 'incidents' | 'plugins'>;

function workAnswers({ rooms, plugins, guestMounts }: AnswerOptions): WorkAnswers {
  return {
    ...daemonAnswers(rooms),
    incidents: (query) => incidentsWithTickets(rooms, query),
    plugins: () => plugins.list().map((row) => pluginView(row, guestMounts)),
  };
}

type OperatorActions = Pick<House, 'useIdentity' | 'down'>;

function operatorActions({ ground, rooms, stop }: AnswerOptions): OperatorActions {
  const { database, workspace, chain, identities } = rooms;
  const { workspaceId } = workspace;
  const stage = chain.stage.bind(chain);
  const by = operatorActor;
  return {
    useIdentity: async (name, reason) => {
      const { hash } = await identities.resolve({ workspace: workspace.name, chosen: name, order: [] });
      const choice = { name, hash, by, reason };
      await database.transaction((tx) => chooseIdentity(tx, { workspaceId, stage }, choice));
      return { accepted: true, eventSeq: null };
    },
    down: (reason) => {
      // After the answer has left: the caller should read it before the socket closes.
      void ground.clock.sleep(50).then(() => stop(reason));
      return Promise.resolve({ accepted: true, eventSeq: null });
    },
  };
}

/** What the page draws first. The sequence is read before everything else, so that the stream repeats rather than skips. */
async function snapshot(options: AnswerOptions): Promise<shape.Snapshot> {
  const { ground, rooms } = options;
  const { seq } = await rooms.chain.head();
  const work = workAnswers(options);
  const [now, tasks, tickets, probes, incidents, approvals, messages, events] = await Promise.all([
    status(options),
    rooms.scheduler.list(),
    ticketAnswers(ground, rooms).buckets(),
    incidentAnswers(ground, rooms).probes(),
    work.incidents({ limit: 50 }),
    capabilityAnswers(rooms).approvals({}),
    listMessages(rooms.database, rooms.workspace.workspaceId, { limit: 50 }),
    chainAnswers(rooms).events({ order: 'desc', limit: 100 }),
  ]);
  return {
    seq,
    build: ground.build,
    status: now,
    boot: options.sequence.progress.report(),
    daemons: work.daemons(),
    tasks,
    tickets,
    probes,
    incidents,
    approvals,
    messages,
    plugins: work.plugins(),
    events,
  };
}

function pluginView(
  row: ReturnType<PluginHost['list']>[number],
  guestMounts: Pick<GuestMounts, 'urlsOf'>,
): shape.PluginRowView {
  const { reason, contributes, registered, pid, usage, ...plain } = row;
  const lists = (record: object): Record<string, string[]> =>
    Object.fromEntries(
      Object.entries(record).map(([kind, names]: [string, readonly string[]]) => [kind, [...names]]),
    );
  return {
    ...plain,
    ...standingView(row),
    reason: reason === undefined ? null : { ...reason },
    contributes: lists(contributes ?? {}),
    registered: lists(registered),
    pid: pid ?? null,
    urls: guestMounts.urlsOf(row.id),
    usage: usage ?? null,
  };
}
