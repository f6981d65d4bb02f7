import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import type { Claim } from '../index.ts';
import { claimBench } from '../testing/claims.ts';

const minuteMs = 60_000;

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

function idsOf(claims: readonly Claim[]): number[] {
  return claims.map(({ ticketId }) => ticketId);
}

function kindsOf(claims: readonly Claim[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of claims) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

test('the better priority goes first, and the older of two alike', async () => {
  const bench = await claimBench(database);
  const [low = 0, young = 0, old = 0, high = 0, frontier = 0] = await bench.ready(
    { priority: 3, waitedMs: 9_000 },
    { priority: 2, waitedMs: 1_000 },
    { priority: 2, waitedMs: 2_000 },
    { priority: 1 },
    { priority: 0 },
  );
  const claims = await bench.take(await bench.session());
  expect(idsOf(claims)).toEqual([frontier, high, old, young, low]);
  expect(claims.at(-1)).toMatchObject({ priority: 3, kind: 'test', assignedTo: 'kora', deadlineMs: 600_000 });
});

test('each ten minutes of waiting make a priority better by one, and then age alone counts', async () => {
  const bench = await claimBench(database);
  const [lowOfTen = 0, normal = 0, lowOfTwenty = 0, high = 0, normalOfTen = 0] = await bench.ready(
    { priority: 3, waitedMs: 11 * minuteMs },
    { priority: 2, waitedMs: minuteMs },
    { priority: 3, waitedMs: 21 * minuteMs },
    { priority: 1, waitedMs: 2 * minuteMs },
    { priority: 2, waitedMs: 12 * minuteMs },
  );
  const claims = await bench.take(await bench.session());
  expect(idsOf(claims)).toEqual([lowOfTwenty, normalOfTen, high, lowOfTen, normal]);
});

test('a low ticket under a flood of frontier ones is claimed in its turn (ticket defect 11)', async () => {
  const bench = await claimBench(database);
  const older = await bench.ready({ priority: 0, waitedMs: 40 * minuteMs, count: 3 });
  const [low = 0, tooYoung = 0] = await bench.ready(
    { priority: 3, waitedMs: 31 * minuteMs },
    { priority: 3, waitedMs: 29 * minuteMs },
  );
  const younger = await bench.ready({ priority: 0, waitedMs: 5 * minuteMs, count: 200 });
  const session = await bench.session();
  const first = await bench.take(session, { total: 4 });
  expect(idsOf(first)).toEqual([...older, low]);
  const flood = await bench.take(session, { total: 200, wants: [{ kind: 'test', limit: 200 }] });
  expect(new Set(idsOf(flood))).toEqual(new Set(younger));
  expect(idsOf(await bench.take(session))).toEqual([tooYoung]);
});

test('where old tickets of several priorities lie between each other, they are taken by age', async () => {
  const bench = await claimBench(database);
  const ages = Array.from({ length: 24 }, (_, n) => ({ priority: n % 4, waitedMs: (100 - n) * minuteMs }));
  const ids = await bench.ready(...ages);
  const session = await bench.session();
  const claims = [...(await bench.take(session, { total: 7 })), ...(await bench.take(session))];
  expect(idsOf(claims)).toEqual(ids);
});

test('what may not be claimed yet is left alone', async () => {
  const bench = await claimBench(database);
  const [now = 0, later = 0] = await bench.ready({ waitedMs: 0 }, { waitedMs: -60 * minuteMs, priority: 0 });
  const session = await bench.session();
  expect(idsOf(await bench.take(session))).toEqual([now]);
  expect(await bench.take(session)).toEqual([]);
  await bench.passTime();
  expect(idsOf(await bench.take(session))).toEqual([later]);
});

test('kinds share what is asked for, and what one leaves the others have', async () => {
  const bench = await claimBench(database);
  await bench.ready(
    { kind: 'many', count: 50, waitedMs: 5_000 },
    { kind: 'few', count: 2 },
    { kind: 'some', count: 20 },
  );
  const session = await bench.session();
  const wants = ['many', 'few', 'some', 'none'].map((kind) => ({ kind }));
  expect(kindsOf(await bench.take(session, { wants, total: 30 }))).toEqual({ many: 18, few: 2, some: 10 });
  expect(kindsOf(await bench.take(session, { wants, total: 100 }))).toEqual({ many: 32, some: 10 });
});

test('where there is one for many kinds, the first of the turn has it', async () => {
  const bench = await claimBench(database);
  await bench.ready({ kind: 'a', count: 5, waitedMs: 9_000 }, { kind: 'b', count: 5 });
  const session = await bench.session();
  const turn = (...kinds: string[]) => ({ wants: kinds.map((kind) => ({ kind })), total: 1 });
  expect(kindsOf(await bench.take(session, turn('a', 'b')))).toEqual({ a: 1 });
  expect(kindsOf(await bench.take(session, turn('b', 'a')))).toEqual({ b: 1 });
});

test('a kind is given no more than it has room for, whatever its priority', async () => {
  const bench = await claimBench(database);
  await bench.ready(
    { kind: 'narrow', priority: 0, count: 5 },
    { kind: 'narrow', priority: 2, count: 5 },
    { kind: 'wide', count: 9 },
  );
  const wants = [{ kind: 'narrow', limit: 2 }, { kind: 'wide' }];
  const claims = await bench.take(await bench.session(), { wants, total: 20 });
  expect(kindsOf(claims)).toEqual({ narrow: 2, wide: 9 });
  expect(claims.filter(({ kind }) => kind === 'narrow').map(({ priority }) => priority)).toEqual([0, 0]);
});

test('a better priority of one kind goes before the share of another', async () => {
  const bench = await claimBench(database);
  await bench.ready({ kind: 'urgent', priority: 0, count: 6 }, { kind: 'common', count: 6, waitedMs: 5_000 });
  const wants = [{ kind: 'common' }, { kind: 'urgent' }];
  expect(kindsOf(await bench.take(await bench.session(), { wants, total: 8 }))).toEqual({
    urgent: 6,
    common: 2,
  });
});

test('two workspaces of one store do not see each other, however full one is', async () => {
  const [full, other] = [await claimBench(database), await claimBench(database)];
  await full.ready({ priority: 0, count: 300, waitedMs: 60 * minuteMs });
  const [mine = 0] = await other.ready({ priority: 3 });
  const session = await other.session();
  expect(idsOf(await other.take(session))).toEqual([mine]);
  expect(await other.take(session)).toEqual([]);
  expect(await full.take(await full.session(), { total: 10 })).toHaveLength(10);
});

test('a session claims in its own workspace only', async () => {
  const [house, stranger] = [await claimBench(database), await claimBench(database)];
  await house.ready({});
  expect(await house.take(await stranger.session())).toEqual([]);
});

test('each has what is assigned to it and nothing else', async () => {
  const bench = await claimBench(database);
  const [ours = 0, theirs = 0] = await bench.ready({}, { assignedTo: 'worker-1', priority: 0 });
  const session = await bench.session();
  expect(idsOf(await bench.take(session))).toEqual([ours]);
  expect(await bench.take(session, { assignedTo: 'worker-2' })).toEqual([]);
  const [claim] = await bench.take(session, { assignedTo: 'worker-1' });
  expect(claim).toMatchObject({ ticketId: theirs, assignedTo: 'worker-1' });
});

test('what the door gave for critical tickets takes no other, of each kind as it was asked (ticket defect 6)', async () => {
  const bench = await claimBench(database);
  const [, critical = 0, old = 0] = await bench.ready(
    { priority: 0, count: 1 },
    { critical: true },
    { critical: true, priority: 3, waitedMs: 30 * minuteMs },
  );
  const [common = 0] = await bench.ready({ kind: 'other' });
  const session = await bench.session();
  const wants = [{ kind: 'test', critical: true }, { kind: 'other' }];
  const claims = await bench.take(session, { wants });
  expect(idsOf(claims)).toEqual([old, critical, common]);
  expect(await bench.take(session, { wants })).toEqual([]);
});

test('attempts are counted anew in each epoch of the store', async () => {
  const bench = await claimBench(database);
  await bench.ready({});
  const session = await bench.session();
  const again = async (): Promise<Claim | undefined> => {
    const [claim] = await bench.take(session);
    if (claim !== undefined) await bench.resolve(session, claim, { resolution: 'failed_retryable' });
    await bench.passTime();
    return claim;
  };
  const [first, second] = [await again(), await again()];
  expect([first?.attempts, second?.attempts]).toEqual([1, 2]);
  await database.query(
    `insert into kora.store_epoch (epoch, raised_by, reason) select max(epoch) + 1, 'test', 'restored' from kora.store_epoch`,
  );
  const third = await again();
  expect(third).toMatchObject({ attempts: 1, fence: 3, epoch: (first?.epoch ?? 0) + 1 });
});
