import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { baseEntries } from '../phrasebook/base.ts';
import { Book } from '../phrasebook/book.ts';
import type { Entry, LearnedEntry } from '../phrasebook/contract.ts';
import type { PastQuestion } from '../phrasebook/preview.ts';
import { parseReply } from '../phrasebook/reply.ts';
import { placeholderPaths } from '../snapshot/paths.ts';
import { sampleSections } from '../snapshot/testing/whole.ts';
import type { ChangeKindSpec, ChangeSeen } from './contract.ts';
import { LearnedFields } from './fields.ts';
import { phrasebookEntryOf } from './phrasebook-entry.ts';
import { volatileIn } from './volatile.ts';

const { section } = new LearnedFields({
  clock: { now: () => 0 } as ConstructorParameters<typeof LearnedFields>[0]['clock'],
  read: () => Promise.resolve(0),
  onError: () => undefined,
});
const paths = placeholderPaths([...sampleSections(), section]);
const good = 'There are {snapshot.tickets.open} open tickets.';
const pattern = 'anything left to do $';

let overlay: Entry[];
let learned: readonly LearnedEntry[];
let asked: PastQuestion[];
let kind: ChangeKindSpec;
beforeEach(() => {
  overlay = [];
  learned = [];
  asked = [];
  kind = phrasebookEntryOf({
    phrasebook: {
      inForce: () => {
        const book = new Book({ overlay, base: baseEntries, learned, paths });
        return Promise.resolve({ version: 1, book, stored: undefined as never });
      },
      learn: (entries) => void (learned = entries),
    },
    paths,
    fields: () => new Set(['queue_depth']),
    questions: () => Promise.resolve(asked),
  });
});

const examine = (key = pattern, reply = good): Promise<ChangeSeen> =>
  kind.examine({ key, value: { reply, category: 'tickets', description: 'what is open' } });
const ask = (text: string, times = 1): void => {
  for (let made = 0; made < times; made += 1)
    asked.push({ text, at: '2026-11-22T12:00:00.000Z', by: 'engine' });
};

describe('an entry that is to be learned', () => {
  test('is low risk where it reads all that it says, and says whom it would have answered', async () => {
    ask('Anything left to do?', 3);
    ask('something else');
    expect(await examine()).toEqual({
      title: 'Answers "anything left to do $" for nothing',
      risk: 'low',
      lines: [
        { path: 'pattern', before: null, after: pattern },
        { path: 'reply', before: null, after: good },
        { path: 'category', before: null, after: 'tickets' },
        { path: 'description', before: null, after: 'what is open' },
      ],
      blastRadius: '3 of the last 4 questions fit it, 3 of them answered by nothing that stands before it',
      refusal: null,
    });
  });

  test('is high risk where it says what nobody reads', async () => {
    expect(await examine(pattern, 'Look at the list of tickets.')).toMatchObject({
      risk: 'high',
      refusal: null,
    });
  });

  test.each([
    ['a pattern that is none', '(anything', good, /is missing/],
    ['a placeholder that is none', pattern, '{snapshot.tickets.of_mars}', /not in the snapshot/],
    [
      'a learned field that is not in force',
      pattern,
      '{snapshot.learned.moons} moons',
      /no field that was learned/,
    ],
    ['what matches whatever follows', 'what is', good, /may be anything/],
    ['what matches whatever stands between', 'what * $', good, /words of its own/],
    ['a way without a bound', '(what|(anything left to do)) *', good, /may be anything/],
    ['the pattern of one that came with Kora', baseEntries[0]?.pattern ?? '', good, /in the book already/],
    ['a value of another shape', pattern, '', /small|characters/],
  ])('%s is refused', async (_, key, reply, why) => {
    expect((await examine(key, reply)).refusal).toMatch(why);
  });

  test('reads a learned field that is in force', async () => {
    expect((await examine(pattern, '{snapshot.learned.queue_depth} wait')).refusal).toBeNull();
  });

  test('never takes the place of what the operator wrote, and is refused where it would never be asked', async () => {
    overlay = [{ pattern: 'anything left [to do] $', reply: null, category: 'x', description: 'mine' }];
    ask('anything left to do', 5);
    expect((await examine()).refusal).toMatch(/would never be asked/);
    overlay = [{ pattern, reply: 'mine', category: 'x', description: 'mine' }];
    expect((await examine()).refusal).toMatch(/in the book already/);
  });

  test('is refused where it fits half of all that is asked', async () => {
    for (let at = 0; at < 12; at += 1) ask(`anything left to do number${at}`);
    for (let at = 0; at < 10; at += 1) ask(`another${at} matter`);
    expect((await examine('anything left to do')).refusal).toMatch(/no one question/);
  });

  test('is examined again as itself: what is in force stands in no own way, and a new reply is the only line', async () => {
    const value = { reply: good, category: 'tickets', description: 'what is open' };
    const since = '2026-11-22T12:00:00.000Z';
    const place = { kind: kind.kind, key: pattern, proposalId: 4, revision: 2, since, trialUntil: since };
    await kind.take([
      { ...place, value },
      { ...place, value: { reply: 7 } },
    ]);
    expect(learned).toMatchObject([{ proposalId: 4, revision: 2, onTrial: true, entry: { pattern } }]);
    expect(await examine()).toMatchObject({ refusal: null, lines: [] });
    const after = '{snapshot.tickets.open} are open.';
    expect((await examine(pattern, after)).lines).toEqual([{ path: 'reply', before: good, after }]);
  });
});

const parts = (reply: string): ReturnType<typeof parseReply> => parseReply(reply, paths, new Set());

test.each([
  'There are 4 open tickets',
  '{snapshot.tickets.open} tickets of ticket-12',
  'spent {snapshot.cost_ladder.remaining_usd} in the last 24 hours',
  'three open tickets',
  'it ran on Monday, {snapshot.tickets.open} are open',
  'since 2026-11-22T12:00:00Z',
  'Everything is healthy. {snapshot.tickets.open} open tickets.',
  '{snapshot.tickets.open} open tickets, nothing failed',
  '{snapshot.tickets.open} tickets and no incidents',
  'commit deadbeef is out',
  'half: ½ {snapshot.tickets.open}',
  '٣ {snapshot.tickets.open}',
])('a template with a fact of its day is refused: %s (daemon defect W62)', (reply) => {
  expect(volatileIn(parts(reply))).toBeTypeOf('string');
});

test.each([
  'There are {snapshot.tickets.open} open tickets.',
  '{snapshot.tickets.open} open, {snapshot.tickets.queued} queued (as of {snapshot.computed_at})',
  'Rung {snapshot.cost_ladder.rung}. Ask kora spend for more.',
])('what reads all that changes is no such template: %s', (reply) => {
  expect(volatileIn(parts(reply))).toBeUndefined();
});

test('wherever a digit stands outside of braces, it is found (daemon defect W62)', () => {
  const word = fc.stringMatching(/^[abcxyz .,]{0,12}$/);
  fc.assert(
    fc.property(
      word,
      fc.integer({ min: 0, max: 9_999 }),
      word,
      fc.boolean(),
      (before, number, after, first) => {
        const read = '{snapshot.tickets.open}';
        const text = `${before}${number}${after}`;
        expect(volatileIn(parts(first ? `${read}${text}` : `${text}${read}`))).toBeTypeOf('string');
      },
    ),
  );
});
