import type { ReactNode } from 'react';

interface SparkProps {
  /** Oldest first; null is unknown, and breaks the line. */
  readonly values: readonly (number | null)[];
  /** The whole of it in words. */
  readonly text: string;
}

const tall = 16;

/** A line of a few figures beside the one that counts. It begins at zero, so that two of them can be compared. */
export function Spark({ values, text }: SparkProps): ReactNode {
  return (
    <svg
      role="img"
      aria-label={text}
      viewBox={`0 -1 ${Math.max(1, values.length - 1)} ${tall + 2}`}
      preserveAspectRatio="none"
      className="mt-1 h-4 w-full text-line-strong"
    >
      <title>{text}</title>
      <path
        d={sparkPath(values)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

/** A stroke for each run of known values; one alone is a short dash. */
export function sparkPath(values: readonly (number | null)[]): string {
  const most = Math.max(1, ...values.map((value) => value ?? 0));
  return values
    .flatMap((value, x) => {
      if (value === null) return [];
      const y = Number((tall - (tall * value) / most).toFixed(2));
      const isFirst = x === 0 || values[x - 1] === null;
      const isAlone = isFirst && (values[x + 1] ?? null) === null;
      return [`${isFirst ? 'M' : 'L'}${x} ${y}${isAlone ? 'h.5' : ''}`];
    })
    .join('');
}
