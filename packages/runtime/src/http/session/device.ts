const browsers = [
  ['Edg', 'Edge'],
  ['OPR', 'Opera'],
  ['Firefox', 'Firefox'],
  ['Chrome', 'Chrome'],
  ['Safari', 'Safari'],
] as const;
const systems = [
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Android', 'Android'],
  ['Windows', 'Windows'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

/** `Chrome on Linux`, of what a browser calls itself; nothing of it is repeated that is not in these lists. */
export function deviceOf(userAgent: string | undefined): string {
  const named = (words: readonly (readonly [string, string])[]): string | undefined =>
    words.find(([mark]) => userAgent?.includes(mark) === true)?.[1];
  const browser = named(browsers) ?? 'a browser';
  const system = named(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
}
