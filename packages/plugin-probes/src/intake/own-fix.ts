import type { ChainEvent } from '@kora/runtime/plugin';
import type { Wake } from '../wake.ts';

export const fixAttempted = 'tool.probe_autofix_attempted';

/** What a restart of Kora's own may break, it breaks within this time. */
const settleMs = 120_000;

/** A fix that was carried out, with its place on the chain. */
export interface FixMark {
  readonly seq: number;
  readonly probe: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Reads the event of a fix; null of one that changed nothing. */
export function readFix({ seq, occurredAt, payload }: ChainEvent): FixMark | null {
  const { probe, outcome } = payload;
  if (typeof probe !== 'string' || outcome === 'rejected' || outcome === 'dry_run') return null;
  return { seq, probe, at: Date.parse(occurredAt) };
}

/**
 * The fix that a failure comes of: one of the same probe, or of what it depends on, that began a moment before. Whoever
 * verifies the fix watches it already; to investigate it as well would be a loop.
 */
export function ownFixBehind(wake: Wake, fixes: readonly FixMark[]): FixMark | null {
  const began = Date.parse(wake.failingSince);
  const touched = new Set([wake.probe, ...(wake.dependsOn ?? [])]);
  const isBehind = ({ seq, probe, at }: FixMark): boolean =>
    seq < wake.seq && touched.has(probe) && began >= at && began - at <= settleMs;
  return fixes.find(isBehind) ?? null;
}
