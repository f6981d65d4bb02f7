import assert from 'node:assert/strict';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type pg from 'pg';
import { systemClock } from '../../clock/index.ts';
import { messageOf } from '../../fault/index.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { WireProxy } from '../../store/testing/wire-proxy.ts';
import { ticketBench } from '../testing/bench.ts';
import type { LiveSession } from './live-session.ts';
import { Sessions } from './sessions.ts';
import { brisk, brittle } from './testing/times.ts';
import type { SessionTimes } from './times.ts';

const clock = systemClock();
let house: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  house = await fileDatabase();
});
afterAll(() => house.drop());

interface Kept {
  readonly session: LiveSession;
  readonly errors: readonly string[];
  /** How many beats were answered so far. */
  readonly beats: () => number;
}

/** Sessions kept by a thread, in this process; the way to the server may lead over a proxy. */
async function kept(options: { way?: pg.ClientConfig; times?: Partial<SessionTimes> } = {}): Promise<Kept> {
  const { owner } = await ticketBench({ database: house.database });
  const errors: string[] = [];
  const { host, port, user, database, password } = { ...house.connection, ...options.way };
  assert.ok(typeof password === 'string');
  const sessions = new Sessions({
    database: house.database,
    owner,
    clock,
    connection: { host, port, user, database, password },
    singleProcess: false,
    times: { ...brisk, ...options.times },
    onError: (where, error) => errors.push(`${where}: ${messageOf(error)}`),
  });
  const session = await sessions.begin();
  onTestFinished(() => session.end());
  let beats = 0;
  session.onBeat(() => (beats += 1));
  return { session, errors, beats: () => beats };
}

async function more(beats: () => number, count = 2): Promise<void> {
  const from = beats();
  await expect.poll(beats).toBeGreaterThanOrEqual(from + count);
}

async function lives({ sessionId }: Pick<LiveSession, 'sessionId'>): Promise<boolean> {
  const [row] = await house.database.query<{ lives: boolean }>(
    'select until > clock_timestamp() as lives from kora.session where session_id = $1',
    [sessionId],
  );
  return row?.lives === true;
}

/** Connections of keepers to this database. */
async function lines(): Promise<number[]> {
  const rows = await house.database.query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name = 'kora-session' and datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
}

/** The threads of sessions that are started from now on. */
function threads(): Worker[] {
  const all: Worker[] = [];
  const watch = (worker: Worker): void => void all.push(worker);
  process.on('worker', watch);
  onTestFinished(() => void process.off('worker', watch));
  return all;
}

async function proxied(): Promise<WireProxy> {
  const { host = '', port = 0 } = house.connection;
  return WireProxy.open({ host, port });
}

test('beats come from a connection of their own, which is gone when the session has ended', async () => {
  const { session, beats, errors } = await kept();
  await more(beats);
  expect(await lines()).toHaveLength(1);
  await session.end();
  await expect.poll(lines).toEqual([]);
  expect(await lives(session)).toBe(false);
  expect(errors).toEqual([]);
});

test('a session that ends before its thread has come up leaves nothing behind', async () => {
  const { session, errors } = await kept();
  await session.end();
  await expect.poll(lines).toEqual([]);
  expect(errors).toEqual([]);
});

test('a connection that the server ends is replaced within the lease, and nothing is lost (ticket defect 8)', async () => {
  const { session, beats } = await kept();
  await more(beats);
  const [pid] = await lines();
  await house.database.query('select pg_terminate_backend($1)', [pid]);
  await more(beats);
  expect(await lines()).not.toContain(pid);
  expect(session.lost.aborted).toBe(false);
});

