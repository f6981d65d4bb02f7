import { AsyncLocalStorage } from 'node:async_hooks';

const running = new AsyncLocalStorage<string | undefined>();

/**
 * Runs a plugin's code under its name, and whatever that code starts: its promises, timers and callbacks. Answers what
 * the work answers and throws what it throws.
 */
export function attributed<T>(pluginId: string, work: () => T): T {
  return running.run(pluginId, work);
}

/**
 * Runs the house's own code on behalf of nobody: what a plugin asked for may start loops and timers that are the
 * house's from then on, and what goes wrong in those is no plugin's.
 */
export function unattributed<T>(work: () => T): T {
  return running.run(undefined, work);
}

/** The plugin whose code runs now; undefined in the house's own. */
export function pluginNow(): string | undefined {
  return running.getStore();
}
