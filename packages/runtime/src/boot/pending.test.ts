import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { forgetPending, keepPending, readPending } from './index.ts';
import type { PendingBoot } from './index.ts';

function pending(over: Partial<PendingBoot> = {}): PendingBoot {
  return {
    key: systemClock().uuid(),
    workspace: 'default',
    version: '1.0.0',
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: null,
    outcome: 'failed',
    elapsedMs: 1,
    gates: [],
    failedGate: null,
    detail: 'the process ended without a word',
    exitCode: null,
    ...over,
  };
}

test('the last word of a boot counts, in the order in which they began', async () => {
  const home = testFolder();
  const [one, two] = [pending(), pending()];
  for (const boot of [one, two, { ...one, outcome: 'refused' as const, exitCode: 78 }])
    await keepPending(home, boot);
  expect(await readPending(home, 'default')).toEqual([{ ...one, outcome: 'refused', exitCode: 78 }, two]);
});

test('a line that a crash left half written costs no other', async () => {
  const home = testFolder();
  const [one, two] = [pending(), pending()];
  await keepPending(home, one);
  await appendFile(join(home, 'boots.ndjson'), '{"key":"half\n');
  await keepPending(home, two);
  expect(await readPending(home, 'default')).toEqual([one, two]);
});

test('boots of another workspace wait for theirs', async () => {
  const home = testFolder();
  const [ours, theirs] = [pending(), pending({ workspace: 'other' })];
  for (const boot of [ours, theirs]) await keepPending(home, boot);
  await forgetPending(home, new Set([ours.key]));
  expect(await readPending(home, 'default')).toEqual([]);
  expect(await readPending(home, 'other')).toEqual([theirs]);
});

test('a home in which nothing waits has none', async () => {
  expect(await readPending(testFolder(), 'default')).toEqual([]);
});
