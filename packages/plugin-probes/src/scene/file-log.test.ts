import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { LogSource } from './contract.ts';
import { fileLog } from './file-log.ts';

const about = { id: 'log:shop', entity: 'unit:shop' };
const now = Date.parse('2026-11-21T11:00:00Z');

function written(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kora-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'shop.log');
  writeFileSync(path, text);
  return path;
}

async function read(text: string, mostBytes?: number): Promise<LogSource> {
  const opened = await fileLog(written(text), { ...about, now }, mostBytes);
  if (!('log' in opened)) throw new Error('it could not be read');
  return opened.log;
}

it('gives the lines of a file by time, words and number', async () => {
  const log = await read(
    '2026-11-21T10:00:00Z one\n2026-11-21 10:01:00 Two\n  wrapped\n2026-11-21T10:02:00Z three\n',
  );
  const from = Date.parse('2026-11-21T10:01:00Z');
  const lines = async (query: object): Promise<number[]> =>
    (await log.lines({ limit: 10, ...query })).map(({ line }) => line);
  expect(await lines({})).toEqual([1, 2, 3, 4]);
  expect(await lines({ from })).toEqual([2, 3, 4]);
  expect(await lines({ from, to: from })).toEqual([2, 3]);
  expect(await lines({ contains: 'TWO' })).toEqual([2]);
  expect(await lines({ limit: 1 })).toEqual([4]);
  expect(log).toMatchObject({ ...about, truncated: false });
});

it('keeps secrets that somebody logged', async () => {
  const log = await read(
    'password=hunter2-hunter2\nAUTHORIZATION: Bearer abcdefghij\nSHOP_TOKEN: required\n',
  );
  expect((await log.lines({ limit: 10 })).map(({ text }) => text)).toEqual([
    'password=[redacted]',
    'AUTHORIZATION: Bearer [redacted]',
    'SHOP_TOKEN: required',
  ]);
});

it('lets no word behind a secret give it away', async () => {
  const log = await read('{"token":"s3cr3t-s3cr3t","status":"invalid"}\ntoken=s3cr3t-s3cr3t,required=true\n');
  for (const { text } of await log.lines({ limit: 10 })) expect(text).not.toContain('s3cr3t');
});

it('is done with a line of any length, whatever stands in it', async () => {
  // By the square of its length it would take minutes.
  const text = 'token=,'.repeat(100_000);
  const log = await read(text);
  expect(await log.lines({ limit: 10 })).toMatchObject([{ line: 1, text }]);
});

it('says what it could not read', async () => {
  const path = join(written(''), 'nowhere');
  expect(await fileLog(path, { ...about, now })).toEqual({
    missing: { source: 'log:shop', entity: 'unit:shop', why: `${path}: ENOTDIR` },
  });
});

it('reads no more of a long file than its end, and says so', async () => {
  const text = Array.from({ length: 100 }, (_, n) => `2026-11-21T10:00:00Z line ${n}\n`).join('');
  const log = await read(text, 100);
  const lines = await log.lines({ limit: 10 });
  expect(log.truncated).toBe(true);
  expect(lines.map(({ text: line }) => line.slice(21))).toEqual(['line 97', 'line 98', 'line 99']);
});

it('waits for nobody who writes into a pipe, and reads no folder', async () => {
  expect(await fileLog(tmpdir(), { ...about, now })).toMatchObject({ missing: { source: 'log:shop' } });
  expect(await fileLog('/dev/zero', { ...about, now })).toMatchObject({
    missing: { why: '/dev/zero: it is no file' },
  });
});
