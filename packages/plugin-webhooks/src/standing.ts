import type { CoordinatorView } from '@kora/runtime/plugin';

/** `open`: webhooks are made into things. `paused`: tickets wait. `stopped`: nothing is taken. */
export type Stands = 'open' | 'paused' | 'stopped';

/** From this level on running work is broken off; milder stops are pauses to whoever sends. */
const abortLevel = 3;

/** How Kora stands, as the runtime tells the daemon while it runs. */
export class Standing {
  #view: Pick<CoordinatorView, 'status'> | undefined;

  follow(view: Pick<CoordinatorView, 'status'> | undefined): void {
    this.#view = view;
  }

  async now(): Promise<Stands> {
    const glance = await this.#view?.status();
    // Without a daemon nothing arrives; what the operator asks for on a panel was let through at a door.
    if (glance === undefined) return 'open';
    const { primaryState, stopLevel } = glance;
    if (stopLevel >= abortLevel || primaryState === 'stopped') return 'stopped';
    return primaryState === 'ready' || primaryState === 'active' ? 'open' : 'paused';
  }
}
