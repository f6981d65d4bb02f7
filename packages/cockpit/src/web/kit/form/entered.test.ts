import type { FormField } from '@kora/runtime/client';
import { expect, it } from 'vitest';
import { blockFrom, enteredIn } from './entered.ts';

const fields: readonly FormField[] = [
  { name: 'place', label: 'Place', kind: 'text', value: 'Brest' },
  { name: 'everyMs', label: 'Every', kind: 'number', value: 1_000 },
  { name: 'loud', label: 'Loud', kind: 'boolean', value: null },
  { name: 'watch', label: 'Watch', kind: 'lines', value: ['a'] },
  { name: 'stations', label: 'Stations', kind: 'json', value: '{"a": 1}' },
  { name: 'unit', label: 'Unit', kind: 'choice', value: 'm', choices: [{ value: 'm', label: 'm' }] },
];
const untouched = new Map([
  ['place', 'Brest'],
  ['everyMs', '1000'],
  ['watch', 'a'],
  ['stations', '{"a": 1}'],
  ['unit', 'm'],
]);
const sent = (over: readonly (readonly [string, string])[] = []) => {
  const texts = new Map([...untouched, ...over]);
  return enteredIn(fields, (name) => texts.get(name) ?? null);
};

it('a field is what its kind says; what is empty is null, an unticked box is false', () => {
  expect(
    sent([
      ['watch', 'a\n\n b\n'],
      ['place', '  '],
      ['loud', 'on'],
    ]),
  ).toEqual({
    place: null,
    everyMs: 1_000,
    loud: true,
    watch: ['a', ' b'],
    stations: '{"a": 1}',
    unit: 'm',
  });
});

it('what was not touched is not written, so a default stays a default', () => {
  const block = { place: 'Brest', other: [1] };
  expect(blockFrom(fields, sent(), block)).toEqual(block);
  expect(
    blockFrom(
      fields,
      sent([
        ['everyMs', '50'],
        ['place', ''],
      ]),
      block,
    ),
  ).toEqual({ everyMs: 50, other: [1] });
  expect(blockFrom(fields, sent([['stations', '{"b": 2}']]), block)).toMatchObject({ stations: { b: 2 } });
});

it('what is no JSON is named, and nothing is sent', () => {
  expect(() => blockFrom(fields, sent([['stations', '{b']]), {})).toThrow('stations is not JSON');
});
