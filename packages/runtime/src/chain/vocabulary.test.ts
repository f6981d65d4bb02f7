import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { draft, eventType, storable, Vocabulary } from './index.ts';

const noted = eventType('test.noted', 'Noted.', z.object({ n: z.number() }), { version: 3 });

test('a payload is checked against its type, and gets the type’s version', () => {
  const vocabulary = new Vocabulary();
  vocabulary.register('test', [noted]);
  expect(vocabulary.parse(draft(noted, { n: 1 }))).toEqual({ version: 3, payload: { n: 1 } });
});

test('a payload that does not fit is refused with the path that is wrong', () => {
  const vocabulary = new Vocabulary();
  vocabulary.register('test', [noted]);
  expect(() => vocabulary.parse({ type: 'test.noted', payload: { n: 'one' } })).toThrow(/test\.noted: .*n/s);
});

test('a type of nobody is refused', () => {
  const unknown = { type: 'test.unknown', payload: {} };
  expect(() => new Vocabulary().parse(unknown)).toThrow(
    expect.objectContaining({ code: 'KORA_EVENT_UNKNOWN' }),
  );
});

test.each([
  'noted',
  'Test.noted',
  'test.',
  '.noted',
  'test..noted',
  'test.no-ted',
  '1test.noted',
  'test.noted\n',
])('%j is no type of event', (type) => {
  const malformed = eventType(type, 'Malformed.', z.object({}));
  expect(() => new Vocabulary().register('test', [malformed])).toThrow(
    expect.objectContaining({ code: 'KORA_EVENT_INVALID' }),
  );
});

test('a type has one owner, and the second is told who has it', () => {
  const vocabulary = new Vocabulary();
  vocabulary.register('first', [noted]);
  expect(() => vocabulary.register('second', [noted])).toThrow(
    'second declares event test.noted, which first has',
  );
});

test('of a list with one bad type, none is registered', () => {
  const vocabulary = new Vocabulary();
  const bad = eventType('Bad', 'Bad.', z.object({}));
  expect(() => vocabulary.register('test', [noted, bad])).toThrow('Bad');
  expect(vocabulary.list()).toEqual([]);
});

test('types that are taken back leave the others of their owner', () => {
  const vocabulary = new Vocabulary();
  const other = eventType('test.other', 'Other.', z.object({}));
  vocabulary.register('first', [noted]);
  vocabulary.register('first', [other]);
  vocabulary.unregister('first', [other]);
  vocabulary.unregister('second', [noted]);
  expect(vocabulary.list().map(({ definition }) => definition.type)).toEqual([noted.type]);
});

test('an owner that goes takes its types along, and no other’s', () => {
  const vocabulary = new Vocabulary();
  vocabulary.register('first', [noted]);
  vocabulary.register('second', [eventType('test.other', 'Other.', z.object({}))]);
  vocabulary.unregister('first');
  expect(vocabulary.list().map(({ definition }) => definition.type)).toEqual(['test.other']);
  vocabulary.register('third', [noted]);
  expect(vocabulary.get('test.noted')).toBe(noted);
});

test('what no database text can hold is replaced, in keys and values, however deep', () => {
  expect(storable({ 'a\0': ['\uD800', { b: 'x\uDC00y' }], c: 1 })).toEqual({
    'a\uFFFD': ['\uFFFD', { b: 'x\uFFFDy' }],
    c: 1,
  });
});

test('64-bit numbers and dates get the text that stands for them', () => {
  expect(storable({ n: 2n ** 63n, at: new Date(0) })).toEqual({
    n: '9223372036854775808',
    at: '1970-01-01T00:00:00.000Z',
  });
});

test('law: what is storable stays as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const once = storable(value);
      expect(storable(once)).toEqual(once);
      expect(JSON.stringify(once)).not.toMatch(/\\u0000|\\ud[89a-f]/);
    }),
  );
});
