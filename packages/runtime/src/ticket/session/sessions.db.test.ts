import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../clock/index.ts';
import { ensureWorkspace } from '../../workspace/index.ts';
import type { Database } from '../../store/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { beatOf, beginSession } from './session.ts';
import { Sessions } from './sessions.ts';
import type { SessionOptions } from './sessions.ts';

let house: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  house = await fileDatabase();
});
afterAll(() => house.drop());

interface Row {
  readonly lives: boolean;
  readonly leftMs: number | null;
  readonly version: string;
  readonly ttl: number | null;
}

/** Sessions whose time stands until the test moves it; the store's goes on. */
async function scene(options: Partial<SessionOptions> = {}) {
  const { database } = house;
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, `w${crypto.randomUUID()}`));
  const owner = { workspaceId, runtimeId: crypto.randomUUID(), actorId: 'kora' };
  const clock = Object.assign(new FakeClock(), { uuid: () => crypto.randomUUID() });
  const errors: unknown[] = [];
  let away = false;
  const query: Database['query'] = (text, values, named) =>
    away ? Promise.reject(new Error('the store is away')) : database.query(text, values, named);
  const sessions = new Sessions({
    database: { ...database, query },
    owner,
    clock,
    singleProcess: false,
    onError: (_, error) => errors.push(error),
    ...options,
  });
  const all = {
    database,
    owner,
    clock,
    errors,
    sessions,
    away: (is: boolean) => {
      away = is;
    },
    begin: async () => {
      const session = await sessions.begin();
      onTestFinished(() => session.end());
      return session;
    },
    row: async (sessionId: string) => {
      const [row] = await database.query<Row>(
        `select until > clock_timestamp() as lives, xmin::text as version, ttl_ms as ttl,
           case when isfinite(until) then extract(epoch from until - clock_timestamp())::float * 1000 end as "leftMs"
         from kora.session where workspace_id = $1 and session_id = $2`,
        [workspaceId, sessionId],
      );
      return row;
    },
    /** A lease of the session, as a claim leaves it. */
    hold: (sessionId: string, ticketId: number, fence: number) =>
      database.query(
        `insert into kora.ticket_lease (workspace_id, ticket_id, assigned_to, assigned_at, kind, priority, critical, fence,
           session_id, attempts, epoch, failures, deadline, deadline_ms)
         values ($1, $2, 'kora', now(), 'k', 2, false, $3, $4, 1, 1, 0, 'infinity', 1000)`,
        [workspaceId, ticketId, fence, sessionId],
      ),
    lapse: (sessionId: string) =>
      database.query(
        'update kora.session set until = clock_timestamp() where workspace_id = $1 and session_id = $2',
        [workspaceId, sessionId],
      ),
  };
  return all;
}

test('a beat prolongs the lease, and says what is held with the moment it was sent', async () => {
  const { begin, clock, row, hold } = await scene();
  const session = await begin();
  const beats: [unknown, number][] = [];
  session.onBeat((leases, sentAt) => beats.push([[...leases], sentAt]));
  await hold(session.sessionId, 7, 3);
  const before = await row(session.sessionId);
  expect(before).toMatchObject({ lives: true, ttl: 15_000 });
  await clock.advance(4_000);
  await expect.poll(() => beats).toEqual([[[[7, 3]], 4_000]]);
  expect((await row(session.sessionId))?.version).not.toBe(before?.version);
});

test('a beat that fails is repeated within the lease, and nothing is lost (ticket defect 8)', async () => {
  const { begin, clock, away, errors } = await scene();
  const session = await begin();
  let beats = 0;
  session.onBeat(() => (beats += 1));
  away(true);
  await clock.advance(12_000);
  expect(session.lost.aborted).toBe(false);
  expect(errors).toHaveLength(1);
  away(false);
  await clock.advance(250);
  await expect.poll(() => beats).toBe(1);
});

test('a lease that nobody could prolong counts as lost before the store says so (ticket defect 9)', async () => {
  const { begin, clock, away, row } = await scene();
  const session = await begin();
  away(true);
  await clock.advance(13_250);
  expect(session.lost.aborted).toBe(true);
  expect(session.lost.reason).toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
  // A courtesy: in the store it still lives, and whatever it writes is judged there.
  expect(await row(session.sessionId)).toMatchObject({ lives: true });
});

