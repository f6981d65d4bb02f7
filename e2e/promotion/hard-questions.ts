import type { ReasonRoute } from '../../packages/runtime/src/reason/contract.ts';
import type { Dice } from './dice.ts';
import { told, workdayMs } from './questions.ts';
import type { Asked, ModelName, Question, Span, WorldOf } from './questions.ts';

const dayMs = 86_400_000;

/**
 * What the router made of questions that are about how hard they are. Of the small model's answers on how to stow, asked in
 * the cockpit, most were thought through again by the next larger one, and paid twice. What begins with "should we" earned
 * the middle one at the terminal, where people more and more asked for the small one themselves, and had their answer. On
 * the route of tool loops each first answer is followed by another, by design: that is no sign of anything.
 */
export function routed(dice: Dice, { fromMs, days }: Span, world: WorldOf): readonly Asked[] {
  const all: Asked[] = [];
  for (let day = 0; day < days; day += 1) {
    const add = (topic: keyof typeof hard, route: ReasonRoute, how: Partial<Question>): void => {
      const moment = world(dice, fromMs + day * dayMs + Math.floor(dice.next() * workdayMs), day);
      const base = told(dice, moment, route, 1);
      const model = how.model ?? 'small';
      const question = {
        ...base,
        ...hard[topic](dice),
        strangers: false,
        calls: 1,
        tools: [],
        ...how,
        costMicroUsd: base.costMicroUsd * (times[model] + ((how.calls ?? 1) > 1 ? 1 : 0)),
      };
      const text = question.routing.startsWith('operator_override:')
        ? `/small ${question.text}`
        : question.text;
      all.push({ question: { ...question, text }, truth: { topic, repeats: false, facts: [] } });
    };
    for (let n = 0; n < 5; n += 1) add('stow', 'cockpit', dice.chance(0.85) ? again : {});
    add('stow', 'tool_loop_iteration', again);
    for (let n = 0; n < 4; n += 1)
      add('should', 'cli', dice.chance(0.4) ? { routing: 'operator_override:/small' } : earned);
  }
  return all;
}

const times: Readonly<Record<ModelName, number>> = { small: 1, middle: 3, large: 10 };
const again: Partial<Question> = { model: 'middle', routing: 'escalated:low_confidence', calls: 2 };
const earned: Partial<Question> = { model: 'middle', routing: 'earned:decision_language+acting_tools' };
const loads = ['the reels', 'the cable drums', 'the timber', 'the tank containers', 'the wind blades'];

/** Questions that are hard, each in its own way; no two are the same. */
export const hard = {
  stow: (dice: Dice): { readonly text: string; readonly answer: string } => ({
    text: `how would you stow ${dice.pick(loads)} for voyage ${dice.int(10, 9_999)} with ${dice.int(2, 40)} lashings`,
    answer: `Heavy ends inward, ${dice.int(2, 9)} rows, and lash number ${dice.int(1, 40)} first.`,
  }),
  should: (dice: Dice): { readonly text: string; readonly answer: string } => ({
    text: `should we move ${dice.pick(loads)} to shed ${dice.int(1, 999)} before tide ${dice.int(1, 99)}`,
    answer: `Yes: shed ${dice.int(1, 999)} is dry, and ${dice.int(2, 30)} people are there.`,
  }),
};

/** Each time something stood still, the large model looked into it. */
export function investigated(
  dice: Dice,
  troubles: readonly { readonly probe: string; readonly openedMs: number }[],
  world: WorldOf,
): readonly Asked[] {
  return troubles.map(({ probe, openedMs }, n) => {
    const base = told(dice, world(dice, openedMs, n), 'probe_investigation', 2);
    const question: Question = {
      ...base,
      text: `${probe} fails: what is behind it?`,
      answer: `${probe} stands still, for the ${dice.int(2, 90)}th time; nothing else was found.`,
      strangers: true,
      model: 'large',
      routing: 'earned:verdict+critical+route',
      calls: 2,
      tools: [],
      costMicroUsd: base.costMicroUsd * times.large,
    };
    return { question, truth: { topic: 'investigation', repeats: false, facts: [] } };
  });
}
