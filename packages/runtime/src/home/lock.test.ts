import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { faultRow } from '../fault/index.ts';
import { homeFiles, lockHolder, lockHome } from './index.ts';
import { isAlive, isSameProcess, markOf } from './process.ts';
import { testFolder } from './testing/folder.ts';
import { startProcess } from './testing/process.ts';
import type { TestProcess } from './testing/process.ts';

const clock = systemClock();

/** A process that waits for `take` and `release`. */
async function holderOf(home: string): Promise<TestProcess> {
  const holder = startProcess(new URL('./testing/holder.ts', import.meta.url), { args: [home] });
  expect(await holder.line()).toBe('up');
  return holder;
}

async function say(holder: TestProcess, command: 'take' | 'release'): Promise<string> {
  holder.say(command);
  return holder.line();
}

function writeLock(home: string, holder: unknown): void {
  writeFileSync(join(home, homeFiles.lock), typeof holder === 'string' ? holder : JSON.stringify(holder));
}

/** Takes the home and gives it back: whoever is named in its lock holds nothing. */
async function expectFree(home: string): Promise<void> {
  const release = await lockHome(home, clock);
  expect(await lockHolder(home)).toMatchObject({ pid: process.pid });
  await release();
}

test('a free home is taken, and given back without a trace', async () => {
  const home = testFolder();
  const release = await lockHome(home, clock);
  expect(await lockHolder(home)).toMatchObject({ pid: process.pid });
  await release();
  expect(await lockHolder(home)).toBeUndefined();
  expect(readdirSync(home)).toEqual([]);
});

test('a home that a living process holds is refused by its pid, with exit 73', async () => {
  const home = testFolder();
  const holder = await holderOf(home);
  expect(await say(holder, 'take')).toBe('held');
  const refused = await lockHome(home, clock).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: 'KORA_HOME_LOCKED',
    details: { pid: holder.pid, home },
    fix: `kora down --home ${home}`,
  });
  expect(String(refused)).toContain(`pid ${holder.pid}`);
  expect(faultRow(refused).exit).toBe(73);
});

test('a second taker in the same process is refused too', async () => {
  const home = testFolder();
  const release = await lockHome(home, clock);
  await expect(lockHome(home, clock)).rejects.toMatchObject({ code: 'KORA_HOME_LOCKED' });
  await release();
});

test('of many takers in one process at once, one wins and the others are refused', async () => {
  const home = testFolder();
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => lockHome(home, clock)));
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(19);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'KORA_HOME_LOCKED' });
  expect(readdirSync(home)).toEqual([homeFiles.lock]);
});

test('a home whose holder was killed is free at once', async () => {
  const home = testFolder();
  const holder = await holderOf(home);
  expect(await say(holder, 'take')).toBe('held');
  holder.kill('SIGKILL');
  await holder.ended;
  expect(await lockHolder(home)).toBeUndefined();
  const release = await lockHome(home, clock);
  expect(await lockHolder(home)).toMatchObject({ pid: process.pid });
  await release();
});

test('a dead holder’s pid, given to another process since, holds nothing', async () => {
  const home = testFolder();
  writeLock(home, { pid: process.pid, start: 'another boot:1', at: '2026-01-01T00:00:00Z' });
  await expectFree(home);
});

test('a holder whose start is unknown is taken for living: the living are never robbed', async () => {
  const home = testFolder();
  writeLock(home, { pid: process.pid, start: null, at: '2026-01-01T00:00:00Z' });
  await expect(lockHome(home, clock)).rejects.toMatchObject({ code: 'KORA_HOME_LOCKED' });
});

test.each([
  '',
  '{',
  '{"pid":"x"}',
  '{"pid":0,"start":null,"at":""}',
  '{"pid":-1,"start":null,"at":""}',
  'null',
])('a lock that says %j holds nothing', async (text) => {
  const home = testFolder();
  writeLock(home, text);
  await expectFree(home);
});

test('a takeover that its process did not live to end is passed over', async () => {
  const home = testFolder();
  writeLock(home, 'nonsense');
  mkdirSync(join(home, `${homeFiles.lock}.takeover`));
  const later = { ...clock, now: () => clock.now() + 60_000 };
  const release = await lockHome(home, later);
  expect(readdirSync(home)).toEqual([homeFiles.lock]);
  await release();
});

test('a lock that came to be somebody else’s is not given back', async () => {
  const home = testFolder();
  const release = await lockHome(home, clock);
  const other = JSON.stringify({ pid: 1, start: null, at: '2026-01-01T00:00:00Z' });
  writeLock(home, other);
  await release();
  expect(readFileSync(join(home, homeFiles.lock), 'utf8')).toBe(other);
});

test('of four processes that find one dead lock at once, exactly one takes the home, every time', async () => {
  const home = testFolder();
  const takers = await Promise.all(Array.from({ length: 4 }, () => holderOf(home)));
  for (let round = 0; round < 25; round += 1) {
    writeLock(home, { pid: process.pid, start: 'another boot:1', at: '2026-01-01T00:00:00Z' });
    const answers = await Promise.all(takers.map((taker) => say(taker, 'take')));
    expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith('KORA_HOME_LOCKED 73'))).toHaveLength(3);
    const winner = takers[answers.indexOf('held')];
    expect(winner === undefined ? '' : await say(winner, 'release')).toBe('released');
  }
});

test('takers that follow close on a release never meet two holders', async () => {
  const home = testFolder();
  let holders = 0;
  let taken = 0;
  async function takeOften(): Promise<void> {
    for (let round = 0; round < 40; round += 1) {
      const release = await lockHome(home, clock).catch(() => undefined);
      if (release === undefined) continue;
      holders += 1;
      taken += 1;
      expect(holders).toBe(1);
      await Promise.resolve();
      holders -= 1;
      await release();
    }
  }
  await Promise.all(Array.from({ length: 5 }, takeOften));
  expect(taken).toBeGreaterThan(0);
  expect(readdirSync(home)).toEqual([]);
});

test('a process is itself and no other', () => {
  const mark = markOf(process.pid);
  expect(isSameProcess(mark)).toBe(true);
  expect(isSameProcess({ ...mark, start: `${mark.start}0` })).toBe(false);
});

test('a zombie has ended, whatever its pid still answers', async () => {
  const child = startProcess(new URL('./testing/zombie.ts', import.meta.url));
  const pid = Number(await child.line());
  await expect.poll(() => isAlive(pid)).toBe(false);
  child.say('end');
});
