import { memo, type MemoExoticComponent, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import UPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { type ChartProps, dashOf } from './chart.tsx';
import { tick, type ZoneName } from './format.ts';

interface PlotProps extends ChartProps {
  readonly height: number;
  readonly zone: ZoneName;
  /** Its entries carry the colours of the lines, as the style sheet gives them in this theme. */
  readonly legend: RefObject<HTMLUListElement | null>;
}

/** The drawing itself, made again only when its figures are other: a page is drawn each second for its ages. */
export const Plot: MemoExoticComponent<(props: PlotProps) => ReactNode> = memo(
  Drawing,
  (before, after) => figures(before) === figures(after),
);

function figures({ times, lines, height, zone }: PlotProps): string {
  return JSON.stringify([times, lines, height, zone]);
}

function Drawing(props: PlotProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    let plot = draw(element, props);
    const again = (): void => {
      plot.destroy();
      plot = draw(element, props);
    };
    // Colours are baked into a canvas: another theme is another drawing.
    const themes = new MutationObserver(again);
    themes.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', again);
    const sizes = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: props.height });
    });
    sizes.observe(element);
    return () => {
      themes.disconnect();
      dark.removeEventListener('change', again);
      sizes.disconnect();
      plot.destroy();
    };
  }, [props]);
  // A canvas says nothing to those who do not see it; the table does.
  return <div ref={box} aria-hidden="true" className="min-h-44 min-w-0 overflow-hidden" />;
}

function draw(box: HTMLElement, { times, lines, format, height, legend, zone }: PlotProps): UPlot {
  const { color } = getComputedStyle(box);
  const entries = [...(legend.current?.children ?? [])];
  const colours = lines.map((_, index) => {
    const entry = entries[index];
    return entry === undefined ? color : getComputedStyle(entry).color;
  });
  const faint = `color-mix(in srgb, ${color} 14%, transparent)`;
  const axis = { stroke: color, grid: { stroke: faint, width: 1 }, ticks: { stroke: faint, width: 1 } };
  const options: UPlot.Options = {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { show: false } },
    scales: {
      // One moment alone would be drawn at the edge of three years.
      x: { range: (_, from, to) => (times.length === 1 ? [from - dayS / 2, from + dayS / 2] : [from, to]) },
      y: { range: (_, least, most) => [Math.min(0, least ?? 0), (most ?? 0) > 0 ? (most ?? 0) * 1.1 : 1] },
    },
    ...(zone === 'utc'
      ? { tzDate: (seconds: number) => UPlot.tzDate(new Date(seconds * 1_000), 'UTC') }
      : {}),
    axes: [
      {
        ...axis,
        font,
        values: (...[, splits, , , step]) => splits.map((at) => tick(at * 1_000, step, zone)),
      },
      { ...axis, font, size: 64, values: (_, splits) => splits.map((value) => format(value)) },
    ],
    series: [
      {},
      ...lines.map((line, index) => ({
        label: line.name,
        stroke: colours[index] ?? color,
        width: 2,
        dash: [...dashOf(index)],
        points: { show: line.values.length === 1 },
        spanGaps: false,
      })),
    ],
  };
  const data: UPlot.AlignedData = [
    times.map((time) => Date.parse(time) / 1_000),
    ...lines.map((line) => [...line.values]),
  ];
  return new UPlot(options, data, box);
}

/** Seconds. */
const dayS = 86_400;
const font = '12px system-ui, sans-serif';
