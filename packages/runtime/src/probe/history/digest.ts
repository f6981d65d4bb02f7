/** How often each bucket of latencies was met, by the bucket's number. Digests of any spans add up. */
export type Digest = Readonly<Record<string, number>>;

/** Each bucket is a twentieth wider than the one below: what is read out of it is at most a fortieth off. */
export const growth = 1.05;
/** Everything faster is taken for this: one hundredth of a millisecond. */
const least = 0.01;

/** The SQL of the bucket that a latency falls into; `column` is never null there. */
export function bucketSql(column: string): string {
  return `floor(ln(greatest(${column}, ${least})) / ln(${growth}))::int`;
}

export function merged(digests: readonly Digest[]): Digest {
  const sum: Record<string, number> = {};
  for (const digest of digests)
    for (const [bucket, count] of Object.entries(digest)) sum[bucket] = (sum[bucket] ?? 0) + count;
  return sum;
}

export interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Milliseconds under which that share of the looks came back; null when none said how long it took. */
export function percentilesOf(digest: Digest): Percentiles {
  const buckets = Object.entries(digest)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .toSorted((a, b) => a.bucket - b.bucket);
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const at = (share: number): number | null => {
    const rank = Math.ceil(total * share);
    let passed = 0;
    for (const { bucket, count } of buckets) {
      passed += count;
      if (passed >= rank) return middleOf(bucket);
    }
    return null;
  };
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The middle of a bucket, in milliseconds with two decimals. */
function middleOf(bucket: number): number {
  return Math.round(growth ** (bucket + 0.5) * 100) / 100;
}
