import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { placeholderPaths } from '../snapshot/paths.ts';
import { noonMs, sampleSections, sampleSnapshot } from '../snapshot/testing/whole.ts';
import type { Snapshot } from '../snapshot/contract.ts';
import { freshForMs } from '../snapshot/value.ts';
import { baseEntries } from './base.ts';
import { Book, checkOverlay } from './book.ts';
import type { Entry } from './contract.ts';
import { parseReply } from './reply.ts';
import { parsePattern } from './pattern.ts';

const paths = placeholderPaths(sampleSections());
const snapshot = await sampleSnapshot();
const base = new Book({ overlay: [], base: baseEntries, paths });

const entry = (pattern: string, reply: string | null = 'yes', more: Partial<Entry> = {}): Entry => ({
  pattern,
  reply,
  category: 'test',
  description: 'for a test',
  ...more,
});
const bookOf = (overlay: readonly Entry[], shipped: readonly Entry[] = []): Book =>
  new Book({ overlay, base: shipped, paths });
const said = (book: Book, text: string, over: Readonly<Record<string, unknown>> = {}): string | undefined => {
  const found = book.look(text, { ...snapshot, ...over }, noonMs);
  return found.outcome === 'answered' ? found.text : undefined;
};

/** What an operator may type, and the category of what answers. */
const asked: readonly (readonly [string, string])[] = [
  ['status', 'state'],
  ['What is the current state?', 'state'],
  ['kora status please', 'state'],
  ['How are you?', 'health'],
  ['are you up', 'health'],
  ['is everything ok?', 'health'],
  ['is kora up?', 'health'],
  ['show me the health', 'health'],
  ['Is shop up?', 'services'],
  ['is the shop up?', 'services'],
  ['is api.example.com down?', 'services'],
  ['are the services up', 'services'],
  ['status of shop', 'services'],
  ['how is the shop doing?', 'services'],
  ['which services are failing', 'services'],
  ['is daemon probe_wake running?', 'daemons'],
  ['What failed?', 'failures'],
  ['what broke last night', 'failures'],
  ["what's wrong?", 'failures'],
  ['any errors today', 'failures'],
  ['any open alerts?', 'alerts'],
  ['show me the incidents', 'alerts'],
  ['how many incidents are there', 'alerts'],
  ['cost', 'cost'],
  ['cost so far', 'cost'],
  ['How much have you spent this month?', 'cost'],
  ["what's the budget", 'cost'],
  ['how much budget is left?', 'cost'],
  ['which rung are we on', 'cost'],
  ['tickets', 'tickets'],
  ['how many open tickets are there', 'tickets'],
  ['show my tickets', 'tickets'],
  ['what are you doing right now?', 'tickets'],
  ['which tickets failed', 'tickets'],
  ['any tickets blocked', 'tickets'],
  ['What runs next?', 'schedule'],
  ["what's scheduled", 'schedule'],
  ['what waits for me?', 'waiting'],
  ['do you need anything from me', 'waiting'],
  ['why are you paused?', 'state'],
  ['are you paused', 'state'],
  ['uptime', 'health'],
  ['how long have you been running?', 'health'],
  ['what version is this?', 'identity'],
  ['Who are you?', 'identity'],
  ['is the chain intact', 'chain'],
  ['help', 'help'],
];

describe('what came with Kora', () => {
  it.each(asked)('answers %j', (text, category) => {
    const found = base.look(text, snapshot, noonMs);
    expect(found).toMatchObject({ outcome: 'answered', entry: { entry: { category } } });
    expect(found.outcome === 'answered' && found.text).not.toMatch(/[{}<>]|unknown|null|undefined/);
  });

  it('is all of use, all valid, and each entry is reached', () => {
    expect(checkOverlay(baseEntries, paths)).toEqual({ entries: baseEntries });
    const reached = asked.map(([text]) => {
      const found = base.look(text, snapshot, noonMs);
      return 'entry' in found ? found.entry.index : undefined;
    });
    expect(new Set(reached)).toEqual(new Set(baseEntries.keys()));
    expect(base.entries.filter(({ problem }) => problem !== null)).toEqual([]);
  });

  it.each([
    'status of the invoice that we sent to Acme last week',
    'cost of a ticket to Berlin',
    'help me write a letter',
    'what failed in the deploy of the shop and why',
    'restart the shop',
    'is the',
    '',
    '?',
  ])('leaves %j to whoever thinks', (text) => {
    expect(base.look(text, snapshot, noonMs).outcome).not.toBe('answered');
  });
});

