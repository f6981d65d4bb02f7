import { beforeAll, describe, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import { fixBench } from './testing/bench.ts';
import type { FixBench } from './testing/bench.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const operator = { by: 'operator', reason: 'because' };

/** A bench whose plugin may restart by itself. */
async function granted(over: Parameters<FixBench['envelope']>[0] = {}): Promise<FixBench> {
  const bench = await fixBench(database);
  bench.envelope(over);
  await bench.capabilities.grant('cap_autofix', { kind: 'plugin', subject: 'probes', ...operator });
  return bench;
}

describe('approval', () => {
  async function waiting(): Promise<{ bench: FixBench; approvalId: number; attemptId: number }> {
    const bench = await granted({ mode: 'approve' });
    const { approvalId, attemptId, status } = await bench.attempt({ target: 'unit:a' });
    // The plugin has a grant, and is asked about all the same.
    expect([status, bench.world.deeds]).toEqual(['waiting', []]);
    return { bench, approvalId: approvalId ?? 0, attemptId };
  }

  test('the operator agrees, and it is done once; the question names the thing and why', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    const [question] = await bench.messages();
    expect(question?.title).toContain('may probe:shop use fix:restart_unit?');
    expect(question?.body).toContain('unit a (unit:a), incident 7. it is down');
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'mended', approvalId });
    expect(bench.world.deeds).toEqual(['restart unit:a']);
    expect((await bench.capabilities.approval(approvalId)).status).toBe('used');
  });

  test('refused, it is not done, and says so in the thread', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    await bench.capabilities.decide({ approvalId, verdict: 'refused', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected', code: 'approval_refused' });
    expect((await bench.messages()).at(-1)).toMatchObject({ thread: 'incident:7' });
    expect(bench.world.deeds).toEqual([]);
  });

  test('what has changed since the question is asked again before the deed: another unit is down now', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    bench.world.down.clear();
    bench.world.down.add('b');
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({
      outcome: 'rejected',
      code: 'target_not_in_snapshot',
    });
    expect(bench.world.deeds).toEqual([]);
  });

  test('an approval is for this incident and no later one', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    bench.world.incident = { incidentId: 8, wakeId: 'wake-8', status: 'open' };
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected', code: 'no_open_incident' });
  });

  test('a stop that came meanwhile is heard', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    bench.move({ stopLevel: 1 });
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected', code: 'stop_l1' });
    expect(bench.world.deeds).toEqual([]);
  });
});

describe('wakes and restarts', () => {
  test('an incident that opens has its fix tried once, however often it is told', async () => {
    const bench = await granted();
    const wake = { probe: 'shop', wakeId: 'wake-7', incidentId: 7 };
    await bench.driven(bench.fixes.woken(wake));
    await bench.driven(bench.fixes.woken(wake));
    const [attempt, ...others] = await bench.attempts();
    expect(others).toEqual([]);
    expect(await bench.ended(attempt?.attemptId ?? 0)).toMatchObject({ askedBy: 'wake', outcome: 'mended' });
    expect(bench.world.deeds).toHaveLength(1);
  });

  test('what was begun when the runtime ended is unknown, is told, and is not begun again', async () => {
    const bench = await granted({
      timeoutMs: 300_000,
      execute: (_target, { signal }) =>
        new Promise((_done, reject) => {
          signal.addEventListener('abort', () => reject(new Error('told to stop')));
        }),
    });
    const begun = await bench.driven(
      bench.fixes.attempt(
        { probe: 'shop', fix: 'restart_unit', key: 'wake:wake-7:restart_unit', askedBy: 'wake', reason: 'r' },
        0,
      ),
    );
    expect(begun.status).toBe('running');
    await bench.again();
    expect(await bench.attempts()).toMatchObject([{ outcome: 'unknown', code: 'runtime_ended' }]);
    expect((await bench.messages()).at(-1)?.title).toBe('🔧 Fix · shop: nobody knows whether it happened');
  });

  test('what waited for the operator waits on after a restart', async () => {
    const bench = await granted({ mode: 'approve' });
    const { approvalId, attemptId } = await bench.attempt();
    const fixes = await bench.again();
    await bench.capabilities.decide({ approvalId: approvalId ?? 0, verdict: 'refused', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected' });
    expect(await fixes.offers()).toEqual([]);
    expect(await bench.told()).toHaveLength(1);
  });
});
