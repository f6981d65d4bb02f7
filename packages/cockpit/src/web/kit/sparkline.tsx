import type { ReactNode } from 'react';

interface SparklineProps {
  /** What it shows, with its last figure: for those who do not see it. */
  readonly label: string;
  /** Oldest first; null is unknown and breaks the line. */
  readonly values: readonly (number | null)[];
  readonly width?: number;
  readonly height?: number;
}

/** A line without axes: the trend, and nothing that could be read off it. */
export function Sparkline({ label, values, width = 96, height = 20 }: SparklineProps): ReactNode {
  const path = sparkPath(values, width, height);
  return (
    <svg role="img" aria-label={label} width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** The line through the known values, from the least to the most of them; a flat one lies in the middle. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const known = values.filter((value) => value !== null);
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let drawing = false;
  return values
    .map((value, index) => {
      if (value === null) {
        drawing = false;
        return '';
      }
      const y = span === 0 ? height / 2 : height - 1 - ((value - least) / span) * (height - 2);
      const command = drawing ? 'L' : 'M';
      drawing = true;
      return `${command}${round(index * step)} ${round(y)}`;
    })
    .join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