describe('a book', () => {
  it('asks the operator’s entries first, in their order, then its own', () => {
    const book = bookOf(
      [entry('status', 'mine'), entry('(status|cost) now', 'later')],
      [entry('status', 'shipped'), entry('cost', 'shipped cost')],
    );
    expect([said(book, 'status now'), said(book, 'cost now'), said(book, 'cost')]).toEqual([
      'mine',
      'later',
      'shipped cost',
    ]);
    expect(book.entries.map(({ origin, problem }) => [origin, problem])).toEqual([
      ['operator', null],
      ['operator', null],
      ['base', 'an entry of yours has this pattern'],
      ['base', null],
    ]);
  });

  it('keeps that order between entries that begin with a word and those that begin with any', () => {
    const book = bookOf([entry('<who> up', 'any'), entry('shop up', 'shop'), entry('all up', 'all')]);
    expect([said(book, 'shop up'), said(book, 'up up'), said(book, 'all up')]).toEqual(['any', 'any', 'any']);
    const other = bookOf([entry('shop up', 'shop'), entry('<who> up', 'any')]);
    expect([said(other, 'shop up'), said(other, 'mail up')]).toEqual(['shop', 'any']);
  });

  it('leaves to whoever thinks what an entry leaves, whatever comes after it', () => {
    const book = bookOf([entry('cost', null)], [entry('cost [so far]', 'shipped')]);
    expect(book.look('cost so far', snapshot, noonMs)).toMatchObject({
      outcome: 'left',
      entry: { index: 0 },
    });
  });

  it('answers without a snapshot what needs none, and nothing else', () => {
    const book = bookOf([entry('hello', 'hi'), entry('rung', '{snapshot.cost_ladder.rung}')]);
    expect(book.look('hello', null, noonMs)).toMatchObject({ outcome: 'answered', text: 'hi' });
    expect(book.look('rung', null, noonMs)).toMatchObject({
      outcome: 'unknown',
      missing: 'snapshot.cost_ladder.rung',
    });
  });

  it('goes on without an entry that does not fit this build', () => {
    const book = bookOf([entry('old', '{snapshot.gone.field}'), entry('new', 'yes')]);
    expect([said(book, 'old'), said(book, 'new'), book.size]).toEqual([undefined, 'yes', 1]);
    expect(book.entries[0]?.problem).toMatch(/^reply: \{snapshot.gone.field\} is not in the snapshot/);
  });

  it('does not look at what is longer than a question', () => {
    const book = bookOf([entry('status', 'yes')]);
    expect(said(book, `status ${'x'.repeat(505)}`)).toBe('yes');
    expect(said(book, `status ${'x'.repeat(506)}`)).toBeUndefined();
    expect(said(book, `status ${'x '.repeat(39)}`)).toBe('yes');
    expect(said(book, `status ${'x '.repeat(40)}`)).toBeUndefined();
  });
});