test('a connection that the server ends in the middle of a beat is replaced as well (ticket defect 8)', async () => {
  const { session, beats, errors } = await kept({ times: { answerMs: 2_500 } });
  await more(beats);
  await house.database.transaction(async (tx) => {
    await tx.query('select from kora.session where session_id = $1 for update', [session.sessionId]);
    const waiting = (): Promise<{ pid: number }[]> =>
      house.database.query(
        `select pid from pg_stat_activity where application_name = 'kora-session' and wait_event_type = 'Lock'
           and datname = current_database()`,
      );
    await expect.poll(waiting).toHaveLength(1);
    const [beat] = await waiting();
    await house.database.query('select pg_terminate_backend($1)', [beat?.pid]);
  });
  await more(beats);
  expect(session.lost.aborted).toBe(false);
  expect(errors).toHaveLength(1);
});

test('a store that is away for less than the lease loses nothing (ticket defect 8)', async () => {
  const proxy = await proxied();
  const { session, beats, errors } = await kept({ way: { host: '127.0.0.1', port: proxy.port } });
  await more(beats);
  proxy.down();
  const knocks = proxy.connections;
  await expect.poll(() => proxy.connections).toBeGreaterThan(knocks + 3);
  proxy.up();
  await more(beats);
  expect(session.lost.aborted).toBe(false);
  expect(errors).toHaveLength(1);
});

test('a cable that is pulled for less than the lease loses nothing: the beat goes another way', async () => {
  const proxy = await proxied();
  const { session, beats } = await kept({ way: { host: '127.0.0.1', port: proxy.port } });
  await more(beats);
  const knocks = proxy.connections;
  proxy.freeze();
  await expect.poll(() => proxy.connections).toBeGreaterThan(knocks);
  proxy.thaw();
  await more(beats);
  expect(session.lost.aborted).toBe(false);
});

test('a store that is away for longer than the lease: the session is lost before its lease is over (ticket defect 9)', async () => {
  const proxy = await proxied();
  const { session, beats } = await kept({ times: brittle, way: { host: '127.0.0.1', port: proxy.port } });
  await more(beats);
  proxy.down();
  await expect.poll(() => session.lost.aborted).toBe(true);
  expect(session.lost.reason).toMatchObject({ code: 'KORA_TICKET_STALE_FENCE' });
  const seen = beats();
  proxy.up();
  // Nothing begins it again; its lease runs out, or its successor ends it.
  await expect.poll(() => lives(session)).toBe(false);
  expect(beats()).toBe(seen);
  await session.end();
});

test('of the beats that a busy main thread finds waiting, it hears the last one only', async () => {
  const { session, beats } = await kept();
  await more(beats);
  const sent: number[] = [];
  session.onBeat((_, sentAt) => sent.push(sentAt));
  const stoodAt = clock.monotonic();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  await expect.poll(() => sent).not.toEqual([]);
  // Beats are a fifth of a second apart.
  expect((sent[0] ?? 0) - stoodAt).toBeGreaterThan(500);
});

test('a session that somebody ended is lost with the next beat', async () => {
  const { session, beats } = await kept();
  await more(beats);
  await house.database.query('update kora.session set until = clock_timestamp() where session_id = $1', [
    session.sessionId,
  ]);
  await expect.poll(() => session.lost.aborted).toBe(true);
  await expect.poll(lines).toEqual([]);
});

test('a thread that dies is replaced, and the session stays what it was', async () => {
  const all = threads();
  const { session, beats, errors } = await kept();
  await more(beats);
  await all[0]?.terminate();
  await more(beats);
  expect(all).toHaveLength(2);
  expect({ lost: session.lost.aborted, lives: await lives(session) }).toEqual({ lost: false, lives: true });
  expect(errors).toEqual(['session keeper: the thread that keeps the session ended; another takes over']);
});

test('threads that die as soon as they are there: the session is lost with its lease, and nothing hangs', async () => {
  const kill = (worker: Worker): void => void worker.once('online', () => void worker.terminate());
  process.on('worker', kill);
  onTestFinished(() => void process.off('worker', kill));
  const { session, beats } = await kept({ times: brittle });
  await expect.poll(() => session.lost.aborted).toBe(true);
  expect(beats()).toBe(0);
  await session.end();
  expect(await lives(session)).toBe(false);
});
