import { expect, test } from 'vitest';
import { systemClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { listCommands, placeHold, readControl } from '../state/index.ts';
import type { StopAcknowledgement, StopLevel } from '../state/index.ts';
import type { Database } from '../store/index.ts';
import { removeSentinel, readSentinel, writeSentinel } from './index.ts';
import { testFleet } from './testing/fleet.ts';
import type { Fleet, TestRuntime } from './testing/fleet.ts';

const second = { timeout: 10_000, interval: 20 };

async function acknowledgement(
  { database, workspaceId }: Fleet,
  { runtimeId }: TestRuntime,
): Promise<StopAcknowledgement | undefined> {
  const [latest] = await listCommands(database, workspaceId, 1);
  return latest?.acknowledgements.find((each) => each.runtimeId === runtimeId);
}

const states = (...runtimes: TestRuntime[]) => runtimes.map(({ holder }) => holder.state.primaryState);
const time = expect.stringMatching(/^\d{4}-.*Z$/) as string;

test.each([
  [1, { claimsReleased: 0, claimsHeld: 1, callsRefused: 0 }],
  [2, { claimsReleased: 0, claimsHeld: 1, callsRefused: 0 }],
  [3, { claimsReleased: 1, claimsHeld: 0, callsRefused: 0 }],
] as const)(
  'a stop of level %i is observed by every runtime, and each says when, and with which effect on its own work (defect 3)',
  async (level, effect) => {
    const fleet = await testFleet();
    const runtimes = [await fleet.runtime(), await fleet.runtime()];
    for (const runtime of runtimes) await runtime.claim();
    const { sequence } = await fleet.issue({ level });
    for (const runtime of runtimes) {
      await expect
        .poll(() => acknowledgement(fleet, runtime), second)
        .toMatchObject({ observedAt: time, acknowledgedAt: time, enforcedAt: time, effect, failure: null });
      expect(runtime.holder.state).toMatchObject({ primaryState: 'paused', claimPermission: 'none' });
      expect(runtime.keeper.asked).toContainEqual(['watch', { sequence, level }]);
      await expect.poll(() => runtime.keeper.asked, second).toContainEqual(['effective', sequence]);
      expect(runtime.ends).toEqual([]);
    }
  },
);

test('a reset frees every runtime, and claims go on (defect 7)', async () => {
  const fleet = await testFleet();
  const runtimes = [await fleet.runtime(), await fleet.runtime()];
  await fleet.issue({ level: 3 });
  await expect.poll(() => states(...runtimes), second).toEqual(['paused', 'paused']);
  await fleet.issue({ level: 0 });
  await expect.poll(() => states(...runtimes), second).toEqual(['ready', 'ready']);
  for (const runtime of runtimes) {
    await expect.poll(() => runtime.keeper.asked, second).toContainEqual(['superseded', undefined]);
    await runtime.claim();
  }
});

test('a stop and a hold are observed also by a runtime that hears no notification', async () => {
  const fleet = await testFleet();
  const deaf = await fleet.runtime({ isDeaf: true });
  await fleet.issue({ level: 1 });
  await expect.poll(() => states(deaf), second).toEqual(['paused']);
  await fleet.issue({ level: 0 });
  await expect.poll(() => states(deaf), second).toEqual(['ready']);
  await fleet.database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values ($1, 'chain', 'x', 'y')`,
    [fleet.workspaceId],
  );
  await expect.poll(() => states(deaf), second).toEqual(['paused']);
});

test('every hold that is committed wakes the other runtimes, whoever committed it', async () => {
  const fleet = await testFleet();
  let heard = 0;
  await using _closed = fleet.database;
  using _listening = await fleet.database.listen(`kora_control_${fleet.workspaceId}`, () => {
    heard += 1;
  });
  const before = heard;
  const context = { workspaceId: fleet.workspaceId, stage: () => Promise.resolve() };
  await fleet.database.transaction((tx) =>
    placeHold(tx, context, { cause: 'operator', owner: 'operator', reason: 'x' }),
  );
  await expect.poll(() => heard, second).toBeGreaterThan(before);
});

test('a milder stop that comes later loosens nothing, and its end neither', async () => {
  const fleet = await testFleet();
  const runtime = await fleet.runtime();
  await fleet.issue({ level: 3 });
  const { sequence } = await fleet.issue({ level: 1, expiresInMs: 1_500 });
  await expect.poll(() => acknowledgement(fleet, runtime), second).toMatchObject({ enforcedAt: time });
  await expect.poll(() => runtime.keeper.asked.filter(([, of]) => of === sequence), second).toHaveLength(2);
  await expect
    .poll(async () => (await readControl(fleet.database, fleet.workspaceId)).commands, second)
    .toHaveLength(1);
  await runtime.controller.look();
  expect(runtime.holder.inputs.stopLevel).toBe(3);
  expect(runtime.holder.history.map(({ cause }) => cause)).toEqual(['boot.passed', 'stop.issued']);
});

test('a stop ends with its time, everywhere and without anybody (defect 33)', async () => {
  const fleet = await testFleet();
  const runtimes = [await fleet.runtime(), await fleet.runtime({ isDeaf: true })];
  const { sequence } = await fleet.issue({ level: 2, expiresInMs: 1_500 });
  await expect.poll(() => states(...runtimes), second).toEqual(['paused', 'paused']);
  await expect.poll(() => states(...runtimes), second).toEqual(['ready', 'ready']);
  for (const { keeper } of runtimes) expect(keeper.asked).toContainEqual(['effective', sequence]);
});

test.each([4, 5] as const)(
  'a kill of level %i ends each runtime that ran when it was issued, after its work was given back (defect 19)',
  async (level) => {
    const fleet = await testFleet();
    const runtimes = [await fleet.runtime(), await fleet.runtime()];
    for (const runtime of runtimes) await runtime.claim();
    await fleet.issue({ level, reason: 'it runs wild' });
    for (const runtime of runtimes) {
      await expect.poll(() => runtime.ends, second).toEqual([`STOP-KORA L${level}: it runs wild`]);
      expect(runtime.holder.state).toMatchObject({ primaryState: 'stopped', claimPermission: 'none' });
      expect(runtime.holder.history.map(({ cause }) => cause)).toEqual(['boot.passed', 'stop.kill']);
      await expect
        .poll(() => acknowledgement(fleet, runtime), second)
        .toMatchObject({ acknowledgedAt: time });
      // It has its effect with the end of the process, and not before.
      expect(await acknowledgement(fleet, runtime)).toMatchObject({ enforcedAt: null });
      await runtime.controller.lastWord();
      expect(await acknowledgement(fleet, runtime)).toMatchObject({
        enforcedAt: time,
        effect: { claimsReleased: 1, claimsHeld: 0 },
      });
    }
  },
);

test.each([4, 5] as const)(
  'a kill of level %i that is older than the process is a stop in force: it is paused until the reset',
  async (level) => {
    const fleet = await testFleet();
    const { sequence } = await fleet.issue({ level });
    const later = await fleet.runtime();
    await expect.poll(() => states(later), second).toEqual(['paused']);
    await expect
      .poll(() => acknowledgement(fleet, later), second)
      .toMatchObject({ enforcedAt: time, effect: { claimsHeld: 0 } });
    expect(later.ends).toEqual([]);
    expect(later.keeper.asked).toContainEqual(['watch', { sequence, level: 3 }]);
    expect(later.controller.isLocked).toBe(level === 5);
    await fleet.issue({ level: 0 });
    await expect.poll(() => states(later), second).toEqual(['ready']);
    expect(later.controller.isLocked).toBe(false);
  },
);

test('what a process is killed by is when it began, by the clock of the database and not by its own', async () => {
  const fleet = await testFleet();
  await fleet.issue({ level: 4 });
  const skewed = { ...systemClock(), now: () => Date.now() - 86_400_000 };
  const running = await fleet.runtime({ runsForMs: 60_000 });
  const later = await fleet.runtime({ clock: skewed });
  await expect.poll(() => running.ends, second).toHaveLength(1);
  expect(later.ends).toEqual([]);
  expect(states(later)).toEqual(['paused']);
});

test('why a stop could not be enforced stands in its row, and it is tried again (defect 34)', async () => {
  const fleet = await testFleet();
  let failures = 0;
  const runtime = await fleet.runtime({
    abort: () => {
      failures += 1;
      return failures < 3 ? Promise.reject(new Error('the handler bites')) : Promise.resolve(0);
    },
  });
  await fleet.issue({ level: 3 });
  await expect
    .poll(() => acknowledgement(fleet, runtime), second)
    .toMatchObject({ failure: 'the handler bites', enforcedAt: null });
  await expect
    .poll(() => acknowledgement(fleet, runtime), second)
    .toMatchObject({ failure: 'the handler bites', enforcedAt: time });
});

test('calls that are refused while a stop is in force are counted in its row', async () => {
  const fleet = await testFleet();
  const runtime = await fleet.runtime();
  await fleet.issue({ level: 2 });
  await expect.poll(() => states(runtime), second).toEqual(['paused']);
  const call = { caller: 'plugin-x', route: 'fast', estimateMicroUsd: 1 };
  for (const callId of ['one', 'two', 'three'])
    expect(await runtime.admission.admit('model_call', { ...call, callId })).toMatchObject({
      cause: 'stop_l2',
    });
  await expect
    .poll(() => acknowledgement(fleet, runtime), second)
    .toMatchObject({ effect: { callsRefused: 3 } });
});

const wish = (level: 1 | 2 | 3 | 4 | 5) =>
  ({ level, reason: 'nothing answers', by: 'operator', at: '2020-01-01T00:00:00.000Z' }) as const;

test('a sentinel becomes a command, once, and stops all runtimes of the workspace', async () => {
  const fleet = await testFleet();
  const [one, other] = [await fleet.runtime(), await fleet.runtime()];
  writeSentinel(one.home, wish(2));
  one.keeper.notice();
  await expect.poll(() => states(one, other), second).toEqual(['paused', 'paused']);
  for (let looks = 0; looks < 3; looks += 1) await one.controller.look();
  const commands = await listCommands(fleet.database, fleet.workspaceId, 10);
  expect(commands).toMatchObject([{ level: 2, via: 'sentinel', reason: 'nothing answers' }]);
});

test('a sentinel of level 4 is a kill for the process that the keeper says, and a stop in force for the rest', async () => {
  const fleet = await testFleet();
  const [one, other] = [await fleet.runtime(), await fleet.runtime()];
  writeSentinel(one.home, wish(4));
  one.keeper.notice();
  await expect.poll(() => states(one, other), second).toEqual(['paused', 'paused']);
  expect([one.ends, other.ends]).toEqual([[], []]);
});

test('a reset by another runtime takes the sentinel away too; a later one is a new stop', async () => {
  const fleet = await testFleet();
  const runtime = await fleet.runtime();
  writeSentinel(runtime.home, wish(3));
  runtime.keeper.notice();
  await expect.poll(() => listCommands(fleet.database, fleet.workspaceId, 10), second).toHaveLength(1);
  await fleet.issue({ level: 0 });
  await expect.poll(() => readSentinel(runtime.home), second).toBeUndefined();
  await expect.poll(() => states(runtime), second).toEqual(['ready']);
  writeSentinel(runtime.home, { ...wish(3), at: '2020-01-02T00:00:00.000Z' });
  runtime.keeper.notice();
  await expect.poll(() => states(runtime), second).toEqual(['paused']);
  await expect.poll(() => listCommands(fleet.database, fleet.workspaceId, 10), second).toHaveLength(3);
});

/** A store that goes away and comes back as the test says; time that the test moves on. */
function unsteady(): {
  wrap: (database: Database) => Database;
  clock: ReturnType<typeof systemClock>;
  away: boolean;
  later: number;
} {
  const clock = systemClock();
  const weather = {
    away: false,
    later: 0,
    clock: Object.assign(Object.create(clock) as typeof clock, {
      monotonic: () => clock.monotonic() + weather.later,
    }),
    wrap: (database: Database): Database =>
      Object.assign(Object.create(database) as Database, {
        query: (text: string, values: readonly unknown[] = []) =>
          weather.away
            ? Promise.reject(fault('KORA_STORE_UNREACHABLE', 'the store is away'))
            : database.query(text, values),
      }),
  };
  return weather;
}

test('with the store away work is degraded, holds stay, and after a while the operator is told past every channel', async () => {
  const fleet = await testFleet();
  const weather = unsteady();
  const runtime = await fleet.runtime(weather);
  await fleet.database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values ($1, 'chain', 'x', 'y')`,
    [fleet.workspaceId],
  );
  await expect.poll(() => states(runtime), second).toEqual(['paused']);
  weather.away = true;
  await expect.poll(() => runtime.holder.state.degradationReasons, second).toEqual(['substrate']);
  expect(states(runtime)).toEqual(['paused']);
  expect(runtime.keeper.asked.filter(([what]) => what === 'tell')).toEqual([]);
  weather.later = 5_000;
  await runtime.controller.look();
  expect(runtime.keeper.asked).toContainEqual(['tell', { what: 'store', detail: 'the store is away' }]);
  await expect(runtime.controller.take()).rejects.toMatchObject({ code: 'KORA_STORE_UNREACHABLE' });
  weather.away = false;
  await expect.poll(() => runtime.holder.state.degradationReasons, second).toEqual([]);
  expect(states(runtime)).toEqual(['paused']);
});

