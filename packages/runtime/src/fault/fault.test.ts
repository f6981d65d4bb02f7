import { expect, test } from 'vitest';
import { exitCodes, fault, faultRow, KoraError, messageOf } from './index.ts';
import { faultTable } from './table.ts';

test('a fault carries its code, the step that mends it and what it is about', () => {
  const cause = new Error('EACCES');
  const error = fault('KORA_HOME_UNREADABLE', 'no', { fix: 'chown', details: { home: '/h' }, cause });
  expect(error).toBeInstanceOf(KoraError);
  expect(error).toMatchObject({ code: 'KORA_HOME_UNREADABLE', fix: 'chown', details: { home: '/h' }, cause });
});

test('a fault without particulars has none, and no cause', () => {
  const error = fault('KORA_INTERNAL', 'no');
  expect(error.details).toEqual({});
  expect(error.fix).toBeUndefined();
  expect('cause' in error).toBe(false);
});

test.each(Object.entries(faultTable))('%s has an exit code, an HTTP status and a meaning', (code, row) => {
  expect(code).toMatch(/^KORA_[A-Z_]+$/);
  expect(Object.values(exitCodes)).toContain(row.exit);
  expect(row.exit).not.toBe(exitCodes.ok);
  expect(row.status).toBeGreaterThanOrEqual(400);
  expect(row.means).not.toBe('');
});

test.each([
  new Error('x'),
  'text',
  undefined,
  new KoraError('PLUGIN_OWN', 'x'),
  new KoraError('toString', 'x'),
  new KoraError('__proto__', 'x'),
])('what is not in the table is an internal fault: %s', (error) => {
  expect(faultRow(error)).toEqual(faultTable.KORA_INTERNAL);
});

test.each<[unknown, string]>([
  [new Error('broke'), 'broke'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [Object.create(null), 'without words'],
])('anything thrown has words', (thrown, words) => {
  expect(messageOf(thrown)).toContain(words);
});
