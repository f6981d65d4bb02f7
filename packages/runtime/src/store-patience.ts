import type { BootProgress } from './boot-progress.ts';
import { messageOf } from './fault/index.ts';
import type { Ground } from './ground.ts';
import { isStoreAway } from './store/index.ts';

interface Waiting {
  readonly ground: Pick<Ground, 'clock' | 'onError'>;
  readonly progress: BootProgress;
  readonly signal: AbortSignal;
}

const againMs = 2_000;

/**
 * Does what a boot needs the store for beside the question of a gate. A store that is away is waited for without end, and
 * the wait is shown; the work must bear being done again. Throws what it threw otherwise.
 */
export async function waitForStore<T>(
  { ground, progress, signal }: Waiting,
  work: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      const done = await work();
      progress.waits(null);
      return done;
    } catch (error) {
      if (!isStoreAway(error) || signal.aborted) throw error;
      ground.onError('boot', error);
      progress.waits(messageOf(error));
      if (!(await ground.clock.sleep(againMs, signal))) throw error;
    }
  }
}
