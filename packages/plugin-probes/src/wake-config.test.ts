import { expect, it } from 'vitest';
import { configSchema } from './config.ts';

it('has a default for everything about wakes', () => {
  expect(configSchema.parse({})).toMatchObject({
    debounceSeconds: 600,
    debounceBypassCritical: false,
    investigation: { model: true, budgetUsd: 0.1, seconds: 60, softPerHour: 20, hardPerHour: 40 },
    canary: { enabled: true, cron: '33 5 * * *' },
  });
});

it.each([
  [{ investigation: { softPerHour: 41 } }, /hardPerHour/],
  [{ investigation: { budgetUsd: 0 } }, /budgetUsd/],
  [{ canary: { hour: 5 } }, /hour/],
])('refuses %j', (block, why) => {
  expect(() => configSchema.parse(block)).toThrow(why);
});
