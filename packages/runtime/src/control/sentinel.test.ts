import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSentinel, writeSentinel } from './sentinel.ts';
import type { SentinelLevel } from './sentinel.ts';

let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kora-sentinel-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

const lay = (level: SentinelLevel, minute: number) =>
  writeSentinel(home, {
    level,
    reason: `for ${minute}`,
    by: 'operator',
    at: `2026-11-21T12:0${minute}:00.000Z`,
  });

test('a milder stop leaves the stricter one in force, with its time, and is a stop of its own all the same', () => {
  const strict = lay(4, 1);
  const milder = lay(1, 2);
  expect(milder).toMatchObject({ level: 4, at: strict.at, reason: strict.reason });
  // The stricter one may have been ended by a reset elsewhere: this one must not be taken for it.
  expect(milder.digest).not.toBe(strict.digest);
  expect(readSentinel(home)).toEqual(milder);
});

test('a stricter stop takes the place of a milder one, and a kill is always a new one', () => {
  lay(1, 1);
  expect(lay(3, 2)).toMatchObject({ level: 3, reason: 'for 2' });
  expect(lay(5, 3)).toMatchObject({ level: 5, reason: 'for 3' });
  expect(lay(4, 4)).toMatchObject({ level: 5, at: '2026-11-21T12:04:00.000Z' });
});
