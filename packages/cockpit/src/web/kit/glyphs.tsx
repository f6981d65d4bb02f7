import type { ReactNode } from 'react';
import type { PrimaryState } from './tone.ts';

interface GlyphProps {
  /** CSS pixels, default 16. */
  readonly size?: number;
}

/** The shape of a primary state. Read without colour: ring, check, pulse, bars, bar. Null is not known. */
export function StateGlyph({
  state,
  size = 16,
}: GlyphProps & { readonly state: PrimaryState | null }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className="shrink-0"
    >
      <circle cx="8" cy="8" r="6.75" {...(ringDash[state ?? 'unknown'] ?? {})} />
      {state === null ? null : strokes[state]}
    </svg>
  );
}

const ringDash: Readonly<Record<string, { readonly strokeDasharray: string }>> = {
  booting: { strokeDasharray: '0.01 3.53' },
  unknown: { strokeDasharray: '2.6 2.7' },
};

const strokes: Readonly<Record<PrimaryState, ReactNode>> = {
  booting: null,
  ready: <path d="M5 8.25 7.1 10.4 11 6" />,
  active: <path d="M3.5 8.5h2l1.5-3.2 2 5 1.4-2.8h2.1" strokeWidth="1.5" />,
  paused: <path d="M6.25 5.75v4.5M9.75 5.75v4.5" />,
  stopped: <path d="M3.5 3.5l9 9" />,
};

/** The page's icon in the browser's tab, shaped as the state, as a data URL. */
export function stateIconUrl(state: PrimaryState | null): string {
  const shapes: Readonly<Record<PrimaryState, string>> = {
    booting:
      '<circle cx="8" cy="8" r="6" fill="none" stroke="#8d74e0" stroke-width="3" stroke-dasharray="2 2.7"/>',
    ready:
      '<circle cx="8" cy="8" r="7.5" fill="#1d9a68"/><path d="M4.5 8.2 7 10.8 11.5 5.6" fill="none" stroke="#fff" stroke-width="2"/>',
    active:
      '<circle cx="8" cy="8" r="7.5" fill="#3a78e8"/><path d="M2.8 8.6h2.6L7 5l2.3 6L10.7 8h2.5" fill="none" stroke="#fff" stroke-width="1.7"/>',
    paused:
      '<rect x="2" y="1.5" width="4.5" height="13" rx="1" fill="#d98512"/><rect x="9.5" y="1.5" width="4.5" height="13" rx="1" fill="#d98512"/>',
    stopped:
      '<circle cx="8" cy="8" r="6" fill="none" stroke="#d8433c" stroke-width="3"/><path d="M4 4l8 8" stroke="#d8433c" stroke-width="3"/>',
  };
  const unknown =
    '<circle cx="8" cy="8" r="6" fill="none" stroke="#8593a5" stroke-width="3" stroke-dasharray="5 4.4"/>';
  const shape = state === null ? unknown : shapes[state];
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shape}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
