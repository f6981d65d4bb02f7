import { expect, it } from 'vitest';
import { Sequence } from './sequence.ts';

function after(cases: string): Sequence['verdict'] {
  const sequence = new Sequence({ fine: 0.02, bad: 0.2 });
  for (const one of cases) sequence.see(one === 'x');
  return sequence.verdict;
}

it.each([
  ['', 'unclear'],
  ['xx', 'worse'],
  ['.x.x', 'unclear'],
  ['.x.xx', 'worse'],
  ['.'.repeat(14), 'unclear'],
  ['.'.repeat(15), 'sound'],
  [`${'.'.repeat(200)}x${'.'.repeat(50)}`, 'sound'],
  [`${'.'.repeat(200)}xxxx`, 'worse'],
  [`xx${'.'.repeat(200)}`, 'worse'],
])('%s: %s', (cases, verdict) => {
  expect(after(cases)).toBe(verdict);
});
