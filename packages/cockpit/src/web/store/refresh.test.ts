import { describe, expect, it } from 'vitest';
import { createRefresher, refreshEveryMs } from './refresh.ts';
import { createTime } from './testing/time.ts';

function stage(load: (name: string, nth: number) => Promise<boolean> | boolean = () => true) {
  const time = createTime();
  const reads: { name: string; at: number }[] = [];
  const refresher = createRefresher<string>({
    now: () => time.now(),
    after: (ms, run) => time.after(ms, run),
    load: async (name) => load(name, reads.push({ name, at: time.now() })),
  });
  return { time, reads, refresher };
}

describe('the refresher', () => {
  it('reads at once after the first event, and at most four times a second in a burst', async () => {
    const { time, reads, refresher } = stage();
    for (let ms = 0; ms < 2_000; ms += 10) {
      refresher.stir('tickets');
      await time.pass(10);
    }
    await time.pass(1_000);
    expect(reads[0]?.at).toBe(0);
    expect(reads.length).toBeLessThanOrEqual(1 + 2_000 / refreshEveryMs);
    const gaps = reads.slice(1).map((read, index) => read.at - (reads[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(refreshEveryMs);
  });

  it('reads once more when an event comes while it reads, so that the last event is always seen', async () => {
    const answers: ((ok: boolean) => void)[] = [];
    const { time, reads, refresher } = stage(() => new Promise((resolve) => answers.push(resolve)));
    refresher.stir('probes');
    await time.pass(0);
    refresher.stir('probes');
    refresher.stir('probes');
    await time.pass(5_000);
    expect(reads).toHaveLength(1);
    answers[0]?.(true);
    await time.pass(refreshEveryMs);
    expect(reads).toHaveLength(2);
  });

  it('goes on owing what could not be read', async () => {
    const { time, reads, refresher } = stage((_, nth) => nth > 1);
    refresher.stir('boot');
    await time.pass(1_000);
    refresher.retry();
    await time.pass(1_000);
    refresher.retry();
    await time.pass(1_000);
    expect(reads).toHaveLength(2);
  });

  it('keeps lists apart and reads nothing after it was closed', async () => {
    const { time, reads, refresher } = stage();
    refresher.stir('a');
    refresher.stir('b');
    await time.pass(0);
    expect(reads.map((read) => read.name)).toEqual(['a', 'b']);
    refresher.stir('a');
    refresher.close();
    await time.pass(1_000);
    expect(reads).toHaveLength(2);
  });
});