test('a sentinel stops work also while the store is gone, and frees it when it goes', async () => {
  const fleet = await testFleet();
  const weather = unsteady();
  const aborted: string[] = [];
  const runtime = await fleet.runtime({
    ...weather,
    abort: () => Promise.resolve(aborted.push('aborted')),
  });
  weather.away = true;
  writeSentinel(runtime.home, wish(3));
  runtime.keeper.notice();
  await expect.poll(() => states(runtime), second).toEqual(['paused']);
  await expect.poll(() => aborted, second).toHaveLength(1);
  await expect.poll(() => runtime.holder.state.degradationReasons, second).toEqual(['substrate']);
  await expect.poll(() => runtime.keeper.asked, second).toContainEqual(['effective', 'sentinel']);
  removeSentinel(runtime.home);
  runtime.keeper.notice();
  await expect.poll(() => states(runtime), second).toEqual(['ready']);
  expect(runtime.holder.state.claimPermission).toBe('critical_only');
});

test('what is done between two looks is in the state when it resolves, and what it throws is thrown', async () => {
  const fleet = await testFleet();
  const runtime = await fleet.runtime({ isDeaf: true });
  const level: StopLevel = 2;
  await runtime.controller.between(() => fleet.issue({ level }));
  expect(runtime.holder.inputs.stopLevel).toBe(2);
  await expect(runtime.controller.between(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await runtime.controller.between(() => fleet.issue({ level: 0 }), 'back from lunch');
  expect(runtime.holder.history.at(-1)).toMatchObject({ cause: 'stop.reset', note: 'back from lunch' });
});

test('a store that says nothing at all is away too, and a sentinel is obeyed meanwhile', async () => {
  const fleet = await testFleet();
  let isStuck = false;
  const stuck = Promise.withResolvers<never>();
  const aborted: string[] = [];
  const runtime = await fleet.runtime({
    abort: () => Promise.resolve(aborted.push('aborted')),
    wrap: (database) =>
      Object.assign(Object.create(database) as Database, {
        query: (text: string, values: readonly unknown[] = []) =>
          isStuck ? stuck.promise : database.query(text, values),
      }),
  });
  isStuck = true;
  const looking = runtime.controller.look();
  writeSentinel(runtime.home, wish(3));
  runtime.keeper.notice();
  expect([states(runtime), aborted.length]).toEqual([['paused'], 1]);
  await looking;
  expect(runtime.holder.state.degradationReasons).toEqual(['substrate']);
  isStuck = false;
  stuck.reject(fault('KORA_STORE_UNREACHABLE', 'the connection broke at last'));
  await expect.poll(() => runtime.holder.state.degradationReasons, second).toEqual([]);
});

test('what the keeper told past every channel is on the chain and with the messages once the store answers', async () => {
  const fleet = await testFleet();
  const runtime = await fleet.runtime();
  const record = {
    id: 'r1',
    what: 'store',
    detail: 'the store is away',
    at: '2020-01-01T00:00:00.000Z',
    pid: 7,
  } as const;
  runtime.keeper.records.push(record, { ...record, id: 'r2', at: '2020-01-01T00:01:00.000Z' });
  await expect.poll(() => runtime.notes, second).toEqual(['2 x the store is away']);
  await expect.poll(() => runtime.keeper.records, second).toEqual([]);
  await runtime.controller.look();
  expect(runtime.notes).toHaveLength(1);
  await expect
    .poll(
      () => fleet.database.query(`select type from kora.event where type = 'kora.emergency.told'`),
      second,
    )
    .toHaveLength(2);
});
