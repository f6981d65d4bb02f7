import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { type Tone, toneText } from './tone.ts';

export interface StripCell {
  readonly key: string;
  readonly tone: Tone;
  /** The whole of it in words: `run 12:00 failed after 3.1 s`. */
  readonly text: string;
  /** 0 to 1, how tall; default 1. Tells cells apart without their colour. */
  readonly height?: number;
}

interface StripProps {
  readonly label: string;
  /** Oldest first. */
  readonly cells: readonly StripCell[];
}

/**
 * The last runs or looks as a row of cells. One stop for the keyboard, arrows within: what a cell is stands beneath while
 * it has the focus, and in its title.
 */
export function Strip({ label, cells }: StripProps): ReactNode {
  const [at, setAt] = useState<number | null>(null);
  const last = cells.length - 1;
  const here = Math.min(at ?? last, last);
  const move = (event: KeyboardEvent<HTMLElement>): void => {
    const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: last }[event.key];
    if (to === undefined || to < 0 || to > last) return;
    event.preventDefault();
    setAt(to);
    const next = event.currentTarget.children[to];
    if (next instanceof HTMLElement) next.focus();
  };
  if (cells.length === 0) return <span className="text-dim">none yet</span>;
  return (
    <span
      role="group"
      aria-label={label}
      className="inline-flex h-6 items-end gap-px align-middle"
      onKeyDown={move}
    >
      {cells.map((cell, index) => (
        <button
          key={cell.key}
          type="button"
          tabIndex={index === here ? 0 : -1}
          title={cell.text}
          aria-label={cell.text}
          onFocus={() => setAt(index)}
          className={`flex h-6 w-1 min-w-1 items-end rounded-none ${toneText[cell.tone]}`}
        >
          <svg width="4" height="24" viewBox="0 0 4 24" aria-hidden="true">
            <Bar height={cell.height ?? 1} hollow={cell.tone === 'stopped'} />
          </svg>
        </button>
      ))}
    </span>
  );
}

/** A failed one is cut through: its colour is not all that tells it. */
function Bar({ height, hollow }: { readonly height: number; readonly hollow: boolean }): ReactNode {
  const tall = Math.round(4 + 18 * Math.min(1, Math.max(0, height)));
  return (
    <>
      <rect x="0.5" y={24 - tall} width="3" height={tall} fill="currentColor" />
      {hollow ? (
        <rect x="0" y={24 - Math.round(tall / 2) - 1} width="4" height="2" className="fill-surface" />
      ) : null}
    </>
  );
}
