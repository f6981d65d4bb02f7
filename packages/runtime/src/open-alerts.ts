import { Alerts, DeadMan, forgetPing, readPing } from './alert/index.ts';
import type { AlertReads, IncidentFact } from './alert/index.ts';
import { askKnown } from './alert-decisions.ts';
import { alertPolicy, muteOf } from './alert-routes.ts';
import { refusalsFor } from './admission/index.ts';
import type { ChainEvent } from './chain/index.ts';
import type { PeriodicTaskSpec } from './daemon/index.ts';
import type { Ground } from './ground.ts';
import { lookAtHealth } from './health-answers.ts';
import {
  channelDown,
  channelStates,
  deliveryFailed,
  listUndelivered,
  passOn,
  toldOf,
  webhookDeadLetter,
} from './message/index.ts';
import { operatorsOwn } from './operators-own.ts';
import type { PluginHost } from './plugin/index.ts';
import { listIncidents } from './probe/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import { usdOf } from './spend/index.ts';
import { strictestStop } from './strictest-stop.ts';

const dayMs = 86_400_000;
/** Of one type, the newest that are looked through: what counts is whether there are more than a few. */
const lookedThrough = 500;
const incidentsLooked = 500;

/** Looks after everything that may be wrong, from when the runtime is ready to when its work is over. */
export function startAlerts(
  ground: Ground,
  rooms: Rooms,
  plugins: Pick<PluginHost, 'list'>,
  work: Scope,
): Alerts {
  const { clock, home, configuration, onError } = ground;
  const { database, workspace, chain, holder, vocabulary, apply } = rooms;
  const alerts = new Alerts({
    database,
    workspaceId: workspace.workspaceId,
    runtimeId: home.runtimeId,
    clock,
    reads: readsOf(ground, rooms, plugins),
    // Read at each look: the operator may say another one while it runs.
    get thresholds() {
      return configuration.config.alerts.thresholds;
    },
    policy: async () =>
      alertPolicy(ground, rooms.delivery, await channelStates(database, workspace.workspaceId)),
    stage: (tx, drafts) => chain.stage(tx, drafts),
    tell: (tx, message) => apply(tx, { messages: [message] }),
    told: (db, of) => toldOf(db, workspace.workspaceId, of),
    pass: async (tx, key) => {
      const to = await passOn(
        tx,
        { workspaceId: workspace.workspaceId, stage: chain.stage.bind(chain) },
        key,
      );
      if (to !== undefined) tx.afterCommit(() => rooms.delivery.kick());
    },
    ask: askKnown(ground, rooms),
    scrub: (text) => vocabulary.text(text),
    onError,
  });
  // A stop that ends this process is told before it: what is still open by then lets the outbox run.
  work.add('last look of the alerts', async () => {
    if (holder.inputs.stopLevel > 0) await alerts.look().catch((error: unknown) => onError('alerts', error));
  });
  holder.listen('alerts', () => alerts.kick());
  work.run(
    'alerts',
    (signal) => alerts.run(signal),
    (error) => onError('alerts', error),
  );
  return alerts;
}

/** Puts the sign of life on the schedule, where one is configured. */
export async function startDeadMan(ground: Ground, rooms: Rooms, work: Scope): Promise<void> {
  const { clock, home, configuration, secrets } = ground;
  const { database, workspace, chain, scheduler } = rooms;
  const { workspaceId } = workspace;
  const { deadMan } = configuration.config.alerts;
  const url = configuration.deadManUrl;
  if (deadMan === undefined || url === undefined) {
    await forgetPing(database, workspaceId, home.runtimeId);
    return;
  }
  // Whoever knows the address can keep the alarm quiet.
  secrets.add('dead-man-url', url);
  const sign = new DeadMan({
    database,
    workspaceId,
    runtimeId: home.runtimeId,
    clock,
    url,
    method: deadMan.method,
    timeoutMs: deadMan.timeoutSeconds * 1_000,
    withheld: () => withheldBy(ground, rooms),
    stage: (tx, drafts) => chain.stage(tx, drafts),
  });
  const task: PeriodicTaskSpec = {
    name: 'kora.dead_man',
    cadence: { everyMs: deadMan.everySeconds * 1_000 },
    // It looks in every state, and gives the sign in those alone in which work can be claimed.
    purpose: 'observe',
    scope: 'runtime',
    run: ({ signal }) => sign.give(signal),
  };
  work.add('dead-man task', await scheduler.add(task, { pluginName: 'kora', daemon: null }));
}

/** Why nobody outside may be told that all is well; null when all is. */
async function withheldBy(ground: Ground, rooms: Rooms): Promise<string | null> {
  const { canWork, mayWork, isWorking, reason } = await lookAtHealth(ground, rooms);
  const why = (word: string, because: readonly string[]): string =>
    `${word}: ${because[0] ?? reason ?? 'unknown'}`;
  if (canWork.answer === 'no') return why('it cannot work', canWork.because);
  if (mayWork.answer !== 'yes') return why('it may not work', mayWork.because);
  if (isWorking.answer !== 'working' && isWorking.answer !== 'idle')
    return why('it is not working', isWorking.because);
  const { database, workspace, delivery } = rooms;
  const mute = await muteOf(ground, delivery, { database, workspaceId: workspace.workspaceId });
  // Whoever is told of nothing is to notice by the silence.
  if (mute !== null)
    return why('it reaches nobody', [
      `${mute.channels.join(', ')} ${mute.channels.length === 1 ? 'does' : 'do'} not deliver`,
    ]);
  return null;
}

