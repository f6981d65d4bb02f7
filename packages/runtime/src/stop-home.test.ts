import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSentinel, sentinelFiles } from './control/index.ts';
import { startKept } from './control/keeper/testing/kept.ts';
import type { Kept } from './control/keeper/testing/kept.ts';
import { homeFiles } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { markOf } from './home/process.ts';
import { resumeHome, stopHome } from './stop-home.ts';

const reason = 'a test';
const at = '2026-11-21T12:00:00.000Z';

function writeLock(home: string, mark: { readonly pid: number; readonly start: string | null }): void {
  writeFileSync(join(home, homeFiles.lock), JSON.stringify({ ...mark, at }));
}

/** A process with a keeper that holds its home. */
async function holderOf(home: string): Promise<Kept> {
  const kept = await startKept(home);
  writeLock(home, markOf(kept.pid));
  return kept;
}

it('a home in which nothing runs keeps the stop for the next start', async () => {
  const home = testFolder();
  const stop = await stopHome({ home, level: 4, reason });
  expect(stop).toEqual({ level: 4, pid: null, seen: false, killed: null, trouble: null });
  expect(readSentinel(home)).toMatchObject({ level: 4, reason, by: 'operator' });
  const kept = await startKept(home, { exitMs: 0 });
  kept.say('level');
  expect(await kept.line()).toBe('level 4 kills false');
});

it('a running process is told through its home, and says that it saw it', async () => {
  const home = testFolder();
  const kept = await holderOf(home);
  expect(await stopHome({ home, level: 3, reason, seenWithinMs: 15_000 })).toEqual({
    level: 3,
    pid: kept.pid,
    seen: true,
    killed: null,
    trouble: null,
  });
});

it('a process that is frozen whole is ended by a kill, and by nothing milder (defect 19)', async () => {
  const home = testFolder();
  const kept = await holderOf(home);
  process.kill(kept.pid, 'SIGSTOP');
  const milder = await stopHome({ home, level: 3, reason, seenWithinMs: 50 });
  expect(milder).toMatchObject({ level: 3, pid: kept.pid, seen: false, killed: null });
  const kill = await stopHome({ home, level: 4, reason, seenWithinMs: 50 });
  expect(kill).toEqual({ level: 4, pid: kept.pid, seen: false, killed: kept.pid, trouble: null });
  expect(await kept.ended).toMatchObject({ signal: 'SIGKILL' });
});

it('a home that cannot be written does not keep a process from being ended', async () => {
  const home = testFolder();
  const kept = await holderOf(home);
  // What nobody can rename a file over.
  mkdirSync(join(home, sentinelFiles.wish, 'full'), { recursive: true });
  process.kill(kept.pid, 'SIGSTOP');
  await expect(stopHome({ home, level: 3, reason })).rejects.toMatchObject({ code: 'KORA_HOME_UNREADABLE' });
  expect(await stopHome({ home, level: 5, reason, seenWithinMs: 50 })).toMatchObject({
    level: null,
    killed: kept.pid,
    trouble: expect.stringContaining('the sentinel cannot be written'),
  });
});

it.each([
  ['another start', 'another'],
  ['a start that nobody knows', null],
])('a pid with %s is never killed', async (_, start) => {
  const home = testFolder();
  const kept = await startKept(testFolder());
  writeLock(home, { pid: kept.pid, start });
  const stop = await stopHome({ home, level: 4, reason, seenWithinMs: 0 });
  expect(stop).toMatchObject({ level: 4, seen: false, killed: null });
  kept.say('level');
  expect(await kept.line()).toBe('level 0 kills false');
});

it.each([
  [4, true],
  [5, false],
] as const)('level %i in a home where nothing runs: whether its token stays is %s', async (level, stays) => {
  const home = testFolder();
  writeFileSync(join(home, homeFiles.token), 'secret');
  await stopHome({ home, level, reason });
  expect(existsSync(join(home, homeFiles.token))).toBe(stays);
});

it('a resume takes the sentinel away, once', async () => {
  const home = testFolder();
  await stopHome({ home, level: 2, reason });
  expect(resumeHome({ home })).toEqual({ level: 2 });
  expect(existsSync(join(home, sentinelFiles.wish))).toBe(false);
  expect(resumeHome({ home })).toEqual({ level: null });
});

it('a folder that is not there is no home', async () => {
  const home = join(testFolder(), 'nowhere');
  await expect(stopHome({ home, level: 3, reason })).rejects.toMatchObject({ code: 'KORA_HOME_UNREADABLE' });
});
