/** To three digits behind the point: what is shown to people, and the same on every machine. */
export function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** As a percentage, for people. */
export function percent(share: number): string {
  return `${Math.round(share * 1_000) / 10} %`;
}
