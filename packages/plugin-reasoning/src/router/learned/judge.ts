import type { ChangeSeen } from '@kora/runtime/plugin';
import type { RouterConfig } from '../contract.ts';
import { leaves, merged, numberAt, recordOf } from './value.ts';
import type { Leaf, ParameterKey, ParametersValue } from './value.ts';

/** What a value is held against. */
export interface Ground {
  /** What ships, with what the operator wrote. */
  readonly base: RouterConfig;
  /** The block `router` as the operator wrote it. */
  readonly written: unknown;
  /** What the value lies over: the base, and for a route what was learned for all of them. */
  readonly beneath: RouterConfig;
}

/** Figures of questions that must not be thought about by less than before: the larger number stands. */
const floors: ReadonlySet<string> = new Set(['weights.critical', 'weights.verdict', 'unsureBelow']);

/** Why a value cannot be in force; null where it can. */
export function refusalOf(
  key: ParameterKey,
  value: ParametersValue,
  { base, written, beneath }: Ground,
): string | null {
  if (key === 'default' && value.weight !== undefined) return 'weight is of a route, and the key names none';
  const named = leaves(value, key);
  if (named.every(({ path, to }) => numberAt(beneath, path) === to)) return 'the router does that already';
  const own = named.find(({ path, to }) => isWritten(written, path) && numberAt(base, path) !== to);
  if (own !== undefined)
    return `the operator wrote router.${own.path.join('.')} ${numberAt(base, own.path)} in the configuration, and that stands`;
  const low = named.find(({ path, to }) => floors.has(path.join('.')) && to < numberAt(base, path));
  if (low !== undefined)
    return `${low.path.join('.')} may not be below ${numberAt(base, low.path)}: critical questions and verdicts keep what they have`;
  const { standardFrom, largeFrom } = merged(beneath, key, value);
  if (standardFrom > largeFrom) return `standardFrom would be ${standardFrom}, above largeFrom ${largeFrom}`;
  return null;
}

/** Where some question would be thought about by less than now, nobody but the operator lets it in. */
export function riskOf(key: ParameterKey, value: ParametersValue, beneath: RouterConfig): ChangeSeen['risk'] {
  return leaves(value, key).some((leaf) => isLess(leaf, numberAt(beneath, leaf.path))) ? 'high' : 'low';
}

/** A threshold that rises is met by fewer questions; anything else that counts less has less of a say. */
function isLess({ path, to }: Leaf, now: number): boolean {
  const isThreshold = ['standardFrom', 'largeFrom', 'toMoreThan'].includes(path.at(-1) ?? '');
  return isThreshold ? to > now : to < now;
}

function isWritten(written: unknown, [first = '', second]: readonly string[]): boolean {
  const said = recordOf(written)[first];
  return second === undefined ? said !== undefined : recordOf(said)[second] !== undefined;
}
