import type { BenchServer } from '../server/server.ts';
import type { Contestant } from './contestant.ts';

/** What the command line says, for every part. */
export interface RunOptions {
  readonly quick: boolean;
  /** Of one measured window; each part has its own when it is left out. */
  readonly seconds: number | undefined;
  readonly rounds: number;
  readonly processes: readonly number[];
  /** Products that take part; all when left out. */
  readonly among: readonly string[] | undefined;
  /** How many rows are there already, for the growth part. */
  readonly grow: readonly number[];
  /** Another server of the same make, with settings of its own, for the parts that need them. */
  readonly serverWith: (settings: Readonly<Record<string, string>>) => Promise<BenchServer>;
}

/** A part of the benchmark: prints its tables and answers what goes into the results file. */
export type Part = (server: BenchServer, options: RunOptions) => Promise<unknown>;

/** A Markdown table, as docs/benchmarks.md has them. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string {
  const line = (cells: readonly (string | number | null)[]): string => `| ${cells.map(cell).join(' | ')} |\n`;
  return `\n${line(head)}|${'---|'.repeat(head.length)}\n${rows.map(line).join('')}`;
}

function cell(value: string | number | null): string {
  if (value === null) return '';
  return typeof value === 'number' ? grouped(value) : value;
}

/** Thousands apart from 10 000 on, two places below ten. */
function grouped(value: number): string {
  const round = Math.abs(value) < 10 ? Math.round(value * 100) / 100 : Math.round(value);
  return String(round).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function say(text: string): void {
  process.stdout.write(text);
}

export function takingPart(contestants: readonly Contestant[], { among }: RunOptions): readonly Contestant[] {
  return contestants.filter(({ product }) => among === undefined || among.includes(product));
}
