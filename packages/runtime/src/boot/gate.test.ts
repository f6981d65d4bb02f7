import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { runGates } from './index.ts';
import type { Gate, GateClass, GateReport, Verdict } from './index.ts';

type Answer = 'yes' | 'no' | 'away' | 'hang';

/** A gate that gives these answers one after the other; the last one for good. */
function gate(gateId: string, gateClass: GateClass, ...answers: readonly Answer[]): Gate & { asked: number } {
  const made = {
    gateId,
    title: gateId,
    gateClass,
    deadlineMs: 1_000,
    asked: 0,
    run: (): Promise<string> => {
      const answer = answers[Math.min(made.asked, answers.length - 1)];
      made.asked += 1;
      if (answer === 'yes') return Promise.resolve('all is well');
      if (answer === 'hang') return new Promise(() => undefined);
      if (answer === 'no') return Promise.reject(fault('KORA_BOOT_FAILED', 'no', { fix: 'mend it' }));
      return Promise.reject(fault('KORA_STORE_UNREACHABLE', 'away'));
    },
  };
  return made;
}

interface Run {
  readonly clock: FakeClock;
  readonly stop: AbortController;
  readonly reports: GateReport[];
  readonly retries: GateReport[];
  verdict: Verdict | undefined;
}

function run(gates: readonly Gate[], once = false): Run {
  const clock = new FakeClock();
  const stop = new AbortController();
  const started: Run = { clock, stop, reports: [], retries: [], verdict: undefined };
  void runGates(gates, {
    clock,
    signal: stop.signal,
    onReport: (report) => started.reports.push(report),
    onRetry: (report) => started.retries.push(report),
    once,
  }).then((verdict) => (started.verdict = verdict));
  return started;
}

test('gates that say yes pass the boot, in their order, each asked once', async () => {
  const started = run([
    gate('a', 'invariant', 'yes'),
    gate('b', 'transient', 'yes'),
    gate('c', 'invariant_pause', 'yes'),
  ]);
  await started.clock.advance(0);
  expect(started.verdict).toEqual({ outcome: 'passed' });
  expect(started.reports.map(({ gateId, attempts, detail }) => `${gateId} ${attempts} ${detail}`)).toEqual([
    'a 1 all is well',
    'b 1 all is well',
    'c 1 all is well',
  ]);
  expect(started.clock.sleeping).toBe(0);
});

test('one no of an invariant gate ends the boot at once, and later gates are not reached', async () => {
  const later = gate('later', 'transient', 'yes');
  const started = run([gate('first', 'invariant', 'no', 'yes'), later]);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({
    outcome: 'failed',
    gate: { gateId: 'first', outcome: 'fail', attempts: 1, detail: 'no', fix: 'mend it' },
  });
  expect(later.asked).toBe(0);
  expect(started.retries).toEqual([]);
});

test('a transient gate is tried five times, after 2, 4, 8 and 16 seconds', async () => {
  const never = gate('tokens', 'transient', 'no');
  const started = run([never]);
  const asked: number[] = [];
  for (const ms of [0, 1_999, 1, 3_999, 1, 7_999, 1, 15_999, 1]) {
    await started.clock.advance(ms);
    asked.push(never.asked);
  }
  expect(asked).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5]);
  expect(started.verdict).toMatchObject({ outcome: 'failed', gate: { attempts: 5, elapsedMs: 30_000 } });
  expect(started.retries).toHaveLength(4);
});

test('a transient gate that says yes in the end passes', async () => {
  const started = run([gate('tokens', 'transient', 'no', 'no', 'yes')]);
  await started.clock.advance(6_000);
  expect(started.verdict).toEqual({ outcome: 'passed' });
  expect(started.reports.map(({ outcome }) => outcome)).toEqual(['fail', 'fail', 'pass']);
});

test('a no of a pausing gate pauses, and the gates after it run', async () => {
  const later = gate('later', 'invariant', 'yes');
  const started = run([gate('head', 'invariant_pause', 'no'), later]);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ outcome: 'paused', gates: [{ gateId: 'head', attempts: 1 }] });
  expect(later.asked).toBe(1);
});

test('all pausing gates that said no are named', async () => {
  const started = run([gate('epoch', 'invariant_pause', 'no'), gate('head', 'invariant_pause', 'no')]);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ gates: [{ gateId: 'epoch' }, { gateId: 'head' }] });
});

test('a definite no after a pausing one still ends the boot', async () => {
  const started = run([gate('head', 'invariant_pause', 'no'), gate('actor', 'invariant', 'no')]);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ outcome: 'failed', gate: { gateId: 'actor' } });
});

test.each<GateClass>(['invariant', 'invariant_pause', 'transient'])(
  'a store that is away is waited for without end, and decides nothing: %s',
  async (gateClass) => {
    const started = run([gate('a', gateClass, ...Array.from({ length: 100 }, () => 'away' as const), 'yes')]);
    await started.clock.advance(150_000);
    expect(started.verdict).toBeUndefined();
    expect(started.reports.at(-1)).toMatchObject({ outcome: 'unavailable', detail: 'away' });
    await started.clock.advance(100_000);
    expect(started.verdict).toEqual({ outcome: 'passed' });
  },
);

test('a store that was away spends none of a transient gate’s tries', async () => {
  const flaky = gate('a', 'transient', 'away', 'away', 'away', 'no', 'away', 'no', 'no', 'no', 'yes');
  const started = run([flaky]);
  await started.clock.advance(60_000);
  expect(started.verdict).toEqual({ outcome: 'passed' });
  expect(flaky.asked).toBe(9);
});

test('a gate that hangs is cut off at its deadline, which is a no', async () => {
  const started = run([gate('slow', 'invariant', 'hang')]);
  await started.clock.advance(999);
  expect(started.verdict).toBeUndefined();
  await started.clock.advance(1);
  expect(started.verdict).toMatchObject({
    outcome: 'failed',
    gate: { detail: 'gate slow did not finish within 1000 ms' },
  });
});

test.each<[GateClass, Answer]>([
  ['transient', 'no'],
  ['invariant', 'away'],
])('asked once only, nothing is tried again: %s, %s', async (gateClass, answer) => {
  const asked = gate('a', gateClass, answer);
  const started = run([asked], true);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ outcome: 'failed' });
  expect(asked.asked).toBe(1);
  expect(started.clock.sleeping).toBe(0);
});

test('a boot that is interrupted while it waits ends, and leaves no timer', async () => {
  const started = run([gate('a', 'transient', 'away')]);
  await started.clock.advance(0);
  started.stop.abort();
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ outcome: 'failed', gate: { outcome: 'unavailable' } });
  expect(started.clock.sleeping).toBe(0);
});
