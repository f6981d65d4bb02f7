import { expect, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import type { Transaction } from '../../store/index.ts';
import { draft } from '../index.ts';
import { noted, testChain } from '../testing/chain.ts';
import { Sealer } from './sealer.ts';

/** A sealer that seals only when a test says so, on a chain that nobody else seals. */
async function bench() {
  const { chain, scope, database, workspaceId } = await testChain();
  await scope.dispose();
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const stale: unknown[] = [];
  const sealer = new Sealer({
    database,
    workspaceId,
    clock,
    onSealed: () => undefined,
    onCleared: () => undefined,
    onStale: (cause) => stale.push(cause),
    onError: (error) => errors.push(error),
  });
  const stage = (...ns: number[]): Promise<void> =>
    database.transaction((tx) =>
      chain.stage(
        tx,
        ns.map((n) => draft(noted, { n })),
      ),
    );
  return { sealer, stage, clock, errors, stale, database, chain };
}

/** Somebody who holds the head until told to let go. */
async function holder(database: {
  transaction: (work: (tx: Transaction) => Promise<void>) => Promise<void>;
}) {
  const held = Promise.withResolvers<undefined>();
  const letGo = Promise.withResolvers<undefined>();
  const done = database.transaction(async (tx) => {
    await tx.query('select from kora.chain_head for update');
    held.resolve(undefined);
    await letGo.promise;
  });
  await held.promise;
  return async (): Promise<void> => {
    letGo.resolve(undefined);
    await done;
  };
}

test('what is staged is sealed in the order of its numbers, and the stage is clear', async () => {
  const { sealer, stage, chain } = await bench();
  await stage(1, 2, 3);
  expect(await sealer.seal()).toBe('cleared');
  expect((await chain.read({})).map(({ payload }) => payload['n'])).toEqual([1, 2, 3]);
  expect(await chain.unsealed()).toBe(0);
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 3 });
});

test('more than one batch is taken one batch after the other, and none of it twice', async () => {
  const { sealer, chain, database } = await bench();
  await database.query(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body)
     select $1, 'test.noted', 'kora', gen_random_uuid(), '{"n":' || n || '}' from generate_series(1, 4500) as n`,
    [chain.owner.workspaceId],
  );
  expect([await sealer.seal(), await sealer.seal(), await sealer.seal()]).toEqual([
    'more',
    'more',
    'cleared',
  ]);
  expect(await sealer.seal()).toBe('cleared');
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 4500 });
  const ids = await database.query<{ made: number; seven: boolean }>(
    `select count(distinct event_id) as made, bool_and(substr(event_id::text, 15, 1) = '7') as seven from kora.event`,
  );
  expect(ids).toEqual([{ made: 4500, seven: true }]);
});

test('who finds another sealer at work does not wait in line, and looks again at once for what it was told of', async () => {
  const { sealer, stage, clock, chain, database } = await bench();
  await stage(1);
  const letGo = await holder(database);
  expect(await sealer.seal()).toBe('taken');
  const stop = new AbortController();
  sealer.kick();
  const running = sealer.run(stop.signal);
  await expect.poll(() => clock.sleeping).toBe(1);
  await letGo();
  await clock.advance(3);
  await expect.poll(() => chain.head()).toMatchObject({ seq: 1 });
  stop.abort();
  await running;
});

test('a stage that nothing clears for five seconds is told of once, with the cause, and again after it was clear', async () => {
  const { sealer, stage, clock, errors, stale, database, chain } = await bench();
  await database.query('alter table kora.chain_head rename to hidden');
  await stage(1);
  const stop = new AbortController();
  const running = sealer.run(stop.signal);
  for (let second = 1; second <= 8; second += 1) {
    await expect.poll(() => errors.length).toBe(second);
    await clock.advance(1_000);
  }
  expect(stale).toEqual([errors[6]]);
  expect(sealer.staleForMs).toBeGreaterThan(5_000);
  await database.query('alter table kora.hidden rename to chain_head');
  await clock.advance(1_000);
  await expect.poll(() => chain.head()).toMatchObject({ seq: 1 });
  expect(sealer.staleForMs).toBeUndefined();
  stop.abort();
  await running;
});

test('a batch that cannot be sealed is tried again after a second, however often it is kicked', async () => {
  const { sealer, stage, clock, errors, database, chain } = await bench();
  await database.query('alter table kora.chain_head rename to hidden');
  await stage(0);
  const stop = new AbortController();
  const running = sealer.run(stop.signal);
  await expect.poll(() => errors.length).toBe(1);
  for (let n = 1; n < 10; n += 1) {
    await stage(n);
    sealer.kick();
  }
  await clock.advance(999);
  expect(errors).toHaveLength(1);
  await database.query('alter table kora.hidden rename to chain_head');
  await clock.advance(1);
  await expect.poll(() => chain.head()).toMatchObject({ seq: 10 });
  stop.abort();
  await running;
  expect(errors).toHaveLength(1);
});

test('a stage that has grown is read by ranges, whatever the statistics promise', async () => {
  const { database, chain } = await bench();
  const { workspaceId } = chain.owner;
  await database.query(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body)
     select $1, 'test.noted', 'kora', gen_random_uuid(), '{"n":' || n || '}' from generate_series(1, 40000) as n`,
    [workspaceId],
  );
  await database.query('analyze kora.stage');
  const read = await database.transaction(async (tx) => {
    await tx.query('select kora.seal_stage($1, 500)', [workspaceId]);
    const [counted] = await tx.query<{ scans: number; rows: number }>(
      `select seq_scan as scans, seq_tup_read + idx_tup_fetch as rows from pg_stat_xact_all_tables
       where relid = 'kora.stage'::regclass`,
    );
    return counted;
  });
  expect(read?.scans).toBe(0);
  // Once to find the batch, once to read it, once to delete it.
  expect(read?.rows).toBeLessThan(4 * 500);
});

