const cent = 0.01;
const micro = 1_000_000;

/** `$12.34`; what is less than a cent keeps its digits, so that nothing spent reads as nothing. */
export function dollars(usd: number): string {
  if (usd === 0 || Math.abs(usd) >= cent) return `$${usd.toFixed(2)}`;
  return `$${usd.toFixed(6).replace(/0+$/, '')}`;
}

/** Millionths of a dollar of an amount as it is typed, `12.34` or `$12.34`; undefined when it does not parse. */
export function parseDollars(text: string): number | undefined {
  const [, whole, part = ''] = /^\$?(\d{1,9})(?:\.(\d{1,6}))?$/.exec(text.trim()) ?? [];
  return whole === undefined ? undefined : Number(whole) * micro + Number(part.padEnd(6, '0'));
}
