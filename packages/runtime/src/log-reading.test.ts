import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from './home/testing/folder.ts';
import { byteOf, readLogBack, readLogNews } from './log-reading.ts';

const same = (text: string): string => text;

function line(n: number, more: object = {}): string {
  return `${JSON.stringify({ level: 30, time: `2026-01-01T00:00:${String(n % 60).padStart(2, '0')}.000Z`, pid: 7, n, msg: `line ${n}`, ...more })}\n`;
}

function logOf(count: number, width = 0): string {
  const path = join(testFolder(), 'kora.log');
  const padding = 'ü'.repeat(width);
  writeFileSync(path, Array.from({ length: count }, (_, n) => line(n, { padding })).join(''));
  return path;
}

test('pages of the log come newest first, without a gap or a repeat, also where lines lie over the edge of a read', async () => {
  const path = logOf(500, 400);
  // Still being written: not a line yet.
  appendFileSync(path, '{"level":50,"msg":"ha');
  const seen: unknown[] = [];
  let before: number | undefined;
  for (let page = 0; page < 20; page += 1) {
    const { lines, next } = await readLogBack({
      path,
      before,
      after: undefined,
      limit: 70,
      wish: {},
      scrub: same,
    });
    seen.push(...lines.map(({ fields }) => fields['n']));
    if (next === null) break;
    before = byteOf(next);
  }
  expect(seen).toEqual(Array.from({ length: 500 }, (_, n) => 499 - n));
});

test('lines are found by level, by who logged and by what they say, and secrets are taken out', async () => {
  const path = logOf(3);
  appendFileSync(path, line(3, { level: 50, error: 'the hunter2 key', msg: 'outbox' }));
  appendFileSync(path, line(4, { level: 40, plugin: 'shop', msg: 'slow' }));
  const find = async (wish: object): Promise<object[]> => {
    const scrub = (text: string): string => text.replaceAll('hunter2', '[secret]');
    const asked = { path, before: undefined, after: undefined, limit: 10, wish, scrub };
    return (await readLogBack(asked)).lines.map(({ level, logger, message }) => ({ level, logger, message }));
  };
  const slow = { level: 'warn', logger: 'shop', message: 'slow' };
  const key = { level: 'error', logger: 'outbox', message: 'the [secret] key' };
  expect(await find({ level: 'warn' })).toEqual([slow, key]);
  expect(await find({ logger: 'shop' })).toEqual([slow]);
  expect(await find({ text: 'LINE 2' })).toEqual([{ level: 'info', logger: 'kora', message: 'line 2' }]);
});

test('news begin where the last ones ended, and say how much of a flood was left out', async () => {
  const path = logOf(2);
  const first = await readLogNews(path, undefined, same);
  expect(first.lines).toEqual([]);
  appendFileSync(path, line(2));
  const second = await readLogNews(path, first.place, same);
  expect(second).toMatchObject({ lines: [{ message: 'line 2' }], droppedBytes: 0 });
  const flood = Array.from({ length: 4_000 }, (_, n) => line(n, { padding: 'x'.repeat(100) })).join('');
  appendFileSync(path, flood);
  const third = await readLogNews(path, second.place, same);
  expect(third.droppedBytes).toBeGreaterThan(0);
  expect(third.lines.at(-1)).toMatchObject({ message: 'line 3999' });
  // Nothing between what was left out and the first of these is missing.
  expect(third.droppedBytes).toBe(Number(third.lines[0]?.place) - second.place);
  expect(await readLogNews(path, third.place, same)).toMatchObject({ lines: [], droppedBytes: 0 });
  writeFileSync(path, line(0));
  expect(await readLogNews(path, third.place, same)).toMatchObject({ lines: [{ message: 'line 0' }] });
});

test('a range of time is found by halving, also where a line says no time, and a flood is counted', async () => {
  const path = join(testFolder(), 'kora.log');
  const at = (n: number): string => new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
  const padding = 'x'.repeat(300);
  const lines = Array.from({ length: 2_000 }, (_, n) =>
    n === 700 ? 'no line of a log\n' : line(n, { time: at(n), padding }),
  );
  writeFileSync(path, lines.join(''));
  const asked = { path, before: undefined, after: undefined, limit: 5_000, wish: {}, scrub: same };
  const found = async (since: number, until: number): Promise<unknown[]> => {
    const range = { since: Date.parse(at(since)), until: Date.parse(at(until)) };
    const page = await readLogBack({ ...asked, ...range });
    return page.lines.map(({ fields, message }) => fields['n'] ?? message);
  };
  expect(await found(5, 7)).toEqual([7, 6, 5]);
  expect(await found(698, 702)).toEqual([702, 701, 'no line of a log', 699, 698]);
  expect(await found(1_999, 9_999)).toEqual([1_999]);
  expect(await found(-9, -1)).toEqual([]);
  expect(await found(0, 9_999)).toHaveLength(2_000);
  const news = await readLogNews(path, 0, same);
  expect([news.droppedLines, (news.droppedLines ?? 0) + news.lines.length]).toEqual([
    2_000 - news.lines.length,
    2_000,
  ]);
});
