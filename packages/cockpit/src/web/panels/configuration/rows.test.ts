import { expect, test } from 'vitest';
import { enteredIn } from '../../kit/form/entered.ts';
import { changesFrom, type ConfigKey, fieldOf, isSaid, plainValue, pluginOf, valueText } from './rows.ts';

function row(over: Partial<ConfigKey>): ConfigKey {
  return {
    key: 'alerts.burst',
    value: 5,
    hidden: false,
    set: true,
    origin: 'default',
    class: 'hot',
    means: 'more than so many at once',
    usual: 5,
    kind: 'number',
    unit: null,
    choices: null,
    min: 1,
    max: 1_000,
    integer: true,
    pattern: null,
    inFile: null,
    isInFile: false,
    waits: false,
    overruled: false,
    closed: null,
    command: 'kora config set alerts.burst VALUE --reason "…"',
    ...over,
  };
}

test('a secret is never drawn, also where an answer has it', () => {
  expect(valueText({ value: 'hunter2', hidden: true, set: true })).toBe('set');
  expect(valueText({ value: null, hidden: true, set: false })).toBe('not set');
  const field = fieldOf(
    row({ kind: 'secret', hidden: true, value: 'hunter2', inFile: 'hunter2', closed: 'why' }),
  );
  expect(JSON.stringify(field)).not.toContain('hunter2');
});

test('a value reads as it would stand in the file, and nothing as nothing', () => {
  expect([0, false, '', [], null, undefined].map(plainValue)).toEqual([
    '0',
    'false',
    '',
    '[]',
    'not set',
    'not set',
  ]);
  expect(isSaid({ origin: 'default' })).toBe(false);
});

test('a block of a plugin leads to its form', () => {
  expect(pluginOf('plugins.config.slack')).toBe('slack');
  expect(pluginOf('plugins.config')).toBeNull();
});

test('a field has bounds, unit and what is usual; a default is not filled in as somebody’s word', () => {
  expect(fieldOf(row({ unit: 's' }))).toMatchObject({
    label: 'burst',
    kind: 'number',
    value: null,
    unit: 's',
    min: 1,
    max: 1_000,
    usual: '5',
  });
  expect(fieldOf(row({ closed: 'it says where it listens' })).closed).toEqual({
    why: 'it says where it listens',
    command: 'kora config set alerts.burst VALUE --reason "…"',
  });
});

test('only what was touched is sent: as its kind says, and emptied as taken out', () => {
  const rows = [
    row({ isInFile: true, inFile: 3 }),
    row({ key: 'alerts.settleSeconds' }),
    row({ key: 'plugins.watch', kind: 'boolean' }),
    row({ key: 'messages.channels', kind: 'lines', isInFile: true, inFile: ['inbox'] }),
    row({ key: 'spend.prices', kind: 'json' }),
  ];
  const fields = rows.map(fieldOf);
  const texts = new Map([
    ['alerts.burst', ''],
    ['plugins.watch', 'false'],
    ['messages.channels', 'slack\ninbox'],
    ['spend.prices', '{"big": {"input": 1}}'],
  ]);
  const sent = (): unknown =>
    changesFrom(
      rows,
      fields,
      enteredIn(fields, (name) => texts.get(name) ?? ''),
    );
  expect(sent()).toEqual([
    { key: 'alerts.burst' },
    { key: 'plugins.watch', value: false },
    { key: 'messages.channels', value: ['slack', 'inbox'] },
    { key: 'spend.prices', value: { big: { input: 1 } } },
  ]);
  texts.set('spend.prices', '{');
  expect(sent).toThrow('spend.prices is not JSON');
});
