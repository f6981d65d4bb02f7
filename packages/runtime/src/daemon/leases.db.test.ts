import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import { ensureWorkspace } from '../workspace/index.ts';
import { DaemonLeases } from './leases.ts';

let house: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  house = await fileDatabase();
});
afterAll(() => house.drop());

const leaseMs = 60_000;

/** Runtimes of one workspace; each call of `runtime` is a session of its own. */
async function fleet() {
  const { database } = house;
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `w${crypto.randomUUID()}`));
  const runtime = (runtimeId: string = crypto.randomUUID()) => {
    const leases = new DaemonLeases(database, { workspaceId, runtimeId, sessionId: crypto.randomUUID() });
    const hold = async (fence = 0, ms = leaseMs) =>
      (await leases.hold([{ daemon: 'poller', leaseMs: ms, fence }]))[0];
    return { runtimeId, leases, hold, release: (fence: number) => leases.release('poller', fence) };
  };
  const lapse = () =>
    database.query(
      `update kora.daemon_lease set held_until = clock_timestamp() - interval '1 s' where workspace_id = $1`,
      [workspaceId],
    );
  return { database, workspaceId, runtime, lapse };
}

test('one has it, the other hears who, and a renewal keeps the fence', async () => {
  const { runtime } = await fleet();
  const [one, two] = [runtime(), runtime()];
  const mine = { daemon: 'poller', ours: true, fence: 1, holder: one.runtimeId, takenFrom: null };
  expect(await one.hold()).toEqual(mine);
  expect(await two.hold()).toEqual({ ...mine, ours: false });
  expect(await one.hold(1)).toEqual(mine);
});

test('a lease that was given back, or has lapsed, is another’s with a higher fence; the one before can do nothing', async () => {
  const { runtime, lapse } = await fleet();
  const [one, two] = [runtime(), runtime()];
  await one.hold();
  await one.release(1);
  expect(await two.hold()).toMatchObject({ ours: true, fence: 2, takenFrom: one.runtimeId });
  await lapse();
  expect(await one.hold()).toMatchObject({ ours: true, fence: 3, takenFrom: two.runtimeId });
  expect(await two.hold(2)).toMatchObject({ ours: false, fence: 3, holder: one.runtimeId });
  await two.release(2);
  expect(await one.hold(3)).toMatchObject({ ours: true, fence: 3 });
});

test('a lease that lapsed is never renewed, also when nobody took it', async () => {
  const { runtime, lapse } = await fleet();
  const one = runtime();
  await one.hold();
  await lapse();
  expect(await one.hold(1)).toMatchObject({ ours: false });
  expect(await one.hold()).toMatchObject({ ours: true, fence: 2, takenFrom: null });
});

test('what an earlier session of a runtime held is its next session’s at once', async () => {
  const { runtime } = await fleet();
  const before = runtime();
  await before.hold();
  const again = runtime(before.runtimeId);
  expect(await again.hold()).toMatchObject({ ours: true, fence: 2, takenFrom: null });
  expect(await before.hold(1)).toMatchObject({ ours: false });
});

test('many ask at once: one gets each, and none gets the same fence twice', async () => {
  const { runtime, lapse } = await fleet();
  const runtimes = Array.from({ length: 6 }, () => runtime());
  const daemons = ['a', 'b', 'c'].map((daemon) => ({ daemon, leaseMs, fence: 0 }));
  for (let round = 1; round <= 3; round += 1) {
    const answers = await Promise.all(runtimes.map(({ leases }) => leases.hold(daemons)));
    const won = answers.flat().filter(({ ours }) => ours);
    expect(won.map(({ daemon, fence }) => `${daemon}${fence}`).sort()).toEqual([
      `a${round}`,
      `b${round}`,
      `c${round}`,
    ]);
    await lapse();
  }
});

test('a fence is never lowered, whoever writes', async () => {
  const { runtime, database, workspaceId } = await fleet();
  await runtime().hold();
  const lower = database.query('update kora.daemon_lease set fence = 0 where workspace_id = $1', [
    workspaceId,
  ]);
  await expect(lower).rejects.toThrow('the fence of daemon poller only rises: 0 after 1 refused');
});
