import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import type { FixEnvelope } from './contract.ts';
import type { Fixes } from './index.ts';
import { fixBench, grantedBench } from './testing/bench.ts';
import type { FixBench } from './testing/bench.ts';
import { restart } from './testing/world.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const granted = (over: Parameters<typeof grantedBench>[1] = {}): Promise<FixBench> =>
  grantedBench(database, over);

describe('bounds', () => {
  test('a target has so many attempts an hour, whoever asks, and one at a time (daemon defect W24)', async () => {
    const bench = await granted();
    for (let n = 0; n < 2; n += 1) {
      bench.world.down.add('a');
      expect(await bench.attempt({ askedBy: `asker-${n}` })).toMatchObject({ outcome: 'mended' });
    }
    bench.world.down.add('a');
    expect(await bench.attempt()).toMatchObject({
      outcome: 'rejected',
      code: 'limit_reached',
      detail: expect.stringMatching(
        /^unit:a had 2 of 2 attempts in the last hour; there is room again at \d{4}-.*Z$/,
      ),
    });
    await bench.older(61);
    expect(await bench.attempt()).toMatchObject({ outcome: 'mended' });
    expect(bench.world.deeds).toHaveLength(3);
  });

  test('two that want the same target at once: one begins, and each has its own key (daemon defect W24)', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const keys: string[] = [];
    const bench = await granted({
      timeoutMs: 300_000,
      execute: async (_target, { key }) => {
        keys.push(key);
        await gate;
        bench.world.down.clear();
      },
    });
    const first = bench.attempt();
    await expect.poll(() => keys).toHaveLength(1);
    expect(await bench.attempt()).toMatchObject({ outcome: 'rejected', code: 'target_busy' });
    open();
    expect(await first).toMatchObject({ outcome: 'mended' });
    bench.world.down.add('a');
    expect(await bench.attempt()).toMatchObject({ outcome: 'mended' });
    expect(new Set(keys).size).toBe(2);
  });

  test('without a grant nothing is done by itself: the operator is asked (daemon defect W24)', async () => {
    const bench = await fixBench(database);
    bench.envelope();
    const attempt = await bench.attempt();
    expect(attempt).toMatchObject({ status: 'waiting', outcome: null });
    expect(bench.world.deeds).toEqual([]);
    expect(await bench.messages()).toMatchObject([
      { title: expect.stringContaining('may probes use fix:restart_unit?') },
    ]);
  });
});

test('a dry run says what would come of it and leaves nothing behind', async () => {
  const bench = await granted();
  expect(await bench.rehearse()).toMatchObject({
    verdict: 'would_run',
    target: 'unit:a',
    incidentId: 7,
    before: { active: false },
  });
  const asking = await granted({ mode: 'approve' });
  expect(await asking.rehearse()).toMatchObject({ verdict: 'would_ask' });
  expect(await asking.rehearse({ target: 'unit:z' })).toMatchObject({
    verdict: 'refused',
    code: 'target_not_in_snapshot',
  });
  asking.move({ stopLevel: 2 });
  expect(await asking.rehearse()).toMatchObject({ verdict: 'refused', code: 'stop_l2' });
  for (const each of [bench, asking]) {
    expect([await each.attempts(), await each.told(), await each.messages(), each.world.deeds]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  }
});

describe('more than one runtime', () => {
  /** A bench and another runtime of its workspace, whose looks name the same unit; each deed waits for the gate. */
  async function two(): Promise<{ bench: FixBench; rival: Fixes; open: () => void; begun: string[] }> {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const bench = await granted();
    onTestFinished(() => open());
    const begun: string[] = [];
    const slow = (who: string): FixEnvelope => ({
      ...restart(bench.world),
      timeoutMs: 300_000,
      execute: async () => {
        begun.push(who);
        await gate;
        bench.world.down.clear();
      },
    });
    bench.fixes.register({ ...slow('one'), fixName: 'slow' }, 'probes');
    const rival = await bench.rival();
    rival.register({ ...slow('two'), fixName: 'slow' }, 'probes');
    return { bench, rival, open, begun };
  }
  const wish = { probe: 'shop', fix: 'slow', askedBy: 'operator', reason: 'it is down' };

  test('two that want the same target at once: one does, the other says that somebody is at it', async () => {
    const { bench, rival, open, begun } = await two();
    const both = [bench.fixes.attempt({ ...wish, key: 'one' }, 0), rival.attempt({ ...wish, key: 'two' }, 0)];
    const ended = await bench.driven(Promise.all(both));
    expect(ended.map(({ status, code }) => code ?? status).sort()).toEqual(['running', 'target_busy']);
    await expect.poll(() => begun).toHaveLength(1);
    open();
    const winner = ended.find(({ status }) => status === 'running');
    expect(await bench.ended(winner?.attemptId ?? 0)).toMatchObject({ outcome: 'mended' });
    expect(begun).toHaveLength(1);
    expect((await bench.told()).map(({ outcome }) => outcome)).toEqual(
      expect.arrayContaining(['mended', 'rejected']),
    );
  });

  test('two that hear the same wake make one attempt', async () => {
    const { bench, rival, open, begun } = await two();
    const same = { ...wish, key: 'wake:wake-7:slow', askedBy: 'wake' };
    const ended = await bench.driven(Promise.all([bench.fixes.attempt(same, 0), rival.attempt(same, 0)]));
    open();
    expect(new Set(ended.map(({ attemptId }) => attemptId)).size).toBe(1);
    await bench.ended(ended[0].attemptId);
    expect(begun).toHaveLength(1);
  });

  test('what a runtime that never came back had begun is unknown after two hours, and frees its target', async () => {
    const { bench, rival, begun } = await two();
    const lost = await bench.driven(rival.attempt({ ...wish, key: 'lost' }, 0));
    await expect.poll(() => begun).toEqual(['two']);
    expect(await bench.attempt()).toMatchObject({ code: 'target_busy' });
    await bench.older(121);
    expect(await bench.attempt()).toMatchObject({ outcome: 'mended' });
    expect(await bench.ended(lost.attemptId)).toMatchObject({ outcome: 'unknown', code: 'runtime_ended' });
    expect(begun).toEqual(['two']);
  });

  test('what this runtime began without hearing that it did frees its target too', async () => {
    const { bench } = await two();
    const { attemptId } = await bench.attempt();
    await bench.database.query(
      `insert into kora.fix_attempt (workspace_id, key, runtime_id, probe, fix, plugin, capability, mode, target, asked_by,
         reason, status, began_at)
       select workspace_id, 'unheard', runtime_id, probe, fix, plugin, capability, mode, target, asked_by, reason, 'running',
         clock_timestamp() - interval '3 hours' from kora.fix_attempt where attempt_id = $1`,
      [attemptId],
    );
    bench.world.down.add('a');
    expect(await bench.attempt()).toMatchObject({ outcome: 'mended' });
    expect((await bench.attempts()).find(({ key }) => key === 'unheard')).toMatchObject({
      outcome: 'unknown',
    });
  });
});