test('a lost session is never revived, and the next one ends what is left of it', async () => {
  const { begin, clock, lapse, row, away } = await scene();
  const first = await begin();
  let beats = 0;
  first.onBeat(() => (beats += 1));
  await lapse(first.sessionId);
  await clock.advance(4_000);
  await expect.poll(() => first.lost.aborted).toBe(true);
  await clock.advance(60_000);
  expect(beats).toBe(0);
  expect(await row(first.sessionId)).toMatchObject({ lives: false });

  const second = await begin();
  away(true);
  await clock.advance(14_000);
  expect(second.lost.aborted).toBe(true);
  expect(await row(second.sessionId)).toMatchObject({ lives: true });
  away(false);
  const third = await begin();
  expect(await row(second.sessionId)).toMatchObject({ lives: false });
  expect(await row(third.sessionId)).toMatchObject({ lives: true });
});

test('a session that is ended is over in the store, and tells nobody any more', async () => {
  const { begin, clock, row } = await scene();
  const session = await begin();
  let told = 0;
  session.onBeat(() => (told += 1));
  await session.end();
  await clock.advance(60_000);
  expect(await row(session.sessionId)).toMatchObject({ lives: false });
  expect({ told, lost: session.lost.aborted, sleeping: clock.sleeping }).toEqual({
    told: 0,
    lost: false,
    sleeping: 0,
  });
});

test('an end that the store does not hear of is told to the log, and not to whoever ends it', async () => {
  const { begin, away, errors } = await scene();
  const session = await begin();
  away(true);
  await session.end();
  expect(errors).toHaveLength(1);
  away(false);
});

test('where the store serves one process, a session lasts until it is ended and is only looked at', async () => {
  const { begin, clock, row, hold, sessions, lapse } = await scene({ singleProcess: true });
  const session = await begin();
  const told: unknown[] = [];
  session.onBeat((leases) => told.push([...leases]));
  await hold(session.sessionId, 7, 3);
  const before = await row(session.sessionId);
  expect(before).toMatchObject({ lives: true, leftMs: null, ttl: null });
  await clock.advance(4_000);
  await expect.poll(() => told).toEqual([[[7, 3]]]);
  expect((await row(session.sessionId))?.version).toBe(before?.version);
  await sessions.recover();
  expect(await row(session.sessionId)).toMatchObject({ lives: false });
  await lapse(session.sessionId);
  await clock.advance(4_000);
  await expect.poll(() => session.lost.aborted).toBe(true);
});

test('where the store serves one process, one that does not answer loses nothing', async () => {
  const { begin, clock, away } = await scene({ singleProcess: true });
  const session = await begin();
  away(true);
  await clock.advance(600_000);
  expect(session.lost.aborted).toBe(false);
  away(false);
});

test('what a dead process left is ended: its own, and what would last for ever; not what others hold', async () => {
  const { database, owner, sessions, row } = await scene();
  const { workspaceId, runtimeId } = owner;
  const started = async (runtime: string, birth = {}): Promise<string> => {
    const sessionId = crypto.randomUUID();
    await beginSession(database, { workspaceId, sessionId }, runtime, birth);
    return sessionId;
  };
  const own = await started(runtimeId);
  const endless = await started(crypto.randomUUID(), { ttlMs: null });
  const stranger = await started(crypto.randomUUID());
  const lent = await started(runtimeId, { actorId: 'worker:far', ttlMs: 60_000 });
  await sessions.recover();
  const lives = await Promise.all([own, endless, stranger, lent].map((one) => row(one)));
  expect(lives.map((one) => one?.lives)).toEqual([false, false, true, true]);
});

test('sessions that ended days ago and hold nothing are forgotten', async () => {
  const { database, owner, sessions, row, begin, hold } = await scene();
  const old = async (): Promise<string> => {
    const sessionId = crypto.randomUUID();
    await beginSession(database, { ...owner, sessionId }, owner.runtimeId);
    await database.query(
      `update kora.session set until = clock_timestamp() - interval '25 hours' where session_id = $1`,
      [sessionId],
    );
    return sessionId;
  };
  const [gone, holds, live] = [await old(), await old(), await begin()];
  await hold(holds, 1, 1);
  expect(await sessions.prune()).toBe(1);
  expect(await row(gone)).toBeUndefined();
  expect(await row(holds)).toBeDefined();
  expect(await row(live.sessionId)).toBeDefined();
});

test('a beat waits for no flush, and leaves the connection as it was', async () => {
  const { database, owner, begin } = await scene();
  const { sessionId } = await begin();
  const { text, values } = beatOf({ ...owner, sessionId });
  await database.session(async ({ query }) => {
    const [beat] = await query(text, values);
    expect(beat).toMatchObject({ set_config: 'off' });
    expect(await query('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
  });
});
