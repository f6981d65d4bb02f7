/** A reading of a gauge at an instant. */
export type Point = readonly [at: number, value: number];

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which the share lies, between its neighbours; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** Medians of equal parts of the span, empty parts left out: a spike or a pause does not show in them. */
export function blocks(points: readonly Point[], count: number): readonly Point[] {
  const from = points[0]?.[0] ?? 0;
  const span = (points.at(-1)?.[0] ?? from) - from;
  if (span <= 0) return [];
  const parts = Array.from({ length: count }, (): number[] => []);
  for (const [at, value] of points) {
    parts[Math.min(count - 1, Math.floor(((at - from) / span) * count))]?.push(value);
  }
  return parts.flatMap((values, index): Point[] =>
    values.length === 0 ? [] : [[from + ((index + 0.5) * span) / count, median(values)]],
  );
}

/** The median of the slopes between all pairs, in units per millisecond (Theil and Sen); at most a few hundred points. */
export function slope(points: readonly Point[]): number {
  const few = points.length <= 200 ? points : blocks(points, 200);
  const slopes: number[] = [];
  for (const [index, [at, value]] of few.entries()) {
    for (const [later, next] of few.slice(index + 1)) {
      if (later > at) slopes.push((next - value) / (later - at));
    }
  }
  return slopes.length === 0 ? 0 : median(slopes);
}

/** A rise that goes on: from where, to where, since when; null when it is a step, a spike or noise. */
export interface Climb {
  readonly from: number;
  readonly to: number;
  readonly since: number;
  readonly perHour: number;
}

const climbBlocks = 10;
/** Fewer may stand in any order by chance. */
const fewestPoints = 20;

/** Whether the points climb over most of their span. `least` is the smallest rise worth a word, as a factor. */
export function climb(points: readonly Point[], least: number): Climb | null {
  if (points.length < fewestPoints) return null;
  const parts = blocks(points, climbBlocks);
  const first = parts[0];
  const last = parts.at(-1);
  if (first === undefined || last === undefined || parts.length < 5) return null;
  const start = startOf(parts);
  const rising = parts.slice(start);
  const low = rising[0];
  if (low === undefined || rising.length < 4) return null;
  const rise = last[1] - low[1];
  if (rise <= 0 || last[1] < low[1] * least) return null;
  const steps = rising.slice(1).map(([, value], index) => value - (rising[index]?.[1] ?? value));
  const up = steps.filter((step) => step > 0).length;
  // A step that is most of the rise is a change of level, and something else explains it.
  if (up < steps.length * 0.75 || Math.max(...steps) > rise * 0.6) return null;
  return { from: low[1], to: last[1], since: low[0], perHour: slope(rising) * 3_600_000 };
}

/** The lowest block, the last one of equals: what lies before it did not climb. */
function startOf(parts: readonly Point[]): number {
  let lowest = 0;
  for (const [index, [, value]] of parts.entries()) {
    if (value <= (parts[lowest]?.[1] ?? value)) lowest = index;
  }
  return lowest;
}

/** A change of level: the medians on both sides of it. */
export interface Shift {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/** The level before and after an instant; null when either side has too few points to have one. */
export function shiftAt(points: readonly Point[], at: number): Shift | null {
  const before = points.filter(([time]) => time < at).map(([, value]) => value);
  const after = points.filter(([time]) => time > at);
  if (before.length < 3 || after.length < 3) return null;
  // What comes at once is what counts, not where it has gone a day later.
  const soon = after.slice(0, Math.max(3, Math.ceil(after.length / 2))).map(([, value]) => value);
  return { at, before: median(before.slice(-60)), after: median(soon) };
}
