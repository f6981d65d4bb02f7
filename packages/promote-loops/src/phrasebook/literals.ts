/** A value that stands in an answer as it was then: a number, a time, the name of a thing by number. */
export interface Literal {
  readonly kind: 'time' | 'number' | 'id';
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

const unit = '(?:%|[kmg]i?b|ms|min|[smhd])?(?![\\p{L}\\d_]|[.,:]\\d)';
const literal = new RegExp(
  [
    String.raw`(?<time>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?: ?(?:Z|UTC))?(?![\p{L}\d_]|[.,:]\d)|\d{1,2}:\d{2}(?::\d{2})?(?: ?(?:Z|UTC))?(?![\p{L}\d_]|[.,:]\d))`,
    String.raw`(?<number>-?\d+(?:,\d{3})*(?:\.\d+)?(?=${unit}))`,
    String.raw`(?<id>[\p{L}_]*\d[\p{L}\d_.:-]*[\p{L}\d_]|[\p{L}_]*\d)`,
  ]
    .map((one) => String.raw`(?<![\p{L}\d_])${one}`)
    .join('|'),
  'giu',
);

/** Every value in a text that has a digit, in their order: whatever has one may be another tomorrow. */
export function literalsIn(text: string): readonly Literal[] {
  return [...text.matchAll(literal)].map((found) => {
    const { time, number } = found.groups ?? {};
    const word = time === undefined ? 'id' : 'time';
    const kind = number === undefined ? word : 'number';
    return { kind, text: found[0], from: found.index, to: found.index + found[0].length };
  });
}

/**
 * Whether two spellings are one value: numbers to the digits that both have, times to the parts that both name, all else
 * letter by letter without case.
 */
export function isSameValue(one: string, other: string): boolean {
  if (one.toLowerCase() === other.toLowerCase()) return true;
  if (!/\d/.test(one) || !/\d/.test(other)) return false;
  const [left, right] = [numberOf(one), numberOf(other)];
  if (left !== undefined && right !== undefined) {
    const digits = Math.min(left.digits, right.digits);
    return left.value.toFixed(digits) === right.value.toFixed(digits);
  }
  const [early, late] = [timeOf(one), timeOf(other)];
  if (early === undefined || late === undefined) return false;
  const isSame = (part: 'day' | 'minute' | 'second'): boolean | undefined =>
    early[part] === undefined || late[part] === undefined ? undefined : early[part] === late[part];
  const parts = [isSame('day'), isSame('minute'), isSame('second')];
  return !parts.includes(false) && parts.includes(true);
}

function numberOf(text: string): { readonly value: number; readonly digits: number } | undefined {
  const plain = text.replaceAll(',', '');
  if (!/^-?\d+(?:\.\d+)?$/.test(plain)) return undefined;
  return { value: Number(plain), digits: Math.min(6, plain.split('.')[1]?.length ?? 0) };
}

const moment =
  /^(?:(\d{4}-\d{2}-\d{2}))?(?:(?:^|[T ])(\d{1,2}:\d{2})(?::(\d{2})(?:\.\d+)?)?)?(?: ?(?:Z|UTC))?$/i;

function timeOf(text: string) {
  const [found, day, minute, second] = moment.exec(text) ?? [];
  if (found === undefined || (day === undefined && minute === undefined)) return undefined;
  return { day, minute: minute?.padStart(5, '0'), second };
}
