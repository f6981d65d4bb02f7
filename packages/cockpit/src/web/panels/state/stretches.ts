import type { stateTransitionSchema } from '@kora/runtime/client';
import type { z } from 'zod';

export type StateTransition = z.infer<typeof stateTransitionSchema>;

/** A stretch of time in one state; `working`: ready and active by turns, folded. */
export interface Segment {
  /** A state's name, `working`, or `unknown` where nothing was read. */
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  /** How many times work was taken up within it; 0 unless folded. */
  readonly cycles: number;
  /** What began it; null where that lies before the window. */
  readonly transition: StateTransition | null;
}

export interface BandInput {
  /** Newest first, as the runtime answers. */
  readonly transitions: readonly StateTransition[];
  readonly from: number;
  readonly to: number;
  /** The state now and since when, where it is known: with no transition in the window it lasted all of it. */
  readonly now: { readonly state: string; readonly since: number } | null;
  /** Whether the runtime may hold transitions of the window that were not read. */
  readonly cut: boolean;
}

/** The window as stretches of one state each, oldest first. What was not read is `unknown` and never guessed. */
export function segmentsOf({ transitions, from, to, now, cut }: BandInput): readonly Segment[] {
  const known = transitions
    .map((transition) => ({ transition, at: Date.parse(transition.at) }))
    .filter(({ at }) => at >= from && at < to)
    .sort((a, b) => a.at - b.at || a.transition.seq - b.transition.seq);
  const [first] = known;
  const before =
    first === undefined ? stateAlone(now, from) : cut ? 'unknown' : stateBefore(first.transition);
  const starts = [
    { state: before, at: from, transition: null },
    ...known.map(({ transition, at }) => ({ state: transition.to.toLowerCase(), at, transition })),
  ];
  return starts
    .map(({ state, at, transition }, index): Segment => {
      const until = starts[index + 1]?.at ?? to;
      return { state, from: at, to: until, cycles: 0, transition };
    })
    .filter((segment) => segment.to > segment.from);
}

/** A process begins by booting, a moment before its first transition: what was before that is another's, or nobody's. */
function stateBefore({ from }: StateTransition): string {
  const state = from.toLowerCase();
  return state === 'booting' ? 'unknown' : state;
}

function stateAlone(now: BandInput['now'], from: number): string {
  return now !== null && now.since <= from ? now.state : 'unknown';
}

/** Ready and active by turns are one stretch of work: three and more of them in a row are drawn as one. */
export function folded(segments: readonly Segment[]): readonly Segment[] {
  const out: Segment[] = [];
  let run: Segment[] = [];
  const flush = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined || run.length < 3) out.push(...run);
    else {
      const cycles = run.filter(({ state }) => state === 'active').length;
      out.push({ state: 'working', from: first.from, to: last.to, cycles, transition: first.transition });
    }
    run = [];
  };
  for (const segment of segments) {
    if (segment.state === 'ready' || segment.state === 'active') run.push(segment);
    else {
      flush();
      out.push(segment);
    }
  }
  flush();
  return out;
}

/** A line of the list: one transition, or many between ready and active. */
export type TransitionLine =
  | { readonly kind: 'one'; readonly transition: StateTransition }
  | {
      readonly kind: 'work';
      readonly cycles: number;
      readonly from: string;
      readonly to: string;
      readonly seq: number;
    };

/** Newest first; work taken up and laid down again and again is one line. */
export function transitionLines(
  transitions: readonly StateTransition[],
  fold: boolean,
): readonly TransitionLine[] {
  const lines: TransitionLine[] = [];
  let run: StateTransition[] = [];
  const flush = (): void => {
    const newest = run[0];
    const oldest = run.at(-1);
    if (newest === undefined || oldest === undefined) return;
    if (run.length < 3) lines.push(...run.map((transition): TransitionLine => ({ kind: 'one', transition })));
    else {
      const cycles = run.filter(({ to }) => to.toLowerCase() === 'active').length;
      lines.push({ kind: 'work', cycles, from: oldest.at, to: newest.at, seq: newest.seq });
    }
    run = [];
  };
  for (const transition of transitions) {
    if (fold && isWork(transition)) run.push(transition);
    else {
      flush();
      lines.push({ kind: 'one', transition });
    }
  }
  flush();
  return lines;
}

/** Between ready and active, with nothing else to tell. */
function isWork({ from, to, reasonsAdded, reasonsRemoved, note }: StateTransition): boolean {
  const ends = [from.toLowerCase(), to.toLowerCase()].sort((a, b) => a.localeCompare(b));
  return ends.join() === 'active,ready' && reasonsAdded.length + reasonsRemoved.length === 0 && note === null;
}

export const zooms = { '1h': 3_600_000, '24h': 86_400_000, '7d': 604_800_000 } as const;
export type Zoom = keyof typeof zooms;

export interface Window {
  readonly from: number;
  readonly to: number;
  /** Null: the address names the two times. */
  readonly zoom: Zoom | null;
}

/** Which time is looked at: the two that the address names, else so much up to now. */
export function windowOf(
  { z, from, to }: { readonly z: string; readonly from: string; readonly to: string },
  now: number,
): Window {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  if (start < end) return { from: start, to: end, zoom: null };
  const zoom: Zoom = z === '1h' || z === '7d' ? z : '24h';
  return { from: now - zooms[zoom], to: now, zoom };
}

/** From when on transitions are read: a round time, so that the question stays the same for a while. */
export function readFrom({ from, to }: Window): string {
  const step = Math.max(60_000, Math.round((to - from) / 24));
  return new Date(Math.floor(from / step) * step).toISOString();
}
