import { expect, it } from 'vitest';
import { usageFacts } from './plugin-usage.ts';

const none = { logLines: 0, logBytes: 0, dropped: 0, calls: 0, errors: 0, crashes: 0, restarts: 0 };

it('says of a guest what its processes used, and where its pages are', () => {
  const eventLoopDelayMs = { p50: 0.4, p99: 12.4, max: 812 };
  const counts = {
    ...none,
    logLines: 1,
    logBytes: 4_200,
    dropped: 3,
    calls: 9,
    errors: 2,
    crashes: 1,
    restarts: 2,
  };
  const usage = { cpuMs: 1_500, loopMs: null, residentMb: 63.6, eventLoopDelayMs, ...counts };
  expect(usageFacts({ usage, urls: ['http://127.0.0.1:1/plugins/tide'] })).toEqual([
    ['pages', 'http://127.0.0.1:1/plugins/tide'],
    ['calls', '9, 2 failed'],
    ['processor', '1.5 s'],
    ['memory', '64 MB resident'],
    ['its loop late', 'p50 0.4 ms, p99 12 ms, longest 812 ms'],
    ['log', '1 line, 4.2 kB, 3 dropped'],
    ['process', '1 crash, started again 2 times'],
  ]);
});

it('says of what cannot be known that it is not', () => {
  const guest = { cpuMs: null, loopMs: null, residentMb: null, eventLoopDelayMs: null, ...none };
  expect(Object.fromEntries(usageFacts({ usage: guest, urls: [] }))).toMatchObject({
    memory: 'no process now',
    'its loop late': 'not measured yet',
  });
  const shared = { ...guest, loopMs: 5, eventLoopDelayMs: { p50: 1, p99: 2, max: 2 } };
  const facts = Object.fromEntries(usageFacts({ usage: shared, urls: [] }));
  expect(facts).toMatchObject({
    processor: 'shares the runtime’s',
    memory: 'shares the runtime’s',
    'held the loop': '5.0 ms in all; each call p50 1.0 ms, p99 2.0 ms, longest 2.0 ms',
  });
  expect(facts).not.toHaveProperty('process');
  expect(usageFacts({ usage: null, urls: [] })).toEqual([]);
});
