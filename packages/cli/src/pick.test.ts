import { expect, it } from 'vitest';
import { pick } from './pick.ts';

const rows = ['probe_wake', 'probe_http', 'probe', 'Inbox'];
const options = {
  noun: 'daemon',
  code: 'KORA_DAEMON_UNKNOWN',
  list: 'kora daemon list',
  names: (row: string) => [row],
};

it('takes an exact name before any that begins so, whatever its case', () => {
  expect(pick(rows, 'probe', options)).toBe('probe');
  expect(pick(rows, 'INBOX', options)).toBe('Inbox');
});

it('takes the only one that begins so', () => {
  expect(pick(rows, 'probe_w', options)).toBe('probe_wake');
});

it('guesses nothing: an ambiguous start lists the candidates', () => {
  expect(() => pick(rows, 'probe_', options)).toThrow('"probe_" fits 2 daemons:\n  probe_wake\n  probe_http');
});

it('says what there is none of, and how to see all', () => {
  expect(() => pick(rows, 'x', options)).toThrow(
    expect.objectContaining({ code: 'KORA_DAEMON_UNKNOWN', fix: 'kora daemon list' }),
  );
  expect(() => pick(rows, ' ', options)).toThrow(expect.objectContaining({ code: 'KORA_DAEMON_UNKNOWN' }));
});

it('lists the first candidates of many', () => {
  const many = Array.from({ length: 20 }, (_, at) => `task_${at}`);
  expect(() => pick(many, 'task', options)).toThrow('and 12 more');
});
