import { expect, it } from 'vitest';
import { headroomOf, retryAfterMs } from './limits.ts';

it.each([
  [{}, undefined],
  [{ 'anthropic-ratelimit-tokens-remaining': '20', 'anthropic-ratelimit-tokens-limit': '80' }, 0.25],
  [
    {
      'x-ratelimit-remaining-requests': '50',
      'x-ratelimit-limit-requests': '100',
      'X-RateLimit-Remaining-Tokens': '1',
      'X-RateLimit-Limit-Tokens': '100',
    },
    0.01,
  ],
  [{ 'x-ratelimit-remaining-tokens': '10' }, undefined],
  [{ 'x-ratelimit-remaining-tokens': 'many', 'x-ratelimit-limit-tokens': '10' }, undefined],
  [{ 'x-ratelimit-remaining-tokens': '-3', 'x-ratelimit-limit-tokens': '10' }, 0],
])('of %j the scarcest is told', (headers: Record<string, string>, left) => {
  expect(headroomOf(headers)).toBe(left);
});

const now = Date.parse('2026-11-22T03:00:00Z');

it.each([
  [{ 'retry-after': '7' }, 7_000],
  [{ 'Retry-After': 'Sun, 22 Nov 2026 03:00:30 GMT' }, 30_000],
  [{ 'retry-after': 'Sun, 22 Nov 2026 02:00:00 GMT' }, 0],
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': '' }, undefined],
  [{}, undefined],
])('%j asks for %s ms', (headers: Record<string, string>, ms) => {
  expect(retryAfterMs(headers, now)).toBe(ms);
});
