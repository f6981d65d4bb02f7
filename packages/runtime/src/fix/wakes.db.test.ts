import { beforeAll, describe, expect, test } from 'vitest';
import { hold } from '../admission/testing/scene.ts';
import { fileDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import type { FixEnvelope } from './contract.ts';
import { fixBench } from './testing/bench.ts';
import type { FixBench } from './testing/bench.ts';
import { restart } from './testing/world.ts';

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

const untilStopped: FixEnvelope['execute'] = (_target, { signal }) =>
  new Promise((_done, reject) => {
    signal.addEventListener('abort', () => reject(new Error('told to stop')));
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

  test('what a pause alone refused is tried when it is over, once; what was refused for a reason is not', async () => {
    const bench = await granted();
    const wake = { probe: 'shop', wakeId: 'wake-7', incidentId: 7 };
    bench.move({ holds: [hold('operator')] });
    await bench.driven(bench.fixes.woken(wake));
    expect(await bench.attempts()).toMatchObject([{ outcome: 'rejected', code: 'operator_hold' }]);
    bench.move({ holds: [] });
    await bench.driven(bench.fixes.resumed());
    const [attempt] = await bench.attempts();
    expect(await bench.ended(attempt?.attemptId ?? 0)).toMatchObject({ askedBy: 'wake', outcome: 'mended' });
    await bench.driven(bench.fixes.resumed());
    expect(await bench.attempts()).toHaveLength(2);
    expect(bench.world.deeds).toHaveLength(1);
  });

  test('what was begun when the runtime ended is unknown, is told, and is not begun again', async () => {
    const bench = await granted({
      timeoutMs: 300_000,
      execute: untilStopped,
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

  test('one that was begun and is unknown is not done again, whoever asks with the same wish', async () => {
    const bench = await granted({ timeoutMs: 300_000, execute: untilStopped });
    const wish = { probe: 'shop', fix: 'restart_unit', key: 'tool:call-9', askedBy: 'probes', reason: 'r' };
    await bench.driven(bench.fixes.attempt(wish, 0));
    const fixes = await bench.again();
    let deeds = 0;
    fixes.register(
      {
        ...restart(bench.world),
        execute: () => {
          deeds += 1;
          return Promise.resolve();
        },
      },
      'probes',
    );
    expect(await bench.driven(fixes.attempt(wish, 0))).toMatchObject({ outcome: 'unknown' });
    expect(deeds).toBe(0);
    expect((await bench.messages()).at(-1)?.body).toContain('kora probe run shop');
  });

  test('an approval that was used when the runtime ended began nothing, and nothing begins', async () => {
    const bench = await granted({ mode: 'approve' });
    const { approvalId, attemptId } = await bench.attempt({ target: 'unit:a' });
    await bench.database.transaction(async (tx) => {
      await tx.query('alter table kora.approval disable trigger guard');
      await tx.query(
        `update kora.approval set status = 'used', decided_at = clock_timestamp(), decided_by = 'operator',
           decision_reason = 'r', used_at = clock_timestamp() where approval_id = $1`,
        [approvalId],
      );
      await tx.query('alter table kora.approval enable trigger guard');
    });
    expect(await bench.ended(attemptId)).toMatchObject({ outcome: 'rejected', code: 'runtime_ended' });
    expect(bench.world.deeds).toEqual([]);
  });

  test('where none of its fixes is let through, the operator reads why once, with the way on', async () => {
    const bench = await granted();
    bench.move({ stopLevel: 1 });
    const wake = { probe: 'shop', wakeId: 'wake-7', incidentId: 7 };
    await bench.driven(bench.fixes.woken(wake));
    await bench.driven(bench.fixes.woken(wake));
    expect(await bench.messages()).toMatchObject([
      { title: '🔧 Fix · shop: not done', thread: 'incident:7' },
    ]);
    const [{ body } = { body: '' }] = await bench.messages();
    expect(body).toContain('restart_unit on unit:a: not done (stop_l1)');
    expect(body).toContain("kora resume --reason '...'");
    expect(await bench.told()).toMatchObject([{ outcome: 'rejected', code: 'stop_l1' }]);
  });

  test('what the operator refused is not told again when the runtime comes back', async () => {
    const bench = await granted({ mode: 'approve' });
    const wake = { probe: 'shop', wakeId: 'wake-7', incidentId: 7 };
    await bench.driven(bench.fixes.woken(wake));
    const [attempt] = await bench.attempts();
    const { approvalId } = attempt ?? {};
    await bench.capabilities.decide({ approvalId: approvalId ?? 0, verdict: 'refused', ...operator });
    await bench.ended(attempt?.attemptId ?? 0);
    const told = await bench.messages();
    await bench.driven(bench.fixes.woken(wake));
    expect(await bench.messages()).toEqual(told);
  });

  test('what was over before it was asked is no news', async () => {
    const bench = await granted();
    bench.world.down.clear();
    await bench.driven(bench.fixes.woken({ probe: 'shop', wakeId: 'wake-7', incidentId: 7 }));
    expect(await bench.messages()).toEqual([]);
    expect(await bench.told()).toMatchObject([{ code: 'not_failing' }]);
  });
});
