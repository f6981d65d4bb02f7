import type { ChainEvent } from '@kora/runtime/plugin';
import type { Wake } from '../wake.ts';

export const fixAttempted = 'tool.probe_autofix_attempted';

/** What a fix of Kora's own may break, it breaks before its end or within this time after. */
const settleMs = 120_000;

/** A fix that was carried out, with the place of its end on the chain. */
export interface FixMark {
  readonly seq: number;
  readonly probe: string;
  /** Milliseconds since 1970. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** Reads the end of an attempt; null of one that changed nothing. */
export function readFix({ seq, occurredAt, payload }: ChainEvent): FixMark | null {
  const { probe, outcome, duration_ms: took } = payload;
  if (typeof probe !== 'string' || outcome === 'rejected') return null;
  const endedAt = Date.parse(occurredAt);
  return { seq, probe, beganAt: endedAt - (typeof took === 'number' ? took : 0), endedAt };
}

/**
 * The fix that a failure comes of: of the same probe, or of what it depends on, and begun a moment before. Whoever
 * verifies the fix watches it already; to investigate it as well would be a loop.
 */
export function ownFixBehind(
  wake: Pick<Wake, 'probe' | 'dependsOn' | 'failingSince'>,
  fixes: readonly FixMark[],
): FixMark | null {
  const began = Date.parse(wake.failingSince);
  const touched = new Set([wake.probe, ...(wake.dependsOn ?? [])]);
  const isBehind = ({ probe, beganAt, endedAt }: FixMark): boolean =>
    touched.has(probe) && began >= beganAt && began <= endedAt + settleMs;
  return fixes.find(isBehind) ?? null;
}
