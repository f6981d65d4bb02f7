import { expect, test } from 'vitest';
import { denyCauses } from '../admission/index.ts';
import { fixCodes } from './contract.ts';
import { remedyFor } from './remedy.ts';

const of = { probe: 'shop', fix: 'restart_unit', incidentId: 7, attemptId: 4, beganAt: null };

test.each([...fixCodes, ...denyCauses, 'what_comes_later'])('%s has one command that leads on', (code) => {
  for (const known of [of, { ...of, fix: null, incidentId: null }])
    expect(remedyFor({ ...known, code })).toMatch(/^kora [a-z]+[^\n]*$/);
});

test('what went well needs none, and what nobody granted names who would be granted what', () => {
  expect(remedyFor({ ...of, code: null })).toBeNull();
  expect(remedyFor({ ...of, code: 'capability_denied', capability: 'cap_x', plugin: 'mine' })).toBe(
    "kora capability grant cap_x --to plugin:mine --reason '...'",
  );
});

test('what had begun is looked at before it is asked for again', () => {
  expect(remedyFor({ ...of, code: 'runtime_ended' })).toBe("kora fix try shop restart_unit --reason '...'");
  const begun = { ...of, code: 'runtime_ended', beganAt: '2026-01-01T00:00:00.000Z' };
  expect(remedyFor(begun)).toBe('kora probe run shop');
});
