const levels = '▁▂▃▄▅▆▇█';
const nobodyLooked = '·';

/**
 * A line of bars, one for each value, the highest as tall as a line is; a dot where nothing is known. Values are
 * measured from nought, so that bars can be compared.
 */
export function sparkline(values: readonly (number | null)[]): string {
  const highest = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  return values
    .map((value) => {
      if (value === null) return nobodyLooked;
      const level = Math.ceil((Math.max(value, 0) / highest) * levels.length) - 1;
      return levels[Math.max(level, 0)] ?? nobodyLooked;
    })
    .join('');
}
