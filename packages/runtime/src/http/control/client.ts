import type { ChainCalls } from '../chain/client.ts';
import * as shape from '../contract.ts';

export interface OnceOptions {
  /** The same key again does nothing again. */
  readonly idempotencyKey?: string;
}

/** The part of the typed API that stops Kora and lets it go on. */
export function controlClient({ read, write }: Pick<ChainCalls, 'read' | 'write'>) {
  return {
    /** Levels 1 to 5. The answer is the command; what came of it is in `koraControl`. */
    stop: (level: number, reason: string, options: OnceOptions & { readonly forMs?: number } = {}) =>
      write('/api/stop', shape.stopCommandSchema, { level, reason, ...options }),
    pause: (reason: string, forMs?: number, options: OnceOptions = {}) =>
      write('/api/pause', shape.holdSchema, {
        reason,
        ...(forMs === undefined ? {} : { forMs }),
        ...options,
      }),
    resume: (reason: string, holdId?: number, options: OnceOptions = {}) =>
      write('/api/resume', shape.operationalStateSchema, {
        reason,
        ...(holdId === undefined ? {} : { holdId }),
        ...options,
      }),
    koraControl: () => read('/api/kora-control', shape.koraControlSchema),
    drState: () => read('/api/dr-state', shape.drStateSchema),
  };
}
