import { expect, test } from 'vitest';
import { isLookDue, trialStep } from './trial.ts';

const hour = 3_600_000;
const times = { appliedAt: 0, trialUntil: 24 * hour, trialHours: 24 };

test('what is worse goes back at once, what is not stays at the end', () => {
  expect(trialStep('worse', times, hour)).toEqual({ deed: 'roll_back' });
  expect(trialStep('better', times, hour)).toEqual({ deed: 'wait' });
  expect(trialStep('better', times, 24 * hour)).toEqual({ deed: 'keep', unclear: false });
  expect(trialStep('no_worse', times, 25 * hour)).toEqual({ deed: 'keep', unclear: false });
});

test('a trial that shows too little is three times as long, and then says so', () => {
  expect(trialStep('unclear', times, 24 * hour)).toEqual({ deed: 'extend', until: 48 * hour });
  const second = { ...times, trialUntil: 48 * hour };
  expect(trialStep('unclear', second, 48 * hour)).toEqual({ deed: 'extend', until: 72 * hour });
  const third = { ...times, trialUntil: 72 * hour };
  expect(trialStep('unclear', third, 72 * hour)).toEqual({ deed: 'keep', unclear: true });
});

test('it is looked at once an hour, and at the end', () => {
  expect(isLookDue(times, null, hour - 1)).toBe(false);
  expect(isLookDue(times, null, hour)).toBe(true);
  expect(isLookDue(times, 23.5 * hour, 24 * hour)).toBe(true);
  expect(isLookDue(times, 24 * hour, 24.5 * hour)).toBe(false);
});
