import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { coverOf, wordCounts } from './cover.ts';
import { Matcher } from './matcher.ts';
import { longestPattern, parsePattern } from './pattern.ts';
import type { Node } from './pattern.ts';
import { wordsOf } from './words.ts';

const match = (pattern: string, text: string): object | undefined => {
  const found = new Matcher(parsePattern(pattern)).match(wordsOf(text));
  return found && Object.fromEntries(found);
};

describe('words', () => {
  it.each([
    ["  What's   UP, Kora?!  ", 'whats up kora'],
    ['What’s up', 'whats up'],
    ['is api.example.com up?', 'is api.example.com up'],
    ['ＳＴＡＴＵＳ', 'status'],
    ['¿Qué pasa?', 'qué pasa'],
    ['... ?!', ''],
    ['', ''],
  ])('%j are %j', (text, words) => expect(wordsOf(text).join(' ')).toBe(words));
});

describe('a pattern', () => {
  it.each([
    ['status', 'Status?', {}],
    ['status', 'status of the shop', {}],
    ['status', 'the status', undefined],
    ['status $', 'status', {}],
    ['status $', 'status now', undefined],
    ['what (broke|failed) [today] $', 'What failed today?', {}],
    ['what (broke|failed) [today] $', 'what broke', {}],
    ['what (broke|failed) [today] $', 'what today', undefined],
    ["what's up", 'whats up', {}],
    ['is [the] <service> up $', 'Is the Shop up?', { service: 'shop' }],
    ['is [the] <service> up $', 'is shop up', { service: 'shop' }],
    ['is [the] <service> up $', 'is the up', { service: 'the' }],
    ['is * up $', 'is the old shop up', {}],
    ['is * up $', 'is up', {}],
    ['is * up $', 'is the old shop down', undefined],
    ['<a> and <b> $', 'salt and pepper', { a: 'salt', b: 'pepper' }],
    ['show * <last> $', 'show me all tickets', { last: 'tickets' }],
    ['(a|a b) $', 'a b', {}],
    ['((how|what) (much|many)|costs) [so far] $', 'how much so far', {}],
    ['constructor <constructor> $', 'constructor x', { constructor: 'x' }],
  ] as const)('%j over %j keeps %j', (pattern, text, kept) => {
    expect(match(pattern, text)).toEqual(kept);
  });

  it.each([
    ['', 'nothing in it'],
    ['()', 'nothing in it'],
    ['a||b', 'nothing in it'],
    ['(a', '")" is missing'],
    ['[a', '"]" is missing'],
    ['a)', '")" stands alone'],
    ['a $ b', '$ stands at the very end'],
    ['*', 'without a word of its own'],
    ['[status]', 'without a word of its own'],
    ['<anything> $', 'without a word of its own'],
    ['(status|*)', 'without a word of its own'],
    ['a < b', 'written <name>'],
    ['a <Service>', 'written <name>'],
    ['^status', 'looks like a regular expression'],
    ['\\w+ up', 'looks like a regular expression'],
    ['a{2,3}', 'looks like a regular expression'],
    ['... up', 'is no word'],
    ['a <x1> <x2> <x3> <x4> <x5>', 'more than 4'],
    ['a (b|$)', 'nothing in it'],
    [`${'('.repeat(20)}a${')'.repeat(20)}`, 'deeper than 16'],
    ['a'.repeat(longestPattern + 1), 'longer than 512'],
  ])('%j is refused: %s', (pattern, why) => {
    expect(() => parsePattern(pattern)).toThrow(
      expect.objectContaining({ code: 'KORA_PHRASEBOOK_INVALID', message: expect.stringContaining(why) }),
    );
  });

  it('is the same however it is spaced, and another when it says another thing', () => {
    const canonical = (text: string): string => parsePattern(text).canonical;
    expect(canonical(' What  ( broke |FAILED)[today]$')).toBe(canonical('what (broke|failed) [today] $'));
    expect(canonical('status')).not.toBe(canonical('status $'));
  });
});

const nodes = fc.letrec<{ node: Node }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom('a', 'b', 'c').map((word): Node => ({ kind: 'word', word })),
    fc.constant<Node>({ kind: 'any' }),
    fc.constantFrom('x', 'y').map((name): Node => ({ kind: 'capture', name })),
    fc.array(tie('node'), { maxLength: 3 }).map((items): Node => ({ kind: 'sequence', items })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((ways): Node => ({ kind: 'choice', ways })),
  ),
})).node;

/** The same as an expression of the language, each word followed by a space. */
function expressionOf(node: Node): string {
  switch (node.kind) {
    case 'word':
      return `${node.word} `;
    case 'any':
      return '(?:\\S+ )*?';
    case 'capture':
      return '\\S+ ';
    case 'sequence':
      return node.items.map(expressionOf).join('');
    default:
      return `(?:${node.ways.map(expressionOf).join('|')})`;
  }
}

test('fits exactly what the same regular expression fits', () => {
  const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
  fc.assert(
    fc.property(nodes, fc.boolean(), words, (root, isWhole, text) => {
      const fits = new Matcher({ root, isWhole }).match(text) !== undefined;
      const expression = new RegExp(`^${expressionOf(root)}${isWhole ? '$' : ''}`);
      expect(fits).toBe(expression.test(text.map((word) => `${word} `).join('')));
    }),
    { numRuns: 500 },
  );
});

test('fits nothing that has no word of its cover, and always has one', () => {
  fc.assert(
    fc.property(nodes, fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }), (root, text) => {
      fc.pre(isPattern(root));
      const cover = coverOf(root, wordCounts([root]));
      expect(cover.size).toBeGreaterThan(0);
      const matcher = new Matcher({ root, isWhole: false });
      expect(matcher.match(text) === undefined || text.some((word) => cover.has(word))).toBe(true);
    }),
  );
});

test.each([
  ['is [the] <service> up $', 3],
  ['(a b|c) *', 1],
  ['a * [b c] d', 2],
])('%j needs %i words', (pattern, least) => expect(parsePattern(pattern).leastWords).toBe(least));

test('is covered by the rarest of its words', () => {
  const roots = ['is the shop up', 'is the mail up', '(status|state) now'].map(
    (text) => parsePattern(text).root,
  );
  const counts = wordCounts(roots);
  expect(roots.map((root) => [...coverOf(root, counts)])).toEqual([['shop'], ['mail'], ['now']]);
});

/** Whether the parser would take it: words that nobody wrote do not fit, however many they are. */
function isPattern(root: Node): boolean {
  const matcher = new Matcher({ root, isWhole: false });
  return matcher.match(Array.from({ length: 40 }, () => 'z')) === undefined;
}

test('what makes an expression go on for ever is read in one pass (daemon defect W53)', () => {
  // Tried one way after the other these would be 2^60 and 60^8 ways.
  const optional = `${'[a] '.repeat(60)}${'a '.repeat(60)}b $`;
  expect(match(optional, 'a '.repeat(119))).toBeUndefined();
  expect(match(optional, `${'a '.repeat(60)}b`)).toEqual({});
  const stars = `${'* a '.repeat(60)}b $`;
  expect(match(stars, 'a '.repeat(250))).toBeUndefined();
});
