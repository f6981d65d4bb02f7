import { pruneRefusals } from './admission/index.ts';
import { pruneAlerts } from './alert/index.ts';
import { forgetAsked } from './control/index.ts';
import { pruneOccurrences } from './daemon/index.ts';
import { pruneAttempts } from './fix/index.ts';
import type { Ground } from './ground.ts';
import { pruneTurns } from './house-tools/index.ts';
import { forgetInbound } from './message/index.ts';
import { pruneProposals, pruneRuns } from './promotion/index.ts';
import { pruneHistory, pruneSpans, pruneWindows, sumUpLooks } from './probe/index.ts';
import { retainReason } from './reason/index.ts';
import type { Rooms } from './rooms.ts';
import type { Scope } from './scope/index.ts';
import { pruneUsed } from './spend/index.ts';
import { ensurePartitions, retireTickets } from './ticket/index.ts';

const keepLooksHours = 48;
/** As long as hours are kept that they explain. */
const keepWindowsDays = 400;
const keepRefusalsDays = 7;
const keepAttemptsDays = 90;
const keepAlertsDays = 90;
/** Cycles of promotion loops, and what of their proposals came to nothing by itself. */
const keepRunsDays = 90;
const keepProposalsDays = 180;
const dayMs = 86_400_000;
const keepAskedDays = 30;
/** What bounds a day is of no use after it; what `kora cost` tells comes from the journal. */
const keepUsedDays = 62;
/** A partition takes ten million tickets and the next one is always there: no minute brings that many. */
const partitionsEveryMs = 60_000;
const removedEveryMs = 60_000;

/** What grows and would never end by itself: history is forgotten after its time, room is made before it is needed. */
export function startUpkeep(ground: Ground, rooms: Rooms, work: Scope): void {
  const { onError } = ground;
  work.run(
    'upkeep',
    () => addUpkeep(ground, rooms, work),
    (error) => onError('upkeep', error),
  );
  work.run(
    'ticket partitions',
    (signal) => keepPartitions(ground, rooms, signal),
    (error) => onError('ticket partitions', error),
  );
  work.run(
    'removed probes',
    (signal) => closeRemoved(ground, rooms, signal),
    (error) => onError('removed probes', error),
  );
}

/** Once an hour; the event log keeps what mattered. */
async function addUpkeep({ clock, configuration }: Ground, rooms: Rooms, scope: Scope): Promise<void> {
  const { database, workspace } = rooms;
  const { workspaceId } = workspace;
  const run = async ({ signal }: { readonly signal: AbortSignal }): Promise<'ok'> => {
    // Read at each run: the operator may say another span while it runs.
    const { inbound, reason, tasks, tickets } = configuration.config;
    const parts: (() => Promise<unknown>)[] = [
      () => pruneOccurrences(database, { workspaceId, ...tasks, signal }),
      // Summed up before they are forgotten.
      () => sumUpLooks(database, workspaceId, { now: clock.now(), signal }),
      () => pruneHistory(database, workspaceId, keepLooksHours),
      () => pruneSpans(database, workspaceId, { now: clock.now(), signal }),
      () => pruneWindows(database, workspaceId, keepWindowsDays),
      () => pruneAttempts(database, workspaceId, keepAttemptsDays),
      () => pruneAlerts(database, workspaceId, { now: clock.now(), days: keepAlertsDays }),
      () => pruneRuns(database, workspaceId, new Date(clock.now() - keepRunsDays * dayMs)),
      () => pruneProposals(database, workspaceId, new Date(clock.now() - keepProposalsDays * dayMs)),
      () => pruneRefusals(database, workspaceId, keepRefusalsDays),
      () => pruneUsed(database, workspaceId, keepUsedDays),
      () => forgetAsked(database, workspaceId, keepAskedDays),
      () => rooms.sessions.prune(),
      () => rooms.reason.closeAbandoned(),
      () => retainReason(database, { workspaceId, keepDays: reason.keepDays, signal }),
      () => forgetInbound(database, { workspaceId, keepDays: inbound.keepDays, signal }),
      () => rooms.artifacts.prune(),
      () => pruneTurns(database, workspaceId),
      () => retireTickets(database, { workspaceId, olderThanDays: tickets.keepDays, signal }),
    ];
    await allInTurn(parts);
    return 'ok';
  };
  const task = { name: 'kora.upkeep', cadence: { everyMs: 3_600_000 }, purpose: 'observe', run } as const;
  scope.add('upkeep task', await rooms.scheduler.add(task, { pluginName: 'kora', daemon: null }));
}

/** A part that fails keeps no other from being tried. Throws what the first of them threw, when all were. */
async function allInTurn(parts: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) await part().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function keepPartitions(
  { clock, onError }: Ground,
  { database }: Rooms,
  signal: AbortSignal,
): Promise<void> {
  do {
    await ensurePartitions(database).catch((error: unknown) => onError('ticket partitions', error));
  } while (await clock.sleep(partitionsEveryMs, signal));
}

/** Whoever is told of a failure is told of its end too, also when nobody looks any more. */
async function closeRemoved(
  { clock, onError }: Ground,
  { probes }: Rooms,
  signal: AbortSignal,
): Promise<void> {
  while (await clock.sleep(removedEveryMs, signal))
    await probes.closeRemoved().catch((error: unknown) => onError('removed probes', error));
}
