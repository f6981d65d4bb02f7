/** What of a value would not arrive in another process as it was sent: paths with what stands there. */
export function lostInCrossing(value: unknown, path = 'it'): readonly string[] {
  if (value === null || value === undefined || typeof value === 'string' || typeof value === 'boolean')
    return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} is ${value}`];
  if (typeof value !== 'object') return [`${path} is a ${typeof value}`];
  if (Array.isArray(value)) return value.flatMap((each, at) => lostInCrossing(each, `${path}[${at}]`));
  const made: unknown = Object.getPrototypeOf(value);
  if (made !== Object.prototype && made !== null) return [`${path} is a ${nameOf(value)}`];
  return Object.entries(value).flatMap(([key, each]) => lostInCrossing(each, `${path}.${key}`));
}

function nameOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === 'function' && constructor.name !== ''
    ? constructor.name
    : 'object of a class';
}
