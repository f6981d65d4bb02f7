/** Many measurements in few figures, in milliseconds, and how many fell into which span. */
export interface Distribution {
  readonly runs: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  /** Samples from this many milliseconds on, to the next. */
  readonly buckets: readonly { readonly fromMs: number; readonly count: number }[];
}

const edges = [0, 2, 4, 6, 8, 10, 12.5, 15, 20, 25, 35, 50, 75, 100, 250, 1_000];
const width = 50;

export function distributionOf(samples: readonly number[]): Distribution {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  const buckets = edges.map((fromMs, index) => ({
    fromMs,
    count: sorted.filter((ms) => ms >= fromMs && ms < (edges[index + 1] ?? Infinity)).length,
  }));
  return { runs: samples.length, min: at(0), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1), buckets };
}

/** A line for each span, from the first to the last that something fell into. */
export function histogram({ buckets }: Distribution): string {
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  const met = buckets.flatMap(({ count }, index) => (count > 0 ? [index] : []));
  return buckets
    .slice(met[0] ?? 0, (met.at(-1) ?? 0) + 1)
    .map(({ fromMs, count }) => {
      const bar = '█'.repeat(Math.ceil((count / most) * width));
      return `${String(fromMs).padStart(6)} ms  ${String(count).padStart(5)}  ${bar}\n`;
    })
    .join('');
}

function round(ms: number | undefined): number {
  return Math.round((ms ?? Number.NaN) * 10) / 10;
}
