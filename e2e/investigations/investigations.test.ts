import { beforeAll, describe, expect, it, test } from 'vitest';
import { built, cases } from './cases/index.ts';
import { investigate } from './harness.ts';
import type { Result, Worked } from './harness.ts';
import { reportOf, tally } from './report.ts';
import type { Rung } from './report.ts';
import type { Outcome } from './score.ts';
import { sceneOf } from './subject/scene-of.ts';
import { Reading } from './subject/reading.ts';

/** A few of each kind, small ones: for bad rules that must not pass. */
const some = ['R1', 'R4', 'R9', 'R12', 'A1', 'A4', 'A8'];

/** Cases that came out in one of these ways, with what was held against them. */
function badly(
  { worked }: Result,
  rung: Rung,
  ways: readonly Outcome[],
  of: (each: Worked) => boolean = () => true,
): string[] {
  return worked
    .filter((each) => of(each) && ways.includes(each[rung].score.outcome))
    .map(({ truth, [rung]: { score } }) => `${truth.id} ${score.outcome}: ${score.faults.join('; ')}`);
}

const outcomesOf = ({ worked }: Result): Record<string, string> =>
  Object.fromEntries(worked.map(({ truth, alone }) => [truth.id, alone.score.outcome]));

test('the matrix is whole, each case under a name of its own', () => {
  const ids = cases.map(({ id }) => id);
  const whole = [
    ...Array.from({ length: 20 }, (_, n) => `R${n + 1}`),
    ...Array.from({ length: 8 }, (_, n) => `L${n + 1}`),
    ...'A1 A2 A3 A4 A5 A6 A7a A7b A7c A8'.split(' '),
  ];
  expect(ids).toEqual(expect.arrayContaining(whole));
  expect(new Set(ids).size).toBe(ids.length);
});

test.each(cases.filter(({ id }) => id !== 'R11'))(
  'the world of $id is the same for the same seed, another one for each, and what its truth cites is there',
  (each) => {
    const { world, truth } = built(each, 3);
    expect(built(each, 3)).toEqual({ world, truth });
    expect(built(each, 4).world.order.probe).not.toBe(world.order.probe);
    const reading = new Reading();
    const scene = sceneOf(world, reading);
    expect(reading.ids).toEqual([]);
    expect(scene.changes.every(({ at }) => at <= world.now)).toBe(true);
    const ids = scene.entities.map(({ id }) => id);
    for (const root of truth.roots) expect(ids).toEqual(expect.arrayContaining([...root]));
  },
);

test('a hundred thousand lines are made by a seed', () => {
  const [needle] = cases.filter(({ id }) => id === 'R11');
  if (needle === undefined) throw new Error('there is no such case');
  const { world } = built(needle, 1);
  const lines = Object.values(world.lines).flat();
  expect(lines.length).toBeGreaterThan(100_000);
  expect(lines.filter(([, text]) => /checksum|panic/.test(text))).toHaveLength(1);
});

describe('the rules that ship, and a model that reads well behind them', () => {
  // A hundred thousand lines once, all else under three names each.
  const small = cases.flatMap(({ id }) => (id === 'R11' ? [] : [id]));
  let result: Result;
  beforeAll(async () => {
    const once = await investigate({ rung: 'rules', only: ['R11'] });
    const often = await investigate({ rung: 'rules', model: 'reader', seeds: [1, 2, 3], only: small });
    const trouble = [...once.trouble, ...often.trouble];
    result = { ...often, trouble, worked: [...once.worked, ...often.worked] };
  }, 120_000);

  it('were tried on every case, and looked at each', () => {
    expect(result.trouble).toEqual([]);
    expect(result.worked).toHaveLength(1 + 3 * small.length);
  });

  it('are never sure of what is wrong', () => {
    expect(badly(result, 'alone', ['confident_wrong', 'wrong'])).toEqual([]);
    expect(badly(result, 'together', ['confident_wrong', 'wrong'])).toEqual([]);
  });

  it('solve each case that rules must solve, with evidence that was there and was read', () => {
    const solvable = ({ truth }: Worked): boolean => truth.group === 'R';
    expect(badly(result, 'alone', ['missed', 'unproven', 'abstained_otherwise'], solvable)).toEqual([]);
    expect(tally(result, 'alone', 'R')).toMatchObject({
      evidenceValid: 1,
      precision: 1,
      asked: 0,
      characters: 0,
    });
  });

  it('say that they do not know where nobody can, and what would have to be known', () => {
    const unknowable = ({ truth }: Worked): boolean => truth.group === 'A';
    expect(badly(result, 'alone', ['missed', 'unproven', 'abstained_otherwise'], unknowable)).toEqual([]);
  });

  it('show a model that reads well the lines that it needs, where they say that they do not know', () => {
    const readable = ({ truth }: Worked): boolean => truth.group === 'L';
    expect(badly(result, 'together', ['missed', 'unproven', 'abstained_otherwise'], readable)).toEqual([]);
    expect(tally(result, 'together', 'L').asked).toBeGreaterThan(0);
  });

  it('put at most forty lines before a model, and never a file', () => {
    for (const { together } of result.worked) expect(together.run.shown.length).toBeLessThanOrEqual(40);
  });
});

