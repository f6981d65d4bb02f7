import type { Ground } from './ground.ts';
import type { Rooms } from './rooms.ts';
import { readControl } from './state/index.ts';
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
  const detail = { check: 'store' };
  try {
    const view = await readControl(database, workspace.workspaceId);
    const failing = without(holder.inputs.failing, 'substrate');
    if (failing.size !== holder.inputs.failing.size)
      await holder.transition('check.recovered', { failing }, { detail });
    const before = holder.state.claimPermission;
    await holder.observe(view);
    if (holder.state.claimPermission !== before) worker.kick();
  } catch (error) {
    if (!isStoreAway(error)) throw error;
    const failing = new Set<DegradationReason>([...holder.inputs.failing, 'substrate']);
    await holder.transition('check.failed', { failing }, { detail });
  }
}

function without(reasons: ReadonlySet<DegradationReason>, gone: DegradationReason): Set<DegradationReason> {
  return new Set([...reasons].filter((reason) => reason !== gone));
}
