import { expect, test } from 'vitest';
import { isSaid, plainValue, pluginOf, valueText } from './rows.ts';

test('a secret is never drawn, also where an answer has it', () => {
  expect(valueText({ value: 'hunter2', hidden: true, set: true })).toBe('set');
  expect(valueText({ value: null, hidden: true, set: false })).toBe('not set');
  expect(valueText({ value: 'hunter2', hidden: true })).toBe('unknown');
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
