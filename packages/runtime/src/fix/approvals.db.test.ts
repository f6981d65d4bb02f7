import { beforeAll, describe, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import { grantedBench, operator } from './testing/bench.ts';
import type { FixBench } from './testing/bench.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const granted = (over: Parameters<typeof grantedBench>[1] = {}): Promise<FixBench> =>
  grantedBench(database, over);

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

  test('a store that is away when the operator agrees loses nothing: it is done once it is back', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    bench.world.away = 3;
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'mended', approvalId });
    expect(bench.world.away).toBe(0);
    expect(bench.world.deeds).toEqual(['restart unit:a']);
    expect(bench.errors).toEqual([]);
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

  test('it is used up by one deed: the same again, and another of the same kind, are asked about anew', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    const mended = await bench.ended(attemptId);
    bench.world.down.add('a');
    const next = await bench.attempt({ target: 'unit:a' });
    expect(next.status).toBe('waiting');
    expect(next.approvalId).not.toBe(mended.approvalId);
    // Who says the same yes a second time has said it once.
    await bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator });
    expect(bench.world.deeds).toEqual(['restart unit:a']);
  });

  test('what it is about cannot be altered, nor its answer, nor its time', async () => {
    const { bench, approvalId } = await waiting();
    for (const change of [
      `arguments_hash = repeat('b', 64)`,
      `what = 'fix:erase'`,
      `caller = 'probes'`,
      `expires_at = expires_at + interval '1 day'`,
      `status = 'used'`,
      `status = 'approved'`,
    ])
      await expect(
        bench.database.query(`update kora.approval set ${change} where approval_id = $1`, [approvalId]),
        change,
      ).rejects.toThrow(/does not change|cannot become|violates|operator/);
    expect((await bench.capabilities.approval(approvalId)).status).toBe('pending');
  });

  test('one that ran out lets nothing through, and says how to ask again', async () => {
    const { bench, approvalId, attemptId } = await waiting();
    await bench.database.transaction(async (tx) => {
      await tx.query('alter table kora.approval disable trigger guard');
      await tx.query(
        `update kora.approval set requested_at = requested_at - interval '1 hour',
           expires_at = expires_at - interval '1 hour' where approval_id = $1`,
        [approvalId],
      );
      await tx.query('alter table kora.approval enable trigger guard');
    });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected', code: 'approval_expired' });
    expect((await bench.messages()).at(-1)?.body).toContain("kora fix try shop restart_unit --reason '...'");
    await expect(bench.capabilities.decide({ approvalId, verdict: 'approved', ...operator })).rejects.toThrow(
      'expired already',
    );
  });
});
