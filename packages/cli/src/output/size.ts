/** `512 bytes`, `4.2 kB`, `31 MB`, `1.8 GB`. */
export function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = count < 1_000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  const value = count / 1_000 ** power;
  const text = power === 0 || value >= 10 ? String(Math.round(value)) : value.toFixed(1);
  return `${text} ${units[power] ?? ''}`;
}
