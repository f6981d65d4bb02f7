import { withDeadline } from './clock/index.ts';
import { downStates } from './daemon/index.ts';
import { fault } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { lookAtHealth } from './health-answers.ts';
import { resolveIdentity } from './identity-answers.ts';
import { listIncidents, openIncidentGroups } from './probe/index.ts';
import { keepSnapshot, sections, Snapshots } from './reason/index.ts';
import type { SnapshotSection } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import { spendBy, usdOf } from './spend/index.ts';
import { spendStatus } from './spend-answers.ts';
import { countBuckets, listTickets } from './ticket/index.ts';

/** Named in the snapshot; the counts are of all. */
const namedAtMost = 3;
const dayMs = 86_400_000;

/** How everything stands in this runtime, read from its rooms, which stand by the time it is first asked. */
export function snapshotsOf(
  ground: Ground,
  around: Pick<Rooms, 'database' | 'workspace'>,
  rooms: () => Rooms,
  learned: Rooms['learnedFields'],
): Snapshots {
  const { clock, home, onError } = ground;
  const { database, workspace } = around;
  return new Snapshots({
    clock,
    runtimeId: home.runtimeId,
    sections: [...sectionsOf(ground, rooms, beganNow(ground)), learned.section],
    keep: (snapshot) => keepSnapshot(database, workspace.workspaceId, snapshot),
    onError,
  });
}

const everyMs = 300_000;
const patienceMs = 20_000;

/** Takes one every five minutes, and has whoever asks next see a state that has changed. */
export async function startSnapshots({ clock }: Ground, rooms: Rooms, scope: Scope): Promise<void> {
  const { holder, snapshots, phrasebook, scheduler } = rooms;
  holder.listen('snapshot', () => snapshots.changed());
  const task = {
    name: 'kora.snapshot',
    cadence: { everyMs },
    purpose: 'observe',
    scope: 'runtime',
    run: async ({ signal }: { readonly signal: AbortSignal }): Promise<'ok'> => {
      // A store that hangs holds up neither the schedule nor the end of this runtime.
      const deadline = { ms: patienceMs, what: 'the snapshot', signal, graceMs: 1 };
      await withDeadline(clock, deadline, async (ends) => {
        await snapshots.record(ends);
        // A notification may have been lost, or a pooler keeps them all: by now the newest version is read.
        if (!ends.aborted) await phrasebook.reload();
      });
      return 'ok';
    },
  } as const;
  scope.add('snapshot task', await scheduler.add(task, { pluginName: 'kora', daemon: null }));
}

type Began = () => { readonly bootAt: string; readonly uptimeMs: number };

/** Rooms are built when a process has just begun. */
function beganNow({ clock }: Ground): Began {
  const bootAt = new Date(clock.now()).toISOString();
  const from = clock.monotonic();
  return () => ({ bootAt, uptimeMs: clock.monotonic() - from });
}

function sectionsOf(ground: Ground, rooms: () => Rooms, began: Began): readonly SnapshotSection[] {
  return [
    sections.operationalState(() => {
      const { state, inputs, since } = rooms().holder;
      return { ...state, since, stopLevel: inputs.stopLevel, holds: inputs.holds };
    }),
    sections.alerts(async () => {
      const { database, workspace } = rooms();
      const { workspaceId } = workspace;
      const [groups, newest] = await Promise.all([
        openIncidentGroups(database, workspaceId),
        listIncidents(database, workspaceId, { status: 'open', limit: namedAtMost }),
      ]);
      return { groups, newest };
    }),
    sections.costLadder(async () => {
      const now = await spendStatus(rooms());
      if (now === null) throw fault('KORA_SPEND_NO_POOL', 'no runtime has set what this workspace may spend');
      return now;
    }),
    sections.tickets(() => ticketFacts(rooms())),
    sections.serviceHealth(
      () => rooms().probes.list(),
      () => ground.clock.now(),
    ),
    sections.costTelemetry(() => spentFacts(rooms())),
    sections.daemonHealth(() => daemonFacts(ground, rooms(), began)),
    sections.identity(async () => {
      const { name, pluginName, hash, metadata } = await resolveIdentity(ground, rooms());
      const { agentName, agentVersion } = metadata;
      return { name, pluginName, hash, agentName, agentVersion };
    }),
    sections.chain(() => chainFacts(rooms())),
    sections.schedule(() => rooms().scheduler.list()),
    sections.waiting(() => waitingFacts(rooms())),
  ];
}

type Section = keyof typeof sections;
type FactsOf<Name extends Section> = Awaited<ReturnType<Parameters<(typeof sections)[Name]>[0]>>;

async function ticketFacts({ database, workspace }: Rooms): Promise<FactsOf<'tickets'>> {
  const { workspaceId } = workspace;
  const some = (status: string) => listTickets(database, workspaceId, { status, limit: namedAtMost });
  const [counts, lastFailed, blocked] = await Promise.all([
    countBuckets(database, workspaceId),
    some('failed_terminal'),
    some('blocked_needs_operator'),
  ]);
  return {
    queued: counts.queued,
    inProgress: counts.in_progress,
    deferred: counts.deferred,
    failedOrBlocked: counts.failed_or_blocked,
    open: counts.open,
    failedLast7Days: counts.failed_last_7_days,
    lastFailed,
    blocked,
  };
}

async function spentFacts({ database, workspace }: Rooms): Promise<FactsOf<'costTelemetry'>> {
  const { workspaceId } = workspace;
  const within = async (windowMs?: number) => {
    const slices = await spendBy(database, workspaceId, { by: 'route', windowMs });
    const calls = slices.reduce((sum, slice) => sum + slice.calls, 0);
    return { calls, spentUsd: usdOf(slices.reduce((sum, slice) => sum + slice.spentMicroUsd, 0)) };
  };
  const [rolling24h, monthly] = await Promise.all([within(dayMs), within()]);
  return { rolling24h, monthly };
}

async function daemonFacts(ground: Ground, rooms: Rooms, began: Began): Promise<FactsOf<'daemonHealth'>> {
  const { overall, reason } = await lookAtHealth(ground, rooms);
  const daemons = rooms.coordinator
    .list()
    .map(({ name, state }) => ({ name, state, isDown: downStates.has(state) }));
  return { ...began(), version: ground.build, overall, reason, daemons };
}

async function chainFacts({ chain, verifier, checkpoints }: Rooms): Promise<FactsOf<'chain'>> {
  const [head, unsealed, checkpoint] = await Promise.all([
    chain.head(),
    chain.unsealed(),
    checkpoints.latest(),
  ]);
  const { verifiedThrough, damage } = verifier.status();
  return {
    headSeq: head.seq,
    unsealed,
    verifiedThrough,
    damage: damage === null ? null : `event #${damage.firstBadSeq} is ${damage.problem}`,
    lastCheckpoint: checkpoint?.createdAt ?? null,
  };
}

async function waitingFacts({ capabilities, database, workspace }: Rooms): Promise<FactsOf<'waiting'>> {
  const { workspaceId } = workspace;
  const [approvals, counts, groups] = await Promise.all([
    capabilities.approvals(),
    countBuckets(database, workspaceId),
    openIncidentGroups(database, workspaceId),
  ]);
  return {
    approvals: approvals.length,
    blockedTickets: counts.failed_or_blocked - counts.failed_last_7_days,
    unacknowledgedIncidents: groups.reduce((sum, { unacknowledged }) => sum + unacknowledged, 0),
  };
}