test('what a long transaction stages late under a small number is sealed, though all after it was sealed before', async () => {
  const { sealer, stage, chain, database, clock } = await bench();
  const written = Promise.withResolvers<undefined>();
  const release = Promise.withResolvers<undefined>();
  const late = database.transaction(async (tx) => {
    await chain.stage(tx, [draft(noted, { n: 1 })]);
    written.resolve(undefined);
    await release.promise;
  });
  await written.promise;
  for (const n of [2, 3, 4, 5]) {
    await stage(n);
    // Past the pause between two marks of what has been given out.
    await clock.advance(2_500);
    expect(await sealer.seal()).toBe('cleared');
  }
  release.resolve(undefined);
  await late;
  expect(await sealer.seal()).toBe('cleared');
  expect((await chain.read({})).map(({ payload }) => payload['n'])).toEqual([2, 3, 4, 5, 1]);
});

test('whoever makes events is to wait while the first that is staged is older than a second, and only while sealing gets on', async () => {
  const { sealer, chain, database, clock } = await bench();
  await clock.advance(60_000);
  await database.query(
    `insert into kora.stage (workspace_id, type, actor_id, runtime_id, body, staged_at)
     select $1, 'test.noted', 'kora', gen_random_uuid(), '{"n":' || n || '}', clock_timestamp() - interval '5 s'
     from generate_series(1, 4500) as n`,
    [chain.owner.workspaceId],
  );
  expect(sealer.isBehind).toBe(false);
  expect(await sealer.seal()).toBe('more');
  expect(sealer.isBehind).toBe(true);
  // Nothing more comes onto the chain: nothing is won by waiting.
  await clock.advance(2_500);
  expect(sealer.isBehind).toBe(false);
  expect(await sealer.seal()).toBe('more');
  expect(sealer.isBehind).toBe(true);
  expect(await sealer.seal()).toBe('cleared');
  expect(sealer.isBehind).toBe(false);
});

test('what follows an acknowledged event does not pass it, though that one was committed while a batch was being looked for', async () => {
  const { sealer, stage, chain, database } = await bench();
  // At the end of a partition the seal stops between its look and its work: the next partition is made, behind this lock.
  await database.query('update kora.chain_head set seq = 9999990');
  const release = Promise.withResolvers<undefined>();
  const inTheWay = held(database, release.promise, (tx) =>
    tx.query(`select pg_advisory_xact_lock(hashtext('kora.event'), hashtext('1'))`),
  );
  const commit = Promise.withResolvers<undefined>();
  const first = held(database, commit.promise, (tx) => chain.stage(tx, [draft(noted, { n: 1 })]));
  await Promise.all([inTheWay.begun, first.begun]);
  await stage(2);
  const sealed = sealer.seal();
  const waiting = `select from pg_locks where locktype = 'advisory' and not granted
    and database = (select oid from pg_database where datname = current_database())`;
  await expect.poll(async () => (await database.query(waiting)).length).toBe(1);
  commit.resolve(undefined);
  await first.done;
  await stage(3);
  release.resolve(undefined);
  await inTheWay.done;
  await sealed;
  await sealer.seal();
  const notes = (await chain.read({})).map(({ payload }) => payload['n']);
  expect(notes).toHaveLength(3);
  expect(notes.indexOf(1)).toBeLessThan(notes.indexOf(3));
});

/** A transaction that has done its work and is committed when it may be. */
function held(
  database: { transaction: (work: (tx: Transaction) => Promise<void>) => Promise<void> },
  may: Promise<undefined>,
  work: (tx: Transaction) => Promise<unknown>,
): { readonly begun: Promise<undefined>; readonly done: Promise<void> } {
  const begun = Promise.withResolvers<undefined>();
  const done = database.transaction(async (tx) => {
    await work(tx);
    begun.resolve(undefined);
    await may;
  });
  return { begun: begun.promise, done };
}
