import { Stage } from '../stage.ts';
import type { Case } from '../case.ts';
import { truthOf } from '../case.ts';
import type { Truth } from '../truth.ts';
import type { WholeWorld } from '../world.ts';
import { abstain } from './abstain.ts';
import { containers } from './containers.ts';
import { logs } from './logs.ts';
import { model } from './model.ts';
import { network } from './network.ts';
import { time } from './time.ts';

/** The matrix, by its numbers. What many alarms at once come to is in `storms`. */
export const cases: readonly Case[] = [
  ...containers,
  ...network,
  ...time,
  ...logs,
  ...abstain,
  ...model,
].toSorted((one, other) => orderOf(one.id) - orderOf(other.id) || one.id.localeCompare(other.id));

/** A case's world and its truth: the same for the same seed, and another one for each. */
export function built(each: Case, seed: number): { readonly world: WholeWorld; readonly truth: Truth } {
  const stage = new Stage(seed * 1009 + hash(each.id));
  const truth = truthOf(each, each.build(stage));
  return { world: stage.world(), truth };
}

function orderOf(id: string): number {
  return 'RLA'.indexOf(id.slice(0, 1)) * 1000 + Number.parseInt(id.slice(1), 10);
}

function hash(text: string): number {
  let sum = 17;
  for (const letter of text) sum = (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0;
  return sum % 100_000;
}
