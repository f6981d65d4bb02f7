import { fault } from '../../fault/index.ts';
import type { Keeper, KeeperOptions } from './contract.ts';

/**
 * Starts the keeper: a thread of its own that reads the home's sentinel, watches the main thread, and ends the process
 * when a kill has been issued and nothing else does. Resolves once the thread looks.
 */
export function startKeeper(options: KeeperOptions): Promise<Keeper> {
  return Promise.reject(fault('KORA_INTERNAL', `no keeper for ${options.home} yet`));
}
