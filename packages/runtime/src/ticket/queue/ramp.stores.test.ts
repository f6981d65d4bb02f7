import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { beginRamp } from './ramp.ts';
import { claimBench } from '../testing/claims.ts';
import type { ClaimBench } from '../testing/claims.ts';

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ database, drop } = await fileDatabase());
});
afterAll(() => drop());

/** As if the last claim, or the end of the ramp, were so much earlier. */
async function pass({ owner }: ClaimBench, seconds: number): Promise<void> {
  await database.query(
    `update kora.claim_ramp set last_claim_at = last_claim_at - make_interval(secs => $2),
       until = until - make_interval(secs => $2) where workspace_id = $1`,
    [owner.workspaceId, seconds],
  );
}

test('on a ramp the runtimes of a workspace claim one ticket each 30 s between them, also after a restart (ticket defect 15)', async () => {
  const bench = await claimBench(database);
  await bench.ready({ count: 20 });
  await beginRamp(database, bench.owner.workspaceId);
  const [one, two] = [await bench.session(), await bench.session()];
  const both = await Promise.all([bench.take(one), bench.take(two), bench.take(one), bench.take(two)]);
  expect(both.flat()).toHaveLength(1);
  await pass(bench, 29);
  expect(await bench.take(two)).toEqual([]);
  // A process of tomorrow knows of it what the store knows.
  const restarted = await bench.session();
  expect(await bench.take(restarted)).toEqual([]);
  await pass(bench, 2);
  expect(await bench.take(restarted)).toHaveLength(1);
  expect(await bench.take(one)).toEqual([]);
});

test('a look that finds nothing does not use up the turn', async () => {
  const bench = await claimBench(database);
  await beginRamp(database, bench.owner.workspaceId);
  const session = await bench.session();
  expect(await bench.take(session)).toEqual([]);
  await bench.ready({});
  expect(await bench.take(session)).toHaveLength(1);
});

test('a ramp ends by itself, and is another workspace’s no business', async () => {
  const [bench, other] = [await claimBench(database), await claimBench(database)];
  await bench.ready({ count: 5 });
  await other.ready({ count: 5 });
  await beginRamp(database, bench.owner.workspaceId);
  const session = await bench.session();
  expect(await bench.take(session)).toHaveLength(1);
  expect(await other.take(await other.session())).toHaveLength(5);
  await pass(bench, 3_601);
  expect(await bench.take(session)).toHaveLength(4);
});

test('money that comes back twice changes nothing of a ramp that runs', async () => {
  const bench = await claimBench(database);
  await bench.ready({ count: 5 });
  expect(await beginRamp(database, bench.owner.workspaceId)).toBe(true);
  const session = await bench.session();
  expect(await bench.take(session)).toHaveLength(1);
  expect(await beginRamp(database, bench.owner.workspaceId)).toBe(false);
  expect(await bench.take(session)).toEqual([]);
});