describe('a reply', () => {
  it.each([
    ['{snapshot.cost_ladder.spent_to_date_usd}', '150.50'],
    ['{snapshot.cost_ladder.monthly_budget_pct_used} %', '75.3 %'],
    ['{snapshot.operational_state.paused}', 'yes'],
    ['{snapshot.computed_at}', '2026-11-22 12:00:00 UTC'],
    ['{snapshot.service_health.services.api.example.com}', 'healthy'],
    ['{snapshot.service_health.services.shop}', 'unreachable'],
    ['{snapshot.alerts.by_category.latency}', '4'],
    ['{{not one}} {{{snapshot.cost_ladder.rung}}}', '{not one} {warn_75}'],
  ])('%j says %j', (reply, text) => expect(said(bookOf([entry('ask', reply)]), 'ask')).toBe(text));

  it('reads a service by the word that the pattern kept, and only one that is there', () => {
    const book = bookOf([entry('is <service> up $', '{snapshot.service_health.services.<service>}')]);
    expect([said(book, 'is Shop up?'), said(book, 'is mail up?'), said(book, 'is constructor up?')]).toEqual([
      'unreachable',
      undefined,
      undefined,
    ]);
  });

  it.each([
    [null],
    ['unknown'],
    ['UNKNOWN'],
    [''],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [undefined],
    [{}],
    [['a']],
  ])('is not said when its value is %j', (value) => {
    const book = bookOf([entry('rung', 'on {snapshot.cost_ladder.rung}')]);
    const section = { ...(snapshot['cost_ladder'] as object), rung: value };
    expect(said(book, 'rung', { cost_ladder: section })).toBeUndefined();
  });

  it.each([
    ['{snapshot.nothing.at.all}', 'not in the snapshot; kora snapshot shows what is'],
    ['{snapshot.tickets.opened}', 'there are snapshot.tickets.as_of, snapshot.tickets.queued'],
    ['{snapshot.tickets}', 'not in the snapshot'],
    ['{snapshot.service_health.services.<shop>}', 'the pattern keeps no <shop>'],
    ['{env.HOME}', 'written {snapshot.section.field}'],
    ['{}', 'written {snapshot.section.field}'],
    ['{snapshot.tickets.open', 'a { without its }'],
    ['open}', 'a } without its {'],
  ])('%j is refused: %s', (reply, why) => {
    expect(checkOverlay([entry('ask <me>', reply)], paths)).toEqual({
      issues: [{ entryIndex: 0, field: 'reply', error: expect.stringContaining(why) }],
    });
  });
});

describe('what the operator writes', () => {
  it('is refused with every issue, by entry and field', () => {
    const written = [
      entry('status'),
      entry('(broken', 'yes'),
      { pattern: 'x', reply: 'y', category: '', description: 'd' },
      { pattern: 'x', reply: 'y', category: 'c', description: 'd', extra: 1 },
      entry(' STATUS '),
      entry('status', 'yes', { category: 'another' }),
      'nonsense',
    ];
    const checked = checkOverlay(written, paths);
    expect(
      'issues' in checked ? checked.issues.map(({ entryIndex, field }) => [entryIndex, field]) : [],
    ).toEqual([
      [1, 'pattern'],
      [2, 'category'],
      [3, ''],
      [4, 'pattern'],
      [6, ''],
    ]);
  });

  it.each([
    ['pattern', `a ${'b '.repeat(256)}`],
    ['reply', 'x'.repeat(4_097)],
    ['category', 'x'.repeat(65)],
    ['description', 'x'.repeat(257)],
    ['pattern', ' '],
    ['description', 'a\0b'],
  ])('has a %s within its bounds', (field, value) => {
    expect(checkOverlay([{ ...entry('ask'), [field]: value }], paths)).toMatchObject({ issues: [{ field }] });
  });

  it('is a list of 200 entries at most', () => {
    const many = Array.from({ length: 201 }, (_, n) => entry(`ask ${n}`));
    expect(checkOverlay(many, paths)).toMatchObject({ issues: [{ entryIndex: 200 }] });
    expect(checkOverlay(many.slice(1), paths)).toHaveProperty('entries.199');
    expect(checkOverlay({ entries: [] }, paths)).toHaveProperty('issues');
  });
});

/** What may be wrong with a value when it is needed. */
type Spoil = {
  readonly path: string;
  readonly how: 'null' | 'unknown' | 'missing' | 'old section' | 'future section';
};

function spoiled(whole: Snapshot, { path, how }: Spoil): Snapshot {
  const copy = structuredClone(whole) as Record<string, unknown>;
  const [section = '', ...rest] = path.split('.').slice(1);
  if (rest.length === 0) return copy as Snapshot;
  if (how.endsWith('section')) {
    const offset = how === 'old section' ? -freshForMs - 1 : 1;
    const body = copy[section] as Record<string, unknown>;
    body['as_of'] = new Date(noonMs + offset).toISOString();
    return copy as Snapshot;
  }
  let at = copy[section] as Record<string, unknown>;
  for (const step of rest.slice(0, -1)) at = at[step] as Record<string, unknown>;
  const last = rest.at(-1) ?? '';
  if (how === 'missing') delete at[last];
  else at[last] = how === 'null' ? null : 'unknown';
  return copy as Snapshot;
}

