import type { BackgroundDaemonEntry, Registration } from '@kora/runtime/plugin';

/** Makes registrations and hands each to `keep` as soon as it stands, so that a failure half way gives back the rest. */
export type Take = (keep: (registration: Registration) => void) => Promise<void>;

/** A daemon that starts by itself: it asks nothing of its coordinator. */
export interface Owner extends BackgroundDaemonEntry {
  startup(): Promise<void>;
}

/**
 * A daemon whose work is what it holds: registrations that the runtime drives. Its `startup` is called once while the
 * plugin registers, so that nothing is missed until the daemons start; it gives everything back at shutdown, and takes
 * it again when it is restarted. Both are harmless when there is nothing to do.
 */
export function ownerOf(name: string, take: Take): Owner {
  let held: Registration[] = [];
  let taken = false;
  const shutdown = async (): Promise<void> => {
    const back = held.toReversed();
    held = [];
    taken = false;
    for (const registration of back) await registration.dispose();
  };
  const startup = async (): Promise<void> => {
    if (taken) return;
    taken = true;
    try {
      await take((registration) => held.push(registration));
    } catch (error) {
      await shutdown();
      throw error;
    }
  };
  return { name, startup, shutdown };
}
