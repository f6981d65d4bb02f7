import { Dice } from './dice.ts';
import { investigated, routed } from './hard-questions.ts';
import { questionsOf } from './questions.ts';
import type { Asked, Span, WorldOf } from './questions.ts';
import { harbour } from './topics.ts';
import type { Vocabulary } from './topics.ts';

/** The pump stood still, and what was tried about it. */
export interface Trouble {
  readonly probe: 'pump' | 'gate' | 'belt';
  readonly openedMs: number;
  readonly resolvedMs: number;
  /** `operator`, or nobody tried anything. */
  readonly attempt: {
    readonly fix: string;
    readonly askedBy: string;
    readonly outcome: 'mended' | 'not_mended' | 'rolled_back';
  } | null;
}

/** A mail that came in; what the operator made of it is what only people know beforehand. */
export interface Mail {
  readonly messageId: string;
  readonly atMs: number;
  readonly subject: string;
  /** Of what it is; the generator's own word. */
  readonly about: string;
  /** The operator made a ticket of it by hand. */
  readonly saved: boolean;
}

/** A month of one house, and the truth about it. */
export interface Month {
  readonly span: Span;
  readonly asked: readonly Asked[];
  readonly troubles: readonly Trouble[];
  readonly mails: readonly Mail[];
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const wiki = 'wiki.quay.example/runbooks';

/** How a moment of this harbour stands. Nothing in it follows from anything else in it. */
export const usualWorld: WorldOf = (dice, atMs, day) => ({
  atMs,
  day,
  queued: dice.int(0, 38),
  failing: dice.int(0, 6),
  remainingUsd: dice.int(500, 19_900) / 100,
  freeBerths: dice.int(0, 12),
  idleCranes: dice.int(0, 9),
  diskPercent: dice.int(41, 93),
  wiki,
});

/** The same harbour after its runbooks were moved: what was right for a month is wrong. */
export const movedWorld: WorldOf = (dice, atMs, day) => ({
  ...usualWorld(dice, atMs, day),
  wiki: 'handbook.quay.example/machines',
});

/** A month that ends at `endMs`, with everything in it that repeats and everything that only looks so. */
export function monthOf(seed: number, endMs: number, words = harbour): Month {
  const days = 30;
  const dice = new Dice(seed);
  const span = { fromMs: endMs - days * dayMs, days };
  const troubles = troublesOf(dice, span);
  const asked = [
    ...questionsOf(dice, span, { words, oneOffsPerDay: 9, world: usualWorld }),
    ...routed(dice, span, usualWorld),
    ...investigated(dice, troubles, usualWorld),
  ];
  return { span, asked: inOrder(asked, endMs), troubles, mails: mailsOf(dice, span) };
}

/** What the same people ask in the days after: the truth by which an entry is judged that was learned before. */
export function daysAfter(
  seed: number,
  fromMs: number,
  days: number,
  { words = harbour, world = usualWorld }: { readonly words?: Vocabulary; readonly world?: WorldOf } = {},
): readonly Asked[] {
  const dice = new Dice(seed + 7_919);
  return questionsOf(dice, { fromMs, days }, { words, oneOffsPerDay: 9, world });
}

/** A month as busy, in which nothing repeats that would be worth anything. */
export function quietMonth(seed: number, endMs: number): Month {
  const days = 30;
  const dice = new Dice(seed);
  const span = { fromMs: endMs - days * dayMs, days };
  const decoys = harbour.decoys.filter(({ name }) => name !== 'berths');
  const words = { ...harbour, repeated: [], decoys };
  const asked = questionsOf(dice, span, { words, oneOffsPerDay: 18, world: usualWorld });
  // Whatever is offered is used now and then, each time about something else; what that is, the house says.
  const used = asked.map(({ question, truth }) => ({
    truth,
    question: {
      ...question,
      tools: [
        {
          name: `offered ${dice.int(0, 999)}`,
          input: { of: `x${dice.int(1, 99_999)}` },
          text: `{"value":${dice.int(1, 9_999)}}`,
        },
      ],
    },
  }));
  const troubles = troublesOf(dice, span).map((trouble) => ({ ...trouble, attempt: null }));
  const mails = mailsOf(dice, span).filter(({ about }) => about !== 'berth');
  return { span, asked: inOrder(used, endMs), troubles, mails };
}

function inOrder(asked: readonly Asked[], endMs: number): readonly Asked[] {
  return asked
    .filter(({ question: { atMs } }) => atMs < endMs - hourMs)
    .sort((one, other) => one.question.atMs - other.question.atMs);
}

/**
 * The pump is always mended by the same fix that the operator asks for; the gate by chance; what the belt needs costs
 * more than it mends.
 */
function troublesOf(dice: Dice, { fromMs, days }: Span): readonly Trouble[] {
  const all: Trouble[] = [];
  for (let day = 1; day < days; day += 1) {
    const opened = (): number => fromMs + day * dayMs + Math.floor(dice.next() * 20 * hourMs);
    const add = (
      probe: Trouble['probe'],
      fix: string,
      outcome: NonNullable<Trouble['attempt']>['outcome'],
      openedMs = opened(),
    ): void => {
      const attempt = { fix, askedBy: 'operator', outcome };
      all.push({ probe, openedMs, resolvedMs: openedMs + dice.int(150, 290) * 1_000, attempt });
    };
    // In a storm it stops again and again within the hour.
    const stops = day % 9 === 4 ? 9 : day % 2 === 0 ? 1 : 0;
    const from = opened();
    for (let n = 0; n < stops; n += 1) add('pump', 'restart_pump', 'mended', from + n * 5 * 60_000);
    if (day % 3 === 0) add('gate', 'reset_gate', dice.chance(0.5) ? 'mended' : 'not_mended');
    if (day % 4 === 0) add('belt', 'loosen_belt', dice.chance(0.8) ? 'rolled_back' : 'mended');
  }
  return all;
}

const ships = [
  'Anna K',
  'Borkum',
  'Cygnus',
  'Delta Star',
  'Elbe',
  'Freya',
  'Gudrun',
  'Hector',
  'Iris',
  'Juno',
];

/** Requests for a berth become tickets by hand, day after day; what looks like one, or comes as often, does not. */
function mailsOf(dice: Dice, { fromMs, days }: Span): readonly Mail[] {
  const all: Mail[] = [];
  for (let day = 0; day < days; day += 1) {
    const add = (about: string, subject: string, saved: boolean): void => {
      const atMs = fromMs + day * dayMs + Math.floor(dice.next() * 20 * hourMs);
      const messageId = `<${about}.${day}.${all.length}@quay.example>`;
      all.push({ messageId, atMs, subject, about, saved });
    };
    const ship = dice.pick(ships);
    if (dice.chance(0.8)) add('berth', `Berth request for MV ${ship}, ${dice.int(1, 28)} Nov`, true);
    if (dice.chance(0.3)) add('berth', `${dice.pick(['Re: ', 'FW: '])}Berth request for MV ${ship}`, true);
    if (day % 7 === 1) add('newsletter', `Quayside weekly, number ${day}`, false);
    if (dice.chance(0.4)) add('withdrawn', `Request of MV ${ship} for a berth is withdrawn`, false);
    if (dice.chance(0.5))
      add('invoice', `Invoice ${dice.int(1_000, 9_999)} of ${ship} Shipping`, dice.chance(0.1));
    if (dice.chance(0.3))
      add(
        'odd',
        `${dice.pick(['Question', 'Hello', 'Photo', 'Lunch'])} ${dice.int(1, 9_999)}`,
        dice.chance(0.2),
      );
  }
  return all;
}
