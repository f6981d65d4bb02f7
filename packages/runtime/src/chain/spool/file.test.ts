import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from '../../home/testing/folder.ts';
import { SpoolFile } from './file.ts';
import type { SpoolLine } from './file.ts';

const megabyte = 1_024 * 1_024;

function lineOf(n: number, body = `{"n":${n}}`): SpoolLine {
  const id = `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  return {
    id,
    type: 'test.rang',
    version: 1,
    actor: 'kora',
    session: id,
    correlation: null,
    causation: null,
    ticket: null,
    fence: null,
    body,
    at: '2026-01-01T00:00:00.000Z',
    since: 0,
    tried: false,
  };
}

async function opened(path: string, maxBytes = megabyte): Promise<SpoolFile> {
  const file = await SpoolFile.open(path, maxBytes);
  onTestFinished(() => file.close());
  return file;
}

test('there is a file, private to its owner, only while something waits', async () => {
  const path = join(testFolder(), 'deep', 'spool.ndjson');
  const file = await opened(path);
  expect(existsSync(path)).toBe(false);
  await file.add([lineOf(1)]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await opened(path)).lines).toEqual([lineOf(1)]);
  await file.clear();
  expect(existsSync(path)).toBe(false);
  await file.add([lineOf(2)]);
  expect((await opened(path)).lines).toEqual([lineOf(2)]);
});

test('law: wherever a crash tears the file, the whole lines before it are there, and more can follow', async () => {
  const folder = testFolder();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { maxLength: 4 }), fc.nat(), async (bodies, cut) => {
      const path = join(folder, `${String(cut)}-${bodies.length}.ndjson`);
      const lines = bodies.map((body, n) => lineOf(n, body));
      const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
      const torn = bytes.subarray(0, cut % (bytes.length + 1));
      writeFileSync(path, torn);
      const file = await SpoolFile.open(path, megabyte);
      const whole = torn.toString('latin1').split('\n').length - 1;
      expect(file.lines).toEqual(lines.slice(0, whole));
      await file.add([lineOf(9)]);
      await file.close();
      const again = await SpoolFile.open(path, megabyte);
      expect(again.lines).toEqual([...lines.slice(0, whole), lineOf(9)]);
      await again.clear();
    }),
    { numRuns: 50 },
  );
});

test('a line inside that is none of ours is named, and the file is left alone', async () => {
  const path = join(testFolder(), 'spool.ndjson');
  writeFileSync(path, `${JSON.stringify(lineOf(1))}\n`);
  appendFileSync(path, '{"what":1}\n');
  const before = readFileSync(path, 'utf8');
  await expect(SpoolFile.open(path, megabyte)).rejects.toMatchObject({
    code: 'KORA_HOME_UNREADABLE',
    details: { file: path, line: 2 },
  });
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test('past its limit it takes nothing, not even half, and what it had stays', async () => {
  const path = join(testFolder(), 'spool.ndjson');
  const file = await opened(path, 500);
  await file.add([lineOf(1)]);
  await expect(file.add([lineOf(2), lineOf(3)])).rejects.toMatchObject({ code: 'KORA_SPOOL_FULL' });
  expect((await opened(path)).lines).toEqual([lineOf(1)]);
});

test('what the store refuses is kept under another name', async () => {
  const path = join(testFolder(), 'spool.ndjson');
  const file = await opened(path);
  await file.add([lineOf(1)]);
  const aside = await file.setAside(7);
  expect(existsSync(path)).toBe(false);
  expect(readFileSync(aside, 'utf8')).toBe(`${JSON.stringify(lineOf(1))}\n`);
  expect(file.lines).toEqual([]);
});
