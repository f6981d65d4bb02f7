import type { ProbeResult } from '@kora/runtime/plugin';
import type { Fact, Scene } from './rule.ts';
import { looksBefore } from './rule.ts';

const lastLooks = 5;
const earlierLooks = 30;
/** Fewer than these and a median says nothing. */
const fewestEarlier = 10;
const factor = 2;
/** On fast answers a factor alone is noise. */
const leastRiseMs = 50;

/** Whether answers were getting slower before they stopped: overload announces itself, a pulled plug does not. */
export function latencySlope(scene: Scene): Fact | null {
  const timed = looksBefore(scene).flatMap((look) => (answered(look) ? [look.latencyMs] : []));
  const last = timed.slice(0, lastLooks);
  const earlier = timed.slice(lastLooks, lastLooks + earlierLooks);
  if (last.length < lastLooks || earlier.length < fewestEarlier) return null;
  const now = median(last);
  const before = median(earlier);
  if (now < before * factor || now - before < leastRiseMs) return null;
  return {
    rule: 'latency_slope',
    line: `Answers slowed before it failed: a median of ${Math.round(now)} ms in the last ${last.length} looks, ${Math.round(before)} ms in the ${earlier.length} before.`,
    evidence: {
      lastMedianMs: now,
      earlierMedianMs: before,
      lastLooks: last.length,
      earlierLooks: earlier.length,
    },
  };
}

function answered(look: ProbeResult): look is ProbeResult & { readonly latencyMs: number } {
  return look.latencyMs !== null && look.status !== 'unreachable';
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + high) / 2 : high;
}
