import { describe, expect, it } from 'vitest';
import { before, stageNow } from '../../stage/rows.ts';
import { tookMs } from './occurrence.ts';
import { failedLately, runCells, type TaskRuns } from './runs.ts';

type Run = TaskRuns['runs'][number];

function run(part: Partial<Run> = {}): Run {
  return {
    scheduledAt: before(60),
    startedAt: before(60),
    durationMs: 100,
    outcome: 'ok',
    error: null,
    ...part,
  };
}

describe('the last runs', () => {
  it('are cells that say in words what they are, as tall as they took long', () => {
    const [short, long, open] = runCells([
      run(),
      run({ startedAt: before(50), durationMs: 10_000, outcome: 'failed', error: 'refused' }),
      run({ startedAt: before(40), durationMs: null, outcome: 'running' }),
    ]);
    expect(short).toMatchObject({ tone: 'ready', height: 0.1 });
    expect(long?.text).toMatch(/^run \d\d:\d\d:\d\d failed after 10 s: refused$/);
    expect(long).toMatchObject({ tone: 'stopped', height: 1 });
    expect(open?.text).toMatch(/still running or never ended$/);
  });

  it('count as failed within a day and no longer', () => {
    const failed = { outcome: 'timeout' };
    const runs = [run(failed), run({ ...failed, startedAt: before(90_000) }), run()];
    expect(failedLately(runs, stageNow)).toBe(1);
  });

  it('took no time that nobody saw', () => {
    expect(tookMs({ startedAt: before(5), finishedAt: null })).toBeNull();
    expect(tookMs({ startedAt: before(5), finishedAt: before(2) })).toBe(3_000);
  });
});
