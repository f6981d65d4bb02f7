import type { PgliteOptions, PgliteServer } from './contract.ts';
import { open } from './open.ts';

/**
 * Opens a PGlite for one runtime, in memory or in a home's folder, which it locks against every other process. Throws
 * PgliteError with a code `KORA_PGLITE_*`, or the signal's reason.
 */
export function openPglite(options: PgliteOptions): Promise<PgliteServer> {
  return open(options);
}

export type { PgliteOptions, PgliteServer } from './contract.ts';
export { type PgliteCode, PgliteError } from './errors.ts';
