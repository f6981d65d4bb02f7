import { beforeAll, describe, expect, test } from 'vitest';
import { hold } from '../admission/testing/scene.ts';
import { fileDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import { grantedBench } from './testing/bench.ts';
import type { FixBench } from './testing/bench.ts';

let database: Database;
beforeAll(async () => {
  const made = await fileDatabase();
  ({ database } = made);
  return made.drop;
});

const granted = (over: Parameters<typeof grantedBench>[1] = {}): Promise<FixBench> =>
  grantedBench(database, over);

describe('an attempt', () => {
  test('mends, looks twice whether it is well, and is told with what stood before and after', async () => {
    const bench = await granted();
    const attempt = await bench.attempt();
    expect(attempt).toMatchObject({
      status: 'ended',
      outcome: 'mended',
      code: null,
      target: 'unit:a',
      incidentId: 7,
      before: { active: false },
      after: { active: true },
      conditions: [
        { name: 'single_unit_down', holds: true },
        { name: 'unit_not_active', holds: true },
      ],
    });
    expect(bench.world.deeds).toEqual(['restart unit:a']);
    expect(await bench.told()).toMatchObject([
      { attempt: attempt.attemptId, outcome: 'mended', wake_id: 'wake-7', asked_by: 'operator' },
    ]);
    expect(await bench.messages()).toMatchObject([{ title: '🔧 Fix · shop: mended', thread: 'incident:7' }]);
    expect(bench.notes).toEqual([
      `restart_unit on unit:a was begun (attempt ${attempt.attemptId}, asked by operator)`,
    ]);
    expect(bench.errors).toEqual([]);
  });

  test('the same wish again is the same attempt, also of two at once', async () => {
    const bench = await granted();
    const wish = { key: 'tool:call-1' };
    const [one, two] = await Promise.all([bench.attempt(wish), bench.attempt(wish)]);
    expect((await bench.attempt(wish)).attemptId).toBe(one.attemptId);
    expect(two.attemptId).toBe(one.attemptId);
    expect(bench.world.deeds).toHaveLength(1);
  });

  test('one that does not help in time is said to be that, and is taken back where that is defined', async () => {
    const bench = await granted();
    bench.world.helps = false;
    expect(await bench.attempt()).toMatchObject({ outcome: 'not_mended', code: 'not_verified' });
    const other = await granted({
      rollback: ({ id }) => {
        other.world.deeds.push(`take back ${id}`);
        return Promise.resolve();
      },
    });
    other.world.helps = false;
    expect(await other.attempt()).toMatchObject({ outcome: 'rolled_back', code: 'not_verified' });
    expect(other.world.deeds).toEqual(['restart unit:a', 'take back unit:a']);
  });

  test('what a stop came upon is not taken back any more', async () => {
    const bench = await granted({
      execute: () => {
        bench.move({ stopLevel: 2 });
        return Promise.resolve();
      },
      rollback: () => {
        bench.world.deeds.push('take back');
        return Promise.resolve();
      },
    });
    const attempt = await bench.attempt();
    expect(attempt).toMatchObject({ outcome: 'not_mended', code: 'not_verified' });
    expect(attempt.detail).toContain('it was not taken back: stop_l2');
    expect(bench.world.deeds).toEqual([]);
  });

  test('what cannot be taken back is said, without a secret of the error', async () => {
    const bench = await granted({ rollback: () => Promise.reject(new Error('no s3cret')) });
    bench.world.helps = false;
    const attempt = await bench.attempt();
    expect(attempt).toMatchObject({ outcome: 'not_mended', code: 'rollback_failed' });
    expect(attempt.detail).toContain('no [secret]');
  });

  test('an executor that throws, and one that does not come back, have failed and may have happened', async () => {
    const bench = await granted();
    bench.world.throws = 'HTTP 500';
    expect(await bench.attempt()).toMatchObject({
      outcome: 'execution_failed',
      code: 'executor_failed',
      detail: 'HTTP 500',
      after: { active: false },
    });
    const late = await granted({ execute: () => new Promise(() => undefined) });
    expect(await late.attempt()).toMatchObject({ outcome: 'execution_failed', code: 'executor_timed_out' });
  });
});

describe('what is refused, and told', () => {
  test.each<[string, string, (bench: FixBench) => Parameters<FixBench['attempt']>[0]]>([
    ['a probe without a fix', 'unknown_probe', () => ({ probe: 'mail' })],
    ['a fix that the probe has not', 'action_not_in_envelope', () => ({ fix: 'scale_up' })],
    ['a target that is no name', 'target_id_invalid', () => ({ target: 'unit:a; rm -rf /' })],
    ['a target that the look does not name', 'target_not_in_snapshot', () => ({ target: 'unit:b' })],
    [
      'one of two, unsaid',
      'target_ambiguous',
      ({ world }) => {
        world.down.add('b');
        return {};
      },
    ],
    [
      'one of two, since a condition wants it alone',
      'condition_not_met',
      ({ world }) => {
        world.down.add('b');
        return { target: 'unit:b' };
      },
    ],
    [
      'what is over',
      'no_open_incident',
      ({ world }) => {
        world.incident = { incidentId: 7, wakeId: 'wake-7', status: 'resolved' };
        return {};
      },
    ],
    [
      'what is not set up here',
      'not_failing',
      ({ world }) => {
        world.incident = null;
        world.isConfigured = false;
        return {};
      },
    ],
    [
      'what has no incident',
      'no_open_incident',
      ({ world }) => {
        world.incident = null;
        return {};
      },
    ],
    [
      'what fails for another thing',
      'is_consequence',
      ({ world }) => {
        world.incident = { incidentId: 7, wakeId: 'wake-7', status: 'open', causedBy: 'database' };
        return {};
      },
    ],
    [
      'what does not fail any more',
      'not_failing',
      ({ world }) => {
        world.down.clear();
        return {};
      },
    ],
    [
      'while paused',
      'operator_hold',
      ({ move }) => {
        move({ holds: [hold('operator')] });
        return {};
      },
    ],
    [
      'while stopped',
      'stop_l3',
      ({ move }) => {
        move({ stopLevel: 3 });
        return {};
      },
    ],
  ])('%s: %s', async (_what, code, prepare) => {
    const bench = await granted();
    const attempt = await bench.attempt(prepare(bench));
    expect(attempt).toMatchObject({ status: 'ended', outcome: 'rejected', code, beganAt: null });
    expect(await bench.told()).toMatchObject([{ outcome: 'rejected', code }]);
    expect(bench.world.deeds).toEqual([]);
    // What was only asked for disturbs nobody at night.
    expect(await bench.messages()).toEqual([]);
  });

  test('an envelope that is off does nothing, and off is what it is unless somebody says otherwise', async () => {
    const bench = await granted({ mode: 'off' });
    expect(await bench.attempt()).toMatchObject({ outcome: 'rejected', code: 'envelope_disabled' });
    await bench.driven(bench.fixes.woken({ probe: 'shop', wakeId: 'wake-7', incidentId: 7 }));
    expect(await bench.attempts()).toHaveLength(1);
  });

  test('conditions are asked in code over the target as it stands, not over what was said of it (daemon defect W25)', async () => {
    const bench = await granted({
      observe: () => Promise.resolve({ active: true }),
    });
    expect(await bench.attempt()).toMatchObject({
      outcome: 'rejected',
      code: 'condition_not_met',
      detail: 'unit_not_active: active: true',
      before: { active: true },
    });
    expect(bench.world.deeds).toEqual([]);
  });

  test('conditions that nobody wrote hold nothing: an envelope without any is never inside it (daemon defect W25)', async () => {
    const bench = await granted({ conditions: () => [] });
    expect(await bench.attempt()).toMatchObject({ outcome: 'rejected', code: 'target_unreadable' });
  });
});

test('whoever may ask is told the ids of the only things it could be done to (daemon defect W22)', async () => {
  const bench = await granted();
  bench.world.down.add('b');
  expect(await bench.fixes.offers('shop')).toMatchObject([
    { fix: 'restart_unit', mode: 'auto', targets: [{ id: 'unit:a' }, { id: 'unit:b' }] },
  ]);
  bench.world.down.clear();
  expect(await bench.fixes.offers('shop')).toMatchObject([{ targets: [] }]);
});

test('a row that ended stays as it ended', async () => {
  const bench = await granted();
  const { attemptId } = await bench.attempt();
  for (const change of [`outcome = 'rejected'`, `status = 'running'`, `target = 'unit:b'`])
    await expect(
      bench.database.query(`update kora.fix_attempt set ${change} where attempt_id = $1`, [attemptId]),
    ).rejects.toThrow(/cannot become|does not change/);
});
