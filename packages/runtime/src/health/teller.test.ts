import { expect, test } from 'vitest';
import type { EventDraft } from '../chain/index.ts';
import { FakeClock } from '../clock/index.ts';
import type { Overall, Rollup } from './rollup.ts';
import { HealthTeller } from './teller.ts';

function scene(cadenceSeconds = 300) {
  const clock = new FakeClock();
  const told: unknown[] = [];
  const now: { overall: Overall; fails: boolean } = { overall: 'healthy', fails: false };
  const answer = { answer: 'yes', because: [] };
  const teller = new HealthTeller({
    clock,
    cadenceSeconds,
    look: () =>
      Promise.resolve({
        overall: now.overall,
        reason: now.overall === 'healthy' ? null : 'because',
        intentionallyLimited: false,
        canWork: answer,
        mayWork: answer,
        isWorking: { answer: 'idle', because: [] },
        subsignals: {},
      } as unknown as Rollup),
    record: (drafts: readonly EventDraft[]) => {
      if (now.fails) return Promise.reject(new Error('away'));
      told.push(...drafts.map(({ payload }) => payload['overall']));
      return Promise.resolve();
    },
  });
  return { clock, told, now, teller };
}

test('it is told at first, once in a cadence, and at each change', async () => {
  const { clock, told, now, teller } = scene();
  expect(await teller.tell()).toBe('ok');
  clock.jump(299_000);
  expect(await teller.tell()).toBe('noop');
  now.overall = 'outage';
  expect(await teller.tell()).toBe('ok');
  clock.jump(299_000);
  expect(await teller.tell()).toBe('noop');
  clock.jump(1_000);
  expect(await teller.tell()).toBe('ok');
  expect(told).toEqual(['healthy', 'outage', 'outage']);
});

test('what could not be recorded was not told: the next look tells it', async () => {
  const { told, now, teller } = scene();
  now.fails = true;
  await expect(teller.tell()).rejects.toThrow('away');
  now.fails = false;
  expect(await teller.tell()).toBe('ok');
  expect(told).toEqual(['healthy']);
});

test('a change is looked for at least every half minute, and never more seldom than the cadence', () => {
  expect(scene(300).teller.lookEveryMs).toBe(30_000);
  expect(scene(5).teller.lookEveryMs).toBe(5_000);
});
