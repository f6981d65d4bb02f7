import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { absolute, clock, counted, span } from '../../kit/format.ts';
import { plain } from '../../kit/plain.ts';
import { type Tone, toneText } from '../../kit/tone.ts';
import type { Segment } from './stretches.ts';

interface BandLook {
  readonly letter: string;
  readonly tone: Tone;
  readonly texture: 'none' | 'lines' | 'slant' | 'cross' | 'dots';
  readonly word: string;
}

const looks: Readonly<Record<string, BandLook>> = {
  booting: { letter: 'B', tone: 'boot', texture: 'dots', word: 'Booting' },
  ready: { letter: 'R', tone: 'ready', texture: 'none', word: 'Ready' },
  active: { letter: 'A', tone: 'active', texture: 'lines', word: 'Active' },
  working: { letter: 'RA', tone: 'active', texture: 'lines', word: 'Ready and active by turns' },
  paused: { letter: 'P', tone: 'paused', texture: 'slant', word: 'Paused' },
  stopped: { letter: 'S', tone: 'stopped', texture: 'cross', word: 'Stopped' },
};
const unknownLook: BandLook = { letter: '?', tone: 'stale', texture: 'dots', word: 'Not known' };

function lookOf(state: string): BandLook {
  return looks[state] ?? unknownLook;
}

/** The narrowest stretch that has room for its letter, as a share of the band. */
const letterShare = 0.025;
const height = 44;

interface BandProps {
  readonly label: string;
  /** Oldest first. */
  readonly segments: readonly Segment[];
}

/** Time from left to right, each stretch with its colour, its texture and its letter. Arrows walk from one to the next. */
export function Band({ label, segments }: BandProps): ReactNode {
  const [chosen, setChosen] = useState<number | null>(null);
  const id = useId();
  const last = segments.length - 1;
  const here = Math.min(chosen ?? last, last);
  const segment = segments[here];
  const [from, to] = [segments[0]?.from ?? 0, segments[last]?.to ?? 1];
  const walk = (event: KeyboardEvent): void => {
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(Math.min(last, Math.max(0, next)));
  };
  if (segment === undefined) return null;
  return (
    <div className="space-y-2 p-3">
      <div
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={1}
        aria-valuemax={segments.length}
        aria-valuenow={here + 1}
        aria-valuetext={segmentWords(segment)}
        onKeyDown={walk}
        className="rounded-sm"
      >
        <svg width="100%" height={height} aria-hidden="true" className="rounded-sm">
          <Textures id={id} />
          {segments.map((each, index) => (
            <Stretch
              key={each.from}
              id={id}
              segment={each}
              start={(each.from - from) / (to - from)}
              share={(each.to - each.from) / (to - from)}
              isChosen={index === here}
              choose={() => setChosen(index)}
            />
          ))}
        </svg>
      </div>
      <div className="flex justify-between text-xs text-dim tabular-nums">
        <span title={absolute(iso(from))}>{absolute(iso(from)).slice(0, 16)}</span>
        <span title={absolute(iso(to))}>{absolute(iso(to)).slice(0, 16)}</span>
      </div>
      <p className="min-h-5">{segmentWords(segment)}</p>
      <p className="text-xs text-dim">
        B booting · R ready · A active · RA work by turns · P paused · S stopped · ? not known. Arrow keys
        walk.
      </p>
    </div>
  );
}

interface StretchProps {
  readonly id: string;
  readonly segment: Segment;
  /** 0 to 1. */
  readonly start: number;
  readonly share: number;
  readonly isChosen: boolean;
  readonly choose: () => void;
}

function Stretch({ id, segment, start, share, isChosen, choose }: StretchProps): ReactNode {
  const look = lookOf(segment.state);
  const x = `${start * 100}%`;
  const width = `${Math.max(0.1, share * 100)}%`;
  return (
    <g className={toneText[look.tone]} onClick={choose}>
      <title>{segmentWords(segment)}</title>
      <rect x={x} width={width} height={height} fill="currentColor" />
      {look.texture === 'none' ? null : (
        <rect x={x} width={width} height={height} fill={`url(#${id}${look.texture})`} />
      )}
      {share < letterShare ? null : (
        <text
          x={`${(start + share / 2) * 100}%`}
          y={height / 2 + 5}
          textAnchor="middle"
          className="fill-on-fill text-base font-semibold"
        >
          {look.letter}
        </text>
      )}
      {isChosen ? <rect x={x} y={height - 5} width={width} height="5" className="fill-ink" /> : null}
    </g>
  );
}

function Textures({ id }: { readonly id: string }): ReactNode {
  const stroke = { className: 'stroke-on-fill', strokeWidth: 1, opacity: 0.28 } as const;
  const pattern = { patternUnits: 'userSpaceOnUse', width: 8, height: 8 } as const;
  return (
    <defs>
      <pattern id={`${id}lines`} {...pattern}>
        <path d="M0 2H8" {...stroke} />
      </pattern>
      <pattern id={`${id}slant`} {...pattern}>
        <path d="M0 8L8 0" {...stroke} />
      </pattern>
      <pattern id={`${id}cross`} {...pattern}>
        <path d="M0 8L8 0M0 0L8 8" {...stroke} />
      </pattern>
      <pattern id={`${id}dots`} {...pattern}>
        <circle cx="4" cy="4" r="1" className="fill-on-fill" opacity="0.4" />
      </pattern>
    </defs>
  );
}

/** `Paused, 12:04:11 to 12:44:11, 40 min: operator`. */
export function segmentWords({ state, from, to, cycles, transition }: Segment): string {
  const folds = cycles === 0 ? '' : `, ${counted(cycles, 'work cycle')}`;
  const cause = transition === null || cycles > 0 ? '' : `: ${plain(transition.cause)}`;
  return `${lookOf(state).word}, ${clock(iso(from))} to ${clock(iso(to))}, ${span(to - from)}${folds}${cause}`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