test('fifty plain lines of rules solve some of it, which is the bar', async () => {
  const result = await investigate({ rung: 'plain', where: 'here', only: some });
  expect(result.trouble).toEqual([]);
  expect(outcomesOf(result)).toMatchObject({
    R1: 'solved',
    R4: 'solved',
    R12: 'solved',
    A1: 'confident_wrong',
  });
});

test.each([
  ['forger', 'unproven', /does not exist/],
  ['prophet', 'unproven', /from after the verdict/],
  ['blind', 'unproven', /was not read|does not exist/],
  ['guesser', 'confident_wrong', /the cause is not disk_full/],
  ['sleeper', 'confident_wrong', /it is an incident/],
  ['scatter', 'confident_wrong', /it is not /],
])('planted: rules that are %s are %s', async (rung, outcome, fault) => {
  const result = await investigate({ rung, where: 'here', only: ['R4'] });
  expect(result.worked.map(({ alone }) => alone.score.outcome)).toEqual([outcome]);
  expect(result.worked[0]?.alone.score.faults.join('; ')).toMatch(fault);
});

test('planted: whoever blames the loudest blames the last of a cascade', async () => {
  const result = await investigate({ rung: 'loudest', where: 'here', only: ['R12'] });
  expect(outcomesOf(result)).toEqual({ R12: 'confident_wrong' });
});

test('planted: whoever never knows has looked at nothing, and that is no run', async () => {
  const result = await investigate({ rung: 'mute', where: 'here', only: some });
  expect(result.trouble).toHaveLength(some.length);
  expect(result.trouble.join()).toContain('without a look at anything');
});

test('planted: a rule that throws leaves cases that were not run, and nothing to publish', async () => {
  const result = await investigate({ rung: 'broken', where: 'here', only: ['R1'] });
  expect(result.trouble.join()).toMatch(
    /R1 broke: .*this rule is broken[^]*R1 was not run[^]*there are no runs/,
  );
  expect(() => reportOf(result)).toThrow('there are no runs');
  expect(() => tally(result, 'alone')).toThrow('there are no runs');
});

test('no runs fail the harness', async () => {
  expect((await investigate({ rung: 'plain', only: [] })).trouble).toEqual(['there are no runs']);
});

test('planted: whoever looks the truth up runs into a wall', async () => {
  const result = await investigate({ rung: 'spy', only: ['R1'] });
  expect(result.trouble.join()).toMatch(/R1 broke: .*Access to this API has been restricted[^]*truth/);
  expect(result.worked).toEqual([]);
});

test('a model that makes its evidence up, or its cause, changes nothing that rules left open', async () => {
  const lied = await investigate({ rung: 'plain', model: 'liar', where: 'here', only: ['A4', 'A8'] });
  expect(lied.trouble).toEqual([]);
  for (const { alone, together } of lied.worked) {
    expect(alone.run.conclusion.kind).toBe('abstained');
    expect(together.run.characters).toBeGreaterThan(0);
    expect(together.run.conclusion).toEqual(alone.run.conclusion);
  }
});

test('a model that is sure of one thing whatever it reads is believed nowhere', async () => {
  const only = cases.flatMap(({ id }) => (/^[LA]/.test(id) ? [id] : []));
  const result = await investigate({ rung: 'rules', model: 'stubborn', where: 'here', only });
  expect(result.trouble).toEqual([]);
  expect(tally(result, 'together').asked).toBeGreaterThan(10);
  expect(badly(result, 'together', ['confident_wrong', 'wrong'])).toEqual([]);
});
