import { lazy, type ReactNode, Suspense, useRef } from 'react';
import { absolute, type ZoneName, zoneName } from './format.ts';
import { plain } from './plain.ts';
import { Table } from './table.tsx';
import { type Tone, toneText } from './tone.ts';

/** One line of a chart: as many values as there are times; null is unknown, and breaks the line. */
export interface ChartLine {
  readonly name: string;
  readonly tone: Tone;
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  /** What it shows, with its unit: `Spent a day, in dollars`. */
  readonly label: string;
  /** ISO 8601, oldest first. */
  readonly times: readonly string[];
  readonly lines: readonly ChartLine[];
  /** How a value is written, on the axis and in the table. */
  readonly format: (value: number | null) => string;
  /** How a time is written in the table; default with date, clock and zone. */
  readonly formatTime?: (iso: string) => string;
  /** The zone of the axis where its times are days or hours of one; default the reader's. */
  readonly zone?: ZoneName;
  /** CSS pixels, default 180. */
  readonly height?: number;
}

const Plot = lazy(() => import('./plot.tsx').then((module) => ({ default: module.Plot })));

/**
 * Lines over time. What draws them comes when there is something to draw; the table beneath has the same figures for
 * those who do not see them, and for those who want them exactly.
 */
export function Chart(props: ChartProps): ReactNode {
  const { label, times, lines, height = 180 } = props;
  const legend = useRef<HTMLUListElement>(null);
  return (
    <figure className="min-w-0 space-y-1" aria-label={label}>
      <figcaption className="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-dim">
        <span>{plain(label)}</span>
        <ul ref={legend} className="flex flex-wrap gap-x-4">
          {lines.map(({ name, tone }, index) => (
            <li key={name} className={`flex items-center gap-1.5 ${toneText[tone]}`}>
              <Swatch dash={dashOf(index)} />
              {plain(name)}
            </li>
          ))}
        </ul>
      </figcaption>
      <Suspense fallback={<div aria-hidden="true" className="h-44" />}>
        <Plot {...props} height={height} legend={legend} zone={props.zone ?? zoneName()} />
      </Suspense>
      <details>
        <summary className="w-fit text-xs text-dim underline">The same as a table</summary>
        <ChartTable {...props} rows={times.map((_, index) => times.length - 1 - index)} />
      </details>
    </figure>
  );
}

/** How the strokes of the nth line lie: told apart without their colour too. */
export function dashOf(index: number): readonly number[] {
  return dashes[index % dashes.length] ?? [];
}

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

function Swatch({ dash }: { readonly dash: readonly number[] }): ReactNode {
  return (
    <svg width="20" height="8" viewBox="0 0 20 8" aria-hidden="true">
      <path d="M0 4h20" stroke="currentColor" strokeWidth="2" strokeDasharray={dash.join(' ')} />
    </svg>
  );
}

/** Newest first, as everywhere. */
function ChartTable({
  label,
  times,
  lines,
  format,
  formatTime = absolute,
  rows,
}: ChartProps & { readonly rows: readonly number[] }): ReactNode {
  return (
    <div className="max-h-80 overflow-y-auto">
      <Table
        caption={label}
        rows={rows}
        keyOf={(row) => times[row] ?? ''}
        columns={[
          { name: 'Time', cell: (row) => formatTime(times[row] ?? '') },
          ...lines.map(({ name, values }) => ({
            name,
            align: 'end' as const,
            cell: (row: number) => format(values[row] ?? null),
          })),
        ]}
      />
    </div>
  );
}
