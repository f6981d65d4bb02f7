import { chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { homeFiles } from '../../home/index.ts';
import { testFolder } from '../../home/testing/folder.ts';
import { readSeen, readSentinel, removeSentinel, sentinelFiles, writeSentinel } from '../sentinel.ts';
import type { SentinelLevel } from '../sentinel.ts';
import { emergencyFile } from './emergency-line.ts';
import { startKept } from './testing/kept.ts';

const now = (): string => new Date().toISOString();
const lay = (home: string, level: SentinelLevel, at = now()) =>
  writeSentinel(home, { level, reason: 'a test', by: 'operator', at });
const quick = { lookMs: 20, exitMs: 200 };

it('a level is seen by the next line of a main thread that never yielded', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  kept.say('spin-to 2');
  expect(await kept.line()).toBe('spinning');
  lay(home, 2);
  expect(await kept.line()).toBe('saw 2 while nobody told');
  expect(await kept.line()).toBe('sentinel 2');
});

it('what was seen is signed with the process that saw it, and a removal is seen too', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  const { digest } = lay(home, 1);
  expect(await kept.line()).toBe('sentinel 1');
  await expect.poll(() => readSeen(home)).toMatchObject({ digest, level: 1, pid: kept.pid });
  removeSentinel(home);
  expect(await kept.line()).toBe('sentinel gone');
  kept.say('level');
  expect(await kept.line()).toBe('level 0 kills false');
  expect(readSeen(home)).toBeUndefined();
});

it('a sentinel that was there before the start is in force before anything is admitted', async () => {
  const home = testFolder();
  lay(home, 3);
  const kept = await startKept(home, quick);
  kept.say('level');
  expect(await kept.line()).toBe('level 3 kills false');
});

it('a process whose event loop hangs is ended by a level 4, with the exit code of a stop (defect 19)', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  kept.say('hang');
  lay(home, 4);
  expect(await kept.ended).toEqual({ code: 80, signal: null });
  expect(kept.stderr()).toContain('level 4: this process did not end by itself in time');
});

it('a main thread that waits without end is ended as well', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  kept.say('freeze');
  lay(home, 5);
  const { code, signal } = await kept.ended;
  expect(code === 80 || signal === 'SIGKILL').toBe(true);
});

it('a process whose words nobody reads any more is ended as well', async () => {
  const home = testFolder();
  const kept = await startKept(home, { ...quick, stillMs: 60 }, { deaf: true });
  kept.say('flood');
  await expect.poll(() => existsSync(join(home, emergencyFile))).toBe(true);
  lay(home, 4);
  const { code, signal } = await kept.ended;
  expect(code === 80 || signal === 'SIGKILL').toBe(true);
});

it('a kill that is older than the process is a stop in force and ends nothing', async () => {
  const home = testFolder();
  lay(home, 4, '2026-01-01T00:00:00.000Z');
  const kept = await startKept(home, { lookMs: 20, exitMs: 0 });
  kept.say('level');
  expect(await kept.line()).toBe('level 4 kills false');
  // The same kill, issued again: this time it is meant for the process that runs.
  lay(home, 4);
  expect(await kept.ended).toEqual({ code: 80, signal: null });
});

it('a kill that an earlier process saw spares the next, also when the clock was set back', async () => {
  const home = testFolder();
  const first = await startKept(home, { lookMs: 20, exitMs: 0 });
  lay(home, 4, '2999-01-01T00:00:00.000Z');
  await first.ended;
  const next = await startKept(home, { lookMs: 20, exitMs: 0 });
  next.say('level');
  expect(await next.line()).toBe('level 4 kills false');
});

it.each(['', 'stop', '{"level":9}', '{"level":"4"}', 'null', '{"level":0}', '\0'])(
  'a sentinel that says %j counts as level 3',
  async (text) => {
    const home = testFolder();
    writeFileSync(join(home, sentinelFiles.wish), text);
    expect(readSentinel(home)).toMatchObject({ level: 3, damage: expect.any(String) });
    expect(lay(home, 2).level).toBe(3);
    expect(lay(home, 4).level).toBe(4);
  },
);

it('a sentinel written by hand says what it can; the rest is filled in', () => {
  const home = testFolder();
  writeFileSync(join(home, sentinelFiles.wish), '{"level":4,"at":"yesterday","by":7}');
  expect(readSentinel(home)).toMatchObject({
    level: 4,
    reason: 'no reason was given',
    by: 'an unknown hand',
    at: statSync(join(home, sentinelFiles.wish)).mtime.toISOString(),
  });
});

