import type { HttpProbe, JsonWish } from '../config.ts';
import { valueAt } from './json-path.ts';
import { matchesPattern } from './pattern.ts';

/** What a look wants of a body. */
export type BodyWish = Pick<HttpProbe, 'bodyIncludes' | 'bodyMatches' | 'bodyJson'>;

export interface BodySeen {
  readonly bytes: number;
  /** Whether it went on past the limit. */
  readonly cut: boolean;
  /** What is wrong with it, as a clause behind "but"; null when nothing is. */
  readonly objection: string | null;
}

const longestShown = 60;

export function wantsBody(wish: BodyWish): boolean {
  return [wish.bodyIncludes, wish.bodyMatches, wish.bodyJson].some((each) => each !== undefined);
}

/** Holds a body, or its beginning, against what is wanted of it. */
export function judgeBody(wish: BodyWish, body: Buffer, cut: boolean): BodySeen {
  const bytes = body.length;
  return { bytes, cut, objection: objectionTo(wish, body, cut) };
}

function objectionTo(wish: BodyWish, body: Buffer, cut: boolean): string | null {
  const where = cut ? `the first ${body.length} bytes of its body` : 'its body';
  if (wish.bodyIncludes !== undefined && !body.includes(wish.bodyIncludes))
    return `${where} ${cut ? 'lack' : 'lacks'} the expected text`;
  if (wish.bodyMatches !== undefined && !matchesPattern(body.toString('utf8'), wish.bodyMatches))
    return `${where} ${cut ? 'do' : 'does'} not match the expected pattern`;
  if (wish.bodyJson === undefined) return null;
  if (cut) return `its body is longer than ${body.length} bytes, too long to be read as JSON`;
  const document = parsed(body);
  if (document === undefined) return 'its body is not JSON';
  for (const each of wish.bodyJson) {
    const objection = objectionToValue(each, valueAt(document.value, each.path));
    if (objection !== null) return objection;
  }
  return null;
}

function objectionToValue({ path, equals, atLeast, atMost }: JsonWish, value: unknown): string | null {
  const is = `${path} of its body is ${shown(value)}`;
  if (equals !== undefined && value !== equals) return `${is}, expected ${shown(equals)}`;
  if (atLeast !== undefined && !(typeof value === 'number' && value >= atLeast))
    return `${is}, expected at least ${atLeast}`;
  if (atMost !== undefined && !(typeof value === 'number' && value <= atMost))
    return `${is}, expected at most ${atMost}`;
  return null;
}

function parsed(body: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return undefined;
  }
}

/** A scalar as JSON, cut; of anything else what it is, for what is in it can be long and is not asked about. */
function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}
