/** Middle and edges of a list of measurements, in milliseconds. */
export interface Figures {
  readonly runs: number;
  readonly min: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function figuresOf(samples: readonly number[]): Figures {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  const round = (ms: number): number => Math.round(ms * 10) / 10;
  return {
    runs: samples.length,
    min: round(at(0)),
    p50: round(at(0.5)),
    p99: round(at(0.99)),
    max: round(at(1)),
  };
}

/** One line of docs/benchmarks.md. */
export function row(what: string, { runs, min, p50, p99, max }: Figures): string {
  return `| ${what} | ${runs} | ${min} | ${p50} | ${p99} | ${max} |`;
}