it('a sentinel of a length that nobody writes is not read, and counts as level 3', () => {
  const home = testFolder();
  writeFileSync(join(home, sentinelFiles.wish), `{"level":1,"reason":"${'x'.repeat(100_000)}"}`);
  expect(readSentinel(home)).toMatchObject({ level: 3, damage: 'it is too long' });
});

it('a sentinel that cannot be read counts as level 3, and a running process keeps to it', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  mkdirSync(join(home, sentinelFiles.wish));
  expect(await kept.line()).toBe('sentinel 3');
  expect(removeSentinel(home)).toMatchObject({ level: 3 });
  expect(await kept.line()).toBe('sentinel gone');
});

it('a stop without effect becomes a level 4 by the watchdog, and the process goes (defect 19)', async () => {
  const home = testFolder();
  const kept = await startKept(home, { ...quick, effectMs: { 1: 120_000, 2: 180_000, 3: 60 } });
  kept.say('watch 3');
  expect(await kept.line()).toBe('sentinel 4');
  expect(readSentinel(home)).toMatchObject({
    level: 4,
    by: 'watchdog',
    reason: 'stop #7 (level 3) had no effect within 0.1 s',
  });
  expect(await kept.ended).toEqual({ code: 80, signal: null });
});

it('the watchdog ends a process also where the home takes no sentinel any more', async () => {
  const home = testFolder();
  const kept = await startKept(home, { ...quick, effectMs: { 1: 60, 2: 60, 3: 60 } });
  kept.say('hang');
  rmSync(home, { recursive: true });
  writeFileSync(home, '');
  expect(await kept.ended).toEqual({ code: 80, signal: null });
});

it('a main thread that stands still is told of, once, on stderr and in the home, while it stands', async () => {
  const home = testFolder();
  const kept = await startKept(home, { lookMs: 20, stillMs: 100 });
  kept.say('spin-to 1');
  expect(await kept.line()).toBe('spinning');
  await expect.poll(() => kept.stderr()).toMatch(/^kora: the main thread has not moved for [\d.]+ s: .*\n$/);
  lay(home, 1);
  expect(await kept.line()).toContain('saw 1');
  expect(await kept.line()).toBe('sentinel 1');
  kept.say('told');
  const told: unknown = JSON.parse(await kept.line());
  expect(told).toEqual([expect.objectContaining({ what: 'main_thread', pid: kept.pid })]);
});

it('trouble is told once, and the next process of the home knows what nobody recorded', async () => {
  const home = testFolder();
  const first = await startKept(home, quick);
  first.say('tell the-store');
  first.say('tell the-store');
  await expect.poll(() => first.stderr()).toBe('kora: the-store does not answer\n');
  first.say('exit 0');
  await first.ended;
  const next = await startKept(home, quick);
  next.say('told');
  const told: unknown = JSON.parse(await next.line());
  expect(told).toMatchObject([{ what: 'store', detail: 'the-store does not answer' }, { what: 'exit' }]);
});

it('a keeper whose thread is lost has another, which knows what is waited for', async () => {
  const home = testFolder();
  const kept = await startKept(home, { ...quick, effectMs: { 1: 600, 2: 600, 3: 600 } });
  kept.say('watch 3');
  kept.say('lose');
  expect(await kept.line()).toContain('another one takes over');
  expect(await kept.line()).toBe('sentinel 4');
  expect(await kept.ended).toEqual({ code: 80, signal: null });
});

it('a level 5 that ends a process the hard way leaves no token behind', async () => {
  const home = testFolder();
  writeFileSync(join(home, homeFiles.token), 'secret');
  const kept = await startKept(home, quick);
  kept.say('hang');
  lay(home, 5);
  expect(await kept.ended).toMatchObject({ code: 80 });
  expect(existsSync(join(home, homeFiles.token))).toBe(false);
});

it('what root lays down belongs to whom the home belongs to', () => {
  const home = testFolder();
  if (process.getuid?.() === 0) chownSync(home, 65_534, 65_534);
  lay(home, 1);
  expect(statSync(join(home, sentinelFiles.wish)).uid).toBe(statSync(home).uid);
});

it('a keeper that was disposed ends nothing any more', async () => {
  const home = testFolder();
  const kept = await startKept(home, quick);
  kept.say('exit 2000');
  kept.say('dispose');
  expect(await kept.line()).toBe('disposed');
  kept.say('level');
  expect(await kept.line()).toBe('level 0 kills false');
});
