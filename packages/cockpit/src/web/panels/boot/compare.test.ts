import { describe, expect, it } from 'vitest';
import { duration } from '../../kit/format.ts';
import { bootReport } from '../../stage/rows.ts';
import { blockingAt, comparedWith, gatePairs, type PastBoot, slowerWords, spokenOf } from './compare.ts';

function pastBoot(bootId: number, outcome: string): PastBoot {
  const { gates, phases, startedAt, elapsedMs } = bootReport();
  return {
    bootId,
    runtimeId: 'rt-1',
    startedAt,
    finishedAt: null,
    outcome,
    elapsedMs,
    version: '0.1.0',
    rerunOf: null,
    failedGate: null,
    detail: null,
    exitCode: null,
    gates,
    phases,
  };
}

describe('a boot beside another', () => {
  it('is that asked for, else the last good one before', () => {
    const history = [pastBoot(17, 'passed'), pastBoot(16, 'failed'), pastBoot(15, 'passed')];
    const current = { bootId: 17 };
    expect(comparedWith(history, current, '')?.bootId).toBe(15);
    expect(comparedWith(history, current, '16')?.bootId).toBe(16);
    expect(comparedWith([pastBoot(17, 'passed')], current, '')).toBeNull();
  });

  it('has every gate of both once, with what ended differently', () => {
    const [first, second, ...rest] = bootReport().gates;
    if (first === undefined || second === undefined) throw new Error('no gates');
    const now = [{ ...first, outcome: 'fail' as const, elapsedMs: first.elapsedMs + 40 }, ...rest];
    const pairs = gatePairs([first, second, ...rest], now);
    expect(pairs[0]).toMatchObject({ differs: true, slowerMs: 40 });
    expect(pairs.at(-1)).toMatchObject({ gateId: second.gateId, now: null, slowerMs: null });
    expect(pairs).toHaveLength(rest.length + 2);
    expect([slowerWords(40, duration), slowerWords(0.2, duration)]).toEqual(['+40 ms', 'same']);
  });

  it('says aloud what failed and how it ended, not what passed', () => {
    const [first, ...rest] = bootReport().gates;
    if (first === undefined) throw new Error('no gates');
    const gates = [{ ...first, title: 'Store', outcome: 'fail' as const }, ...rest];
    expect(spokenOf(bootReport({ outcome: 'running' }), 'v')).toBe('');
    expect(spokenOf(bootReport({ outcome: 'running', gates }), 'v')).toBe('Store: failed');
    expect(spokenOf(bootReport({ outcome: 'failed', gates }), 'Stopped')).toBe('Store: failed. Stopped');
  });
});

describe('the gate that a boot stopped at', () => {
  const [first] = bootReport().gates;
  const of = (
    outcome: 'paused' | 'failed' | 'passed',
    ...gates: ('pass' | 'fail' | 'not_reached')[]
  ): number =>
    blockingAt({
      ...bootReport(),
      outcome,
      gates: gates.flatMap((each) => (first === undefined ? [] : { ...first, outcome: each })),
    });

  it('is the first that pauses it, and the last asked of one that it ended', () => {
    expect(of('paused', 'pass', 'fail', 'pass', 'fail')).toBe(1);
    expect(of('failed', 'pass', 'fail', 'pass', 'fail', 'not_reached')).toBe(3);
    expect(of('passed', 'pass')).toBe(-1);
  });
});
