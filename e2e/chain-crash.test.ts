import { describe, expect, test } from 'vitest';
import { judgeAppends } from '../chaos/append/judge.ts';
import { planted } from '../chaos/append/running.ts';
import { appendStorm } from '../chaos/append/storm.ts';
import { powerCuts } from '../chaos/power/cuts.ts';

const seed = 20_261_121;

// The long form is `node --conditions=@kora/source chaos/kill-appender.ts embedded 200`.
describe.each([
  // The third takes the server along.
  { store: 'embedded', kills: 3 },
  { store: 'pglite', kills: 2 },
] as const)('a runtime killed $kills times on $store', ({ store, kills }) => {
  test('loses nothing that was acknowledged, repeats nothing, and its readers saw each event once', async () => {
    const facts = await appendStorm({ store, kills, seed, serverDiesEach: 3 });
    expect(facts.acknowledged.length).toBeGreaterThan(0);
    expect(facts.seen.length).toBeGreaterThan(0);
    expect(judgeAppends(facts)).toEqual([]);
  }, 240_000);
});

test.each(planted)(
  'the judge finds a runtime whose events are %s',
  async (bug) => {
    const facts = await appendStorm({ store: 'embedded', kills: 2, seed, planted: bug });
    expect(judgeAppends(facts)).not.toEqual([]);
  },
  240_000,
);

// The long form is `node --conditions=@kora/source chaos/power-cut.ts embedded 20`.
describe.each(['embedded', 'pglite'] as const)(
  'a power cut on %s, on a disk that forgets what was not flushed',
  (store) => {
    test('takes nothing that was acknowledged', async () => {
      const facts = await powerCuts({ store, cuts: 1, seed, unflushed: false });
      expect(facts.acknowledged.length).toBeGreaterThan(0);
      expect(judgeAppends(facts)).toEqual([]);
    }, 240_000);

    test('would be found out by the judge if the store did not flush', async () => {
      const facts = await powerCuts({ store, cuts: 1, seed, unflushed: true });
      expect(judgeAppends(facts)).not.toEqual([]);
    }, 240_000);
  },
);
