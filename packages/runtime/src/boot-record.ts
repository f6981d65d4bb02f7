import { closeBoot, forgetPending, keepPending, openBoot, readPending, recordPast } from './boot/index.ts';
import type { BootEnding, PendingBoot } from './boot/index.ts';
import type { BootOutcome, BootProgress } from './boot-progress.ts';
import { draft } from './chain/index.ts';
import type { EventDraft } from './chain/index.ts';
import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import { bootFailed } from './state/index.ts';
import { isStoreAway } from './store/index.ts';

interface Recorded {
  readonly ground: Ground;
  readonly rooms: Rooms;
  readonly progress: BootProgress;
}

const unfinished: BootOutcome = {
  outcome: 'failed',
  failedGate: null,
  detail: 'the process ended without a word',
  exitCode: 1,
};

/** Writes the boot down in the home before there is a store, as what it is if nothing more is ever heard of it. */
export async function noteBoot(ground: Ground, progress: BootProgress): Promise<void> {
  const note = keepPending(ground.home.directory, {
    ...pendingOf(ground, progress, unfinished),
    exitCode: null,
  });
  await note.catch((error: unknown) => ground.onError('boot history', error));
}

/** How a boot ended that has no store to say it to; the next one makes its row. */
export async function noteEnd(ground: Ground, progress: BootProgress): Promise<void> {
  if (progress.end === undefined) return;
  const finishedAt = new Date(ground.clock.now()).toISOString();
  const note = { ...pendingOf(ground, progress, progress.end), finishedAt };
  await keepPending(ground.home.directory, note).catch((error: unknown) =>
    ground.onError('boot history', error),
  );
}

function pendingOf(ground: Ground, progress: BootProgress, end: BootOutcome): PendingBoot {
  return {
    key: progress.key,
    workspace: ground.configuration.config.workspace,
    version: ground.build,
    startedAt: progress.startedAt,
    finishedAt: null,
    elapsedMs: progress.elapsedMs,
    gates: progress.gates(),
    ...end,
  };
}

/** A boot that was refused before a chain stood is told now; one that failed later has told it itself. */
function refusal({ outcome, failedGate, detail }: PendingBoot): EventDraft[] {
  if (outcome !== 'refused' || failedGate === null) return [];
  return [draft(bootFailed, { gate_id: failedGate, detail: detail ?? '' })];
}

/** Makes this boot's row, and before it those of boots that had no store to write to. */
export async function openRecord({ ground, rooms, progress }: Recorded): Promise<number> {
  const { database, workspace, chain } = rooms;
  const { directory, runtimeId } = ground.home;
  const pending = await readPending(directory, workspace.name);
  const past = pending.filter(({ key }) => key !== progress.key);
  const bootId = await database.transaction(async (tx) => {
    const late = await recordPast(tx, workspace.workspaceId, runtimeId, past);
    await chain.stage(tx, late.flatMap(refusal));
    const boot = { key: progress.key, runtimeId, version: ground.build, elapsedMs: progress.elapsedMs };
    return openBoot(tx, workspace.workspaceId, boot);
  });
  await forgetPending(directory, new Set(pending.map(({ key }) => key)));
  return bootId;
}

/**
 * Closes the row. With the store away a boot that goes on closes it when the store is back; one whose process ends is
 * written down in the home.
 */
export async function closeRecord(recorded: Recorded, bootId: number, goesOn: boolean): Promise<void> {
  const { ground, rooms, progress } = recorded;
  const { clock, scope, onError } = ground;
  if (progress.end === undefined) return;
  const { elapsedMs, phases } = progress;
  const ending: BootEnding = {
    bootId,
    elapsedMs,
    phases: [...phases],
    gates: progress.gates(),
    ...progress.end,
  };
  const close = (): Promise<void> => closeBoot(rooms.database, rooms.workspace.workspaceId, ending);
  try {
    await close();
  } catch (error) {
    if (!isStoreAway(error)) return onError('boot history', error);
    if (!goesOn) return noteEnd(ground, progress);
    const later = async (signal: AbortSignal): Promise<void> => {
      for (let isClosed = false; !isClosed && (await clock.sleep(laterMs, signal)); ) {
        isClosed = await close().then(
          () => true,
          (failure: unknown) => !isStoreAway(failure),
        );
      }
    };
    scope.run('boot history', later, (failure) => onError('boot history', failure));
  }
}

const laterMs = 2_000;
