import type { ReasonRoute } from '../../packages/runtime/src/reason/contract.ts';
import type { Dice } from './dice.ts';
import type { Moment, Topic, Vocabulary } from './topics.ts';

export type ModelName = 'small' | 'middle' | 'large';

/** A question as it went: what the store gets of it, and beside it what only the generator knows. */
export interface Question {
  readonly runId: string;
  readonly atMs: number;
  readonly route: ReasonRoute;
  readonly text: string;
  readonly answer: string;
  readonly strangers: boolean;
  readonly costMicroUsd: number;
  readonly durationMs: number;
  readonly model: ModelName;
  readonly routing: string;
  readonly calls: number;
  readonly tools: readonly { readonly name: string; readonly input: object; readonly text: string }[];
  readonly moment: Moment;
}

/** The truth of a question; never written anywhere. */
export interface Truth {
  readonly topic: string;
  /** A phrasebook could have answered it: it repeats, and what is right is the same or in the snapshot. */
  readonly repeats: boolean;
  /** All of it stands in a right answer. Empty: nobody but an engine can know what is right. */
  readonly facts: readonly string[];
}

export interface Asked {
  readonly question: Question;
  readonly truth: Truth;
}

const dayMs = 86_400_000;
/** What is held out is told by the id of a run: so that a seed is the same month on every day, ids begin here. */
const idsFromMs = Date.parse('2026-01-01T00:00:00Z');
export const workdayMs = 11 * 3_600_000;
const before = ['', '', '', '', 'hey, ', 'kora ', 'quick one: ', 'morning! ', 'please tell me ', 'again: '];
const after = ['?', '?', '', '', ' please', ' please?', ', thanks', ' now?', ' today?'];

export interface Span {
  readonly fromMs: number;
  readonly days: number;
}

/** How a moment stands. */
export type WorldOf = (dice: Dice, atMs: number, day: number) => Moment;

/** What was asked in a span of days, oldest first. */
export function questionsOf(
  dice: Dice,
  { fromMs, days }: Span,
  options: { readonly words: Vocabulary; readonly oneOffsPerDay: number; readonly world: WorldOf },
): readonly Asked[] {
  const all: Asked[] = [];
  for (let day = 0; day < days; day += 1) {
    const at = (): Moment =>
      options.world(dice, fromMs + day * dayMs + 6 * 3_600_000 + Math.floor(dice.next() * workdayMs), day);
    for (const topic of [...options.words.repeated, ...options.words.decoys])
      for (let n = dice.count(topic.perDay); n > 0; n -= 1)
        all.push(askedOf(dice, { topic, words: options.words }, at()));
    for (let n = dice.count(options.oneOffsPerDay); n > 0; n -= 1) all.push(alone(dice, options.words, at()));
  }
  return all.sort((one, other) => one.question.atMs - other.question.atMs);
}

function askedOf(
  dice: Dice,
  { topic, words }: { readonly topic: Topic; readonly words: Vocabulary },
  moment: Moment,
): Asked {
  const { tool } = topic;
  const calls = tool === undefined ? 1 : 2;
  const question = {
    ...told(dice, moment, dice.pick(topic.routes), calls),
    text: spoken(dice, dice.usual(topic.asked)),
    answer: topic.said(moment, dice),
    strangers: topic.strangers === true,
    calls,
    tools:
      tool === undefined
        ? []
        : [{ name: tool.name, input: tool.input, text: JSON.stringify(tool.answer(moment)) }],
  };
  return {
    question,
    truth: { topic: topic.name, repeats: words.repeated.includes(topic), facts: topic.facts(moment) },
  };
}

/** Nobody asked it before; for some of them a crane or a tide was looked up, never the same twice. */
function alone(dice: Dice, words: Vocabulary, moment: Moment): Asked {
  const file = dice.int(100, 99_999);
  const looks = dice.chance(0.3)
    ? [
        {
          name: dice.pick(['yard__crane', 'yard__tides']),
          input: { of: `c${file}` },
          text: `{"load":${file % 97}}`,
        },
      ]
    : [];
  return {
    question: {
      ...told(dice, moment, dice.pick(['cli', 'slack_dm', 'email_inbound'] as const), 1 + looks.length),
      ...words.oneOff(dice),
      strangers: dice.chance(0.1),
      calls: 1 + looks.length,
      tools: looks,
    },
    truth: { topic: 'one_off', repeats: false, facts: [] },
  };
}

export type Told = Omit<Question, 'text' | 'answer' | 'strangers' | 'calls' | 'tools'>;

/** Of the small model at a dollar for a million tokens in and five out. */
export function told(dice: Dice, moment: Moment, route: ReasonRoute, calls: number): Told {
  return {
    runId: dice.uuid(idsFromMs + moment.day * dayMs + dice.int(0, dayMs - 1)),
    atMs: moment.atMs,
    route,
    costMicroUsd: calls * dice.int(2_900, 3_900) + 5 * dice.int(20, 120),
    durationMs: calls * dice.int(900, 5_200),
    model: 'small',
    routing: 'default_small',
    moment,
  };
}

/** As it is typed: a word before, a word after, now and then a slip of the finger. */
function spoken(dice: Dice, text: string): string {
  const whole = `${dice.pick(before)}${text}${dice.pick(after)}`;
  if (!dice.chance(0.02))
    return dice.chance(0.5) ? whole : `${whole.slice(0, 1).toUpperCase()}${whole.slice(1)}`;
  const at = dice.int(1, whole.length - 2);
  return `${whole.slice(0, at)}${whole.slice(at + 1)}`;
}
