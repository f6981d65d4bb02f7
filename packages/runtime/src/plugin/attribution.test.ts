import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { attributed, pluginNow, unattributed } from './attribution.ts';

test('what a plugin starts runs under its name, beside others, until it enters the house', async () => {
  const seen: (string | undefined)[] = [];
  const look = async (): Promise<void> => {
    seen.push(pluginNow());
    await sleep(1);
    seen.push(pluginNow());
    await unattributed(async () => {
      seen.push(pluginNow());
      await sleep(1);
      seen.push(pluginNow());
    });
    seen.push(pluginNow());
  };
  await attributed('tide', look);
  expect(seen).toEqual(['tide', 'tide', undefined, undefined, 'tide']);
  const both = await Promise.all(
    ['tide', 'moon'].map((id) => attributed(id, () => sleep(1).then(() => pluginNow()))),
  );
  expect(both).toEqual(['tide', 'moon']);
  expect(pluginNow()).toBeUndefined();
});

test('its errors and answers come through as they are', async () => {
  const error = new Error('mine');
  expect(() =>
    attributed('tide', () => {
      throw error;
    }),
  ).toThrow(error);
  await expect(attributed('tide', () => Promise.reject(error))).rejects.toBe(error);
  expect(attributed('tide', () => 7)).toBe(7);
});