function readsOf(ground: Ground, rooms: Rooms, plugins: Pick<PluginHost, 'list'>): AlertReads {
  const { home } = ground;
  const { database, workspace, holder, verifier, coordinator, overdue } = rooms;
  const { workspaceId } = workspace;
  return {
    ...countsOf(ground, rooms),
    spend: async () => {
      const now = await rooms.spend.read();
      if (now === undefined) return null;
      return { rung: now.rung, spentUsd: usdOf(now.spentMicroUsd), poolUsd: usdOf(now.poolMicroUsd) };
    },
    state: async () => {
      const { holds, stopLevel } = holder.inputs;
      const { damage } = verifier.status();
      const stop = stopLevel > 0 ? await strictestStop(ground, rooms) : null;
      return {
        holds: await Promise.all(
          holds.map(async ({ cause, owner, reason, since }) => {
            const placed = { by: owner, since, tool: 'kora__request_pause' } as const;
            const known = cause === 'operator' ? await operatorsOwn(database, workspaceId, placed) : null;
            return { cause, reason, since, known };
          }),
        ),
        stopLevel,
        stopReason: stop?.reason ?? null,
        stopKnown: stop === null ? null : await stopKnown(database, workspaceId, stop),
        damage:
          damage === null ? null : `event #${damage.firstBadSeq} is ${damage.problem}: ${damage.detail}`,
      };
    },
    incidents: () => openIncidents(rooms),
    daemons: () => Promise.resolve(coordinator.list()),
    plugins: settledPlugins(plugins),
    lateTasks: async () =>
      (await overdue.late()).map(({ owner, name, dueAt }) => ({ owner, name, dueAt: dueAt.toISOString() })),
    refused: () => listUndelivered(database, workspaceId),
    mute: () => muteOf(ground, rooms.delivery, { database, workspaceId }),
    ping: () => readPing(database, workspaceId, home.runtimeId),
  };
}

async function stopKnown(
  database: Rooms['database'],
  workspaceId: number,
  { by, since }: { readonly by: string; readonly since: string },
): Promise<{ readonly since: string; readonly why: string } | null> {
  const why = await operatorsOwn(database, workspaceId, { by, since, tool: 'kora__request_stop' });
  return why === null ? null : { since, why };
}

/** A plugin that comes up with a block that is put back in the same breath is nobody's trouble: two looks find it so. */
function settledPlugins(plugins: Pick<PluginHost, 'list'>): AlertReads['plugins'] {
  let before: ReadonlySet<string> | undefined;
  return () => {
    const now = plugins.list();
    // What is so at the first look was so before there was anybody to look.
    const was = before;
    before = new Set(now.map(({ id, state }) => `${state} ${id}`));
    return Promise.resolve(
      now.flatMap(({ id, state, reason }) => {
        // A daemon that is down is that daemon's story.
        if (state === 'degraded' && reason?.code === 'daemon_failed') return [];
        if (state !== 'quarantined' && was?.has(`${state} ${id}`) === false) return [];
        return [{ id, state, reason: reason?.message ?? null, fix: reason?.fix ?? null }];
      }),
    );
  };
}

type Counts = Pick<
  AlertReads,
  'deadLetters' | 'capabilityDenials' | 'reasoningErrors' | 'failedReplies' | 'canary'
>;

/** What the log and the door counted within a day. */
function countsOf({ clock }: Ground, rooms: Rooms): Counts {
  const { database, workspace, chain } = rooms;
  const { workspaceId } = workspace;
  const recent = async (type: string): Promise<ChainEvent[]> => {
    const newest = await chain.read({ type, order: 'desc', limit: lookedThrough });
    const since = clock.now() - dayMs;
    return newest.filter((event) => event.type === type && Date.parse(event.occurredAt) > since);
  };
  return {
    deadLetters: async () => (await recent(webhookDeadLetter.type)).length,
    capabilityDenials: async () => {
      const causes = ['capability_denied', 'capability_unmapped'] as const;
      const refused = await refusalsFor(database, workspaceId, { causes, windowMs: dayMs });
      return {
        count: refused.reduce((sum, { count }) => sum + count, 0),
        most: refused[0]?.caller ?? null,
      };
    },
    reasoningErrors: async () => {
      const [runs, tools] = await Promise.all([
        recent('reasoning.run_completed'),
        recent('reasoning.tool_called'),
      ]);
      return {
        runs: runs.filter(({ payload }) => payload['status'] === 'failed').length,
        tools: tools.filter(({ payload }) => payload['status'] === 'execution_error').length,
      };
    },
    failedReplies: async () => {
      const [failures, down, stuck] = await Promise.all([
        recent(deliveryFailed.type),
        recent(channelDown.type),
        listUndelivered(database, workspaceId),
      ]);
      // A channel that was down is told of as such: that its messages went elsewhere is the same story.
      const wasDown = new Set(down.map(({ payload }) => payload['channel']));
      // What is refused still is the channel's story.
      const waiting = new Set<unknown>(stuck.map(({ messageId }) => messageId));
      const refused = new Set(
        failures
          .filter(({ payload }) => !wasDown.has(payload['channel']))
          .map(({ payload }) => payload['message_id']),
      );
      return [...refused].filter((messageId) => !waiting.has(messageId)).length;
    },
    canary: async () => {
      const [missed] = await chain.read({ type: 'probe.canary_missed', order: 'desc', limit: 1 });
      if (missed === undefined) return null;
      const [came] = await chain.read({ type: 'probe.canary_completed', order: 'desc', limit: 1 });
      if (came !== undefined && came.seq > missed.seq) return null;
      return { at: missed.occurredAt, stage: String(missed.payload['stage']) };
    },
  };
}

async function openIncidents({ database, workspace }: Rooms): Promise<IncidentFact[]> {
  const open = await listIncidents(database, workspace.workspaceId, {
    status: 'open',
    limit: incidentsLooked,
  });
  return open.filter(({ causedBy, toldAt }) => causedBy === null && toldAt !== null);
}
