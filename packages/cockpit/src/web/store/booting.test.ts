import { expect, it } from 'vitest';
import { bootReport } from '../stage/rows.ts';
import { bootingNow } from './booting.ts';
import { staleAfterMs } from './link.ts';

const fault = { status: 0, code: 'PAGE_NO_ANSWER', message: '', hint: null };
const slice = (outcome: 'running' | 'passed', refusedAfter = false) => ({
  good: {
    data: { ...bootReport(), outcome },
    order: 5,
    receivedAt: 1_000,
    asOf: '',
    source: 'live',
    reason: null,
  } as const,
  bad: { fault, order: refusedAfter ? 6 : 4 },
});

it('is a boot that goes on, heard of lately, and not refused since', () => {
  expect(bootingNow(slice('running'), 1_000 + staleAfterMs - 1)?.outcome).toBe('running');
  expect(bootingNow(slice('running'), 1_000 + staleAfterMs)).toBeNull();
  expect(bootingNow(slice('running', true), 2_000)).toBeNull();
  expect(bootingNow(slice('passed'), 2_000)).toBeNull();
  expect(bootingNow({ good: null, bad: null }, 2_000)).toBeNull();
});
