import { expect, test } from 'vitest';
import { FakeClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import fc from 'fast-check';
import type { GateAnswer } from './gate.ts';
import { budgetMs, gateFacts, runGates } from './index.ts';
import type { Gate, GateClass, GateReport, RunGates, Verdict } from './index.ts';

type Answer = 'yes' | 'no' | 'broken' | 'away' | 'hang' | 'outside';

/** A gate that gives these answers one after the other; the last one for good. */
function gate(gateId: string, gateClass: GateClass, ...answers: readonly Answer[]): Gate & { asked: number } {
  const made = {
    gateId,
    title: gateId,
    gateClass,
    deadlineMs: 1_000,
    asked: 0,
    reason: 'dispatch' as const,
    run: (): Promise<string | GateAnswer> => {
      const answer = answers[Math.min(made.asked, answers.length - 1)];
      made.asked += 1;
      if (answer === 'yes') return Promise.resolve('all is well');
      if (answer === 'hang') return new Promise(() => undefined);
      if (answer === 'no') return Promise.resolve({ outcome: 'fail', detail: 'no', fix: 'mend it' });
      if (answer === 'outside')
        return Promise.resolve({ outcome: 'unavailable', detail: 'the service is silent' });
      if (answer === 'broken') return Promise.reject(new Error('it broke'));
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

function run(gates: readonly Gate[], over: Partial<RunGates> = {}): Run {
  const clock = new FakeClock();
  const stop = new AbortController();
  const started: Run = { clock, stop, reports: [], retries: [], verdict: undefined };
  void runGates(gates, {
    clock,
    signal: stop.signal,
    onReport: (report) => started.reports.push(report),
    onRetry: (report) => started.retries.push(report),
    ...over,
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
  const started = run([asked], { once: true });
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

/** What must come of each answer, by class: the outcome of the boot, its error (and with it the exit code), and the tries. */
const matrix: readonly [GateClass, Answer, Verdict['outcome'], string | undefined, number][] = [
  ['transient', 'yes', 'passed', undefined, 1],
  ['transient', 'no', 'failed', 'KORA_BOOT_EXHAUSTED', 5],
  ['transient', 'broken', 'failed', 'KORA_BOOT_EXHAUSTED', 5],
  ['transient', 'hang', 'failed', 'KORA_BOOT_EXHAUSTED', 5],
  ['transient', 'outside', 'passed', undefined, 1],
  ['invariant', 'yes', 'passed', undefined, 1],
  ['invariant', 'no', 'failed', 'KORA_BOOT_FAILED', 1],
  ['invariant', 'broken', 'failed', 'KORA_BOOT_FAILED', 1],
  ['invariant', 'hang', 'failed', 'KORA_BOOT_FAILED', 1],
  ['invariant', 'outside', 'passed', undefined, 1],
  ['invariant_pause', 'yes', 'passed', undefined, 1],
  ['invariant_pause', 'no', 'paused', undefined, 1],
  ['invariant_pause', 'broken', 'failed', 'KORA_BOOT_EXHAUSTED', 5],
  ['invariant_pause', 'hang', 'failed', 'KORA_BOOT_EXHAUSTED', 5],
  ['invariant_pause', 'outside', 'passed', undefined, 1],
];

test.each(matrix)('%s, %s: %s %s after %i', async (gateClass, answer, outcome, code, tries) => {
  const asked = gate('a', gateClass, answer);
  const started = run([asked]);
  await started.clock.advance(3_600_000);
  expect(started.verdict).toMatchObject({ outcome, ...(code === undefined ? {} : { code }) });
  expect(asked.asked).toBe(tries);
  expect(started.clock.sleeping).toBe(0);
});

test('an epoch that cannot be read is no mismatch: it is looked at again, and no hold is asked for (defect 15)', async () => {
  const held: string[] = [];
  const onPause = (report: GateReport): Promise<void> => {
    held.push(report.gateId);
    return Promise.resolve();
  };
  const started = run([gate('3b_epoch', 'invariant_pause', 'broken', 'broken', 'yes')], { onPause });
  await started.clock.advance(6_000);
  expect(started.verdict).toEqual({ outcome: 'passed' });
  expect(started.reports.at(-1)).toMatchObject({ outcome: 'pass', attempts: 3, trouble: 'it broke' });
  expect(held).toEqual([]);
});

test('a pausing no asks for its hold before the next gate runs', async () => {
  const order: string[] = [];
  const next = {
    ...gate('next', 'invariant', 'yes'),
    run: () => Promise.resolve(String(order.push('next'))),
  };
  const onPause = async (report: GateReport): Promise<void> => {
    await Promise.resolve();
    order.push(report.gateId);
  };
  const started = run([gate('head', 'invariant_pause', 'no'), next], { onPause });
  await started.clock.advance(0);
  expect(order).toEqual(['head', 'next']);
});

test('trouble degrades by the reason of the gate, and a store that is away by `substrate`', async () => {
  const started = run([gate('a', 'transient', 'no', 'away', 'yes'), gate('b', 'transient', 'outside')]);
  await started.clock.advance(10_000);
  expect(started.reports.map(({ gateId, outcome, degradation }) => [gateId, outcome, degradation])).toEqual([
    ['a', 'fail', 'dispatch'],
    ['a', 'unavailable', 'substrate'],
    ['a', 'pass', undefined],
    ['b', 'pass', 'dispatch'],
  ]);
});

test.each<GateClass>(['transient', 'invariant', 'invariant_pause'])(
  'a gate that hangs because the store does has said nothing: %s',
  async (gateClass) => {
    const storeAnswers = (): Promise<void> => new Promise(() => undefined);
    const started = run([gate('a', gateClass, 'hang')], { storeAnswers });
    await started.clock.advance(600_000);
    expect(started.verdict).toBeUndefined();
    expect(started.reports.at(-1)).toMatchObject({
      outcome: 'unavailable',
      detail: 'gate a did not finish within 1000 ms, and the store does not answer',
    });
    started.stop.abort();
    await started.clock.advance(0);
  },
);

test('a newer schema keeps its own error, and so its exit code', async () => {
  const newer = {
    ...gate('3_schema_version', 'invariant'),
    run: () => Promise.reject(fault('KORA_SCHEMA_NEWER', 'a newer build was here')),
  };
  const started = run([newer]);
  await started.clock.advance(0);
  expect(started.verdict).toMatchObject({ outcome: 'failed', code: 'KORA_SCHEMA_NEWER' });
});

test('whatever the gates do while the store answers, the boot ends within the declared total (defect 12)', async () => {
  const facts = fc.record({
    gateClass: fc.constantFrom<GateClass>('transient', 'invariant', 'invariant_pause'),
    deadlineMs: fc.integer({ min: 1, max: 60_000 }),
    answers: fc.array(fc.constantFrom<Answer>('yes', 'no', 'broken', 'hang', 'outside'), {
      minLength: 1,
      maxLength: 6,
    }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(facts, { minLength: 1, maxLength: 6 }), async (rows) => {
      const gates = rows.map(({ gateClass, deadlineMs, answers }, at) => ({
        ...gate(String(at), gateClass, ...answers),
        deadlineMs,
      }));
      const started = run(gates, { storeAnswers: () => Promise.resolve() });
      await started.clock.advance(budgetMs(gates));
      expect(started.verdict).toBeDefined();
    }),
    { numRuns: 60 },
  );
});

test('the declared total is the sum of every try, every look at the store and every wait (defect 12)', async () => {
  const slow = [
    gate('a', 'transient', 'hang', 'hang', 'hang', 'hang', 'yes'),
    gate('b', 'invariant', 'yes'),
    gate('c', 'invariant_pause', 'hang', 'hang', 'hang', 'hang', 'hang'),
  ];
  expect(budgetMs(slow)).toBe(5 * 3_000 + 30_000 + 3_000 + 5 * 3_000 + 30_000);
  const sum = gateFacts.reduce((total, { gateClass, deadlineMs }) => {
    const tries = gateClass === 'invariant' ? 1 : 5;
    return total + tries * (deadlineMs + 2_000) + (tries - 1 > 0 ? 2_000 + 4_000 + 8_000 + 16_000 : 0);
  }, 0);
  expect(budgetMs(gateFacts)).toBe(sum);
});