/** The placeholders of an entry as whoever asks this text needs them. */
function needsOf({ pattern, reply }: Entry): readonly string[] {
  if (reply === null) return [];
  const parts = parseReply(reply, paths, parsePattern(pattern).captures);
  return parts.flatMap((part) =>
    typeof part === 'string' || part.capture !== undefined ? [] : [`snapshot.${part.steps.join('.')}`],
  );
}

test('any value of a reply that is stale or not known makes it fall through, and no other value does', () => {
  const question = fc.constantFrom(...asked.map(([text]) => text));
  const how = fc.constantFrom<Spoil['how']>('null', 'unknown', 'missing', 'old section', 'future section');
  const known = [...paths].filter((path) => !path.endsWith('.*') && path.split('.').length > 2);
  fc.assert(
    fc.property(question, fc.constantFrom(...known), how, (text, path, way) => {
      const before = base.look(text, snapshot, noonMs);
      assert(before.outcome === 'answered', `nothing answers ${text}`);
      const after = base.look(text, spoiled(snapshot, { path, how: way }), noonMs);
      const section = path.split('.').slice(0, 2).join('.');
      const needed = [...needsOf(before.entry.entry)];
      const reads = (one: string): boolean => before.entry.entry.reply?.includes(one) === true;
      const touched =
        way.endsWith('section') || path.endsWith('.as_of') ? reads(`{${section}.`) : needed.includes(path);
      expect(after.outcome).toBe(touched ? 'unknown' : 'answered');
    }),
    { numRuns: 1_000 },
  );
});

test('a whole that is older than ten minutes, from the future, or of another shape says nothing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...asked.map(([text]) => text)),
      fc.integer({ min: -2 * freshForMs, max: 2 * freshForMs }),
      fc.constantFrom(4, 5, 6),
      (text, ageMs, version) => {
        const shape = { ...snapshot, schema_version: version } as Snapshot;
        const found = base.look(text, shape, noonMs + ageMs);
        const isFresh = ageMs >= 0 && ageMs <= freshForMs && version === 5;
        const isFixed = found.outcome === 'answered' && found.entry.entry.category === 'help';
        expect(found.outcome === 'answered').toBe(isFresh || isFixed);
      },
    ),
    { numRuns: 500 },
  );
});

test('what was learned is asked last, and where one that came with Kora lacks a value; what the operator wrote ends it', () => {
  const unread = '{snapshot.service_health.said.<service>}';
  const learned = [
    { entry: entry('is mars up', 'mars is far'), proposalId: 3, revision: 1, onTrial: false },
    { entry: entry('is mars [really] up', 'mars is near'), proposalId: 4, revision: 1, onTrial: false },
  ];
  const pattern = 'is <service> up';
  const book = (overlay: readonly Entry[], shipped: readonly Entry[]): Book =>
    new Book({ overlay, base: shipped, learned, paths });
  expect(said(book([], []), 'is mars up')).toBe('mars is far');
  expect(said(book([], [entry(pattern, 'shipped')]), 'is mars up')).toBe('shipped');
  expect(said(book([], [entry(pattern, unread)]), 'is mars up')).toBe('mars is far');
  expect(said(book([], [entry(pattern, unread), entry('is mars', 'red')]), 'is mars up')).toBe('mars is far');
  expect(said(book([], [entry(pattern, null)]), 'is mars up')).toBeUndefined();
  expect(said(book([entry(pattern, unread)], []), 'is mars up')).toBeUndefined();
  const taken = book([entry('is mars up', 'mine')], []);
  expect(said(taken, 'is mars up')).toBe('mine');
  expect(taken.entries[1]).toMatchObject({
    learned: { proposalId: 3 },
    problem: 'an entry of yours has this pattern',
  });
});
