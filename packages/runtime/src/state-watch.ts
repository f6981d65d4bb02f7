import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import { openHolds } from './state/index.ts';
import type { DegradationReason } from './state/index.ts';
import { isStoreAway } from './store/index.ts';

const everyMs = 1_000;

/**
 * Keeps the state's inputs true: holds that another runtime placed or whose time is over, and whether the store answers.
 * Nothing here decides a state; it only says what is so.
 */
export async function watchState(ground: Ground, rooms: Rooms, signal: AbortSignal): Promise<void> {
  const { clock, onError } = ground;
  while (await clock.sleep(everyMs, signal)) {
    // While the boot runs, the gates are the ones to say.
    if (rooms.holder.inputs.boot !== 'passed') continue;
    await look(rooms).catch((error: unknown) => onError('state watch', error));
  }
}

async function look(rooms: Rooms): Promise<void> {
  const { holder, database, workspace, worker } = rooms;
  try {
    const holds = await openHolds(database, workspace.workspaceId);
    const failing = without(holder.inputs.failing, 'substrate');
    const before = holder.inputs.holds.map(({ holdId }) => holdId).join();
    const after = holds.map(({ holdId }) => holdId).join();
    if (failing.size !== holder.inputs.failing.size) await holder.transition('check.recovered', { failing });
    if (before === after) return;
    await holder.transition(holds.length > holder.inputs.holds.length ? 'hold.added' : 'hold.cleared', {
      holds,
    });
    worker.kick();
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    await holder.transition('check.failed', { failing: new Set([...holder.inputs.failing, 'substrate']) });
  }
}

function without(reasons: ReadonlySet<DegradationReason>, gone: DegradationReason): Set<DegradationReason> {
  return new Set([...reasons].filter((reason) => reason !== gone));
}
