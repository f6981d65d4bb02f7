import { expect, it } from 'vitest';
import { lineTime } from './line-time.ts';

const now = Date.parse('2026-01-02T00:00:00Z');

it.each([
  ['2026-11-21T10:02:10Z one', '2026-11-21T10:02:10Z'],
  ['2026-11-21 10:02:10,250 [main] one', '2026-11-21T10:02:10.250Z'],
  ['2026-11-21 10:02:10 UTC one', '2026-11-21T10:02:10Z'],
  ['2026-11-21T12:02:10+02:00 one', '2026-11-21T10:02:10Z'],
  ['2026/11/21 10:02:10 [error] 7#7: one', '2026-11-21T10:02:10Z'],
  ['10.0.0.9 - - [21/Nov/2026:11:02:10 +0100] "GET / HTTP/1.1" 200 12', '2026-11-21T10:02:10Z'],
  ['Jan  1 23:59:10 shop[7]: one', '2026-01-01T23:59:10Z'],
  ['Dec 31 23:59:10 shop[7]: one', '2025-12-31T23:59:10Z'],
  ['{"level":50,"time":1795255330250,"msg":"one"}', '2026-11-21T10:02:10.250Z'],
  ['{"ts":1795255330.25,"msg":"one"}', '2026-11-21T10:02:10.250Z'],
])('%s', (text, at) => {
  expect(lineTime(text, now)).toBe(Date.parse(at));
});

it.each([
  'plain words',
  '',
  '2026-99-99T10:02:10Z',
  'Foo 12 10:02:10 x',
  `${'x'.repeat(200)} 2026-11-21T10:02:10Z`,
])('%s says none', (text) => {
  expect(lineTime(text, now)).toBeNull();
});
