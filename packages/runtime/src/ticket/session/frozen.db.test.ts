import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../clock/index.ts';
import { testFolder } from '../../home/testing/folder.ts';
import { fileDatabase } from '../../store/testing/database.ts';
import { ticketBench } from '../testing/bench.ts';
import { startSessionProcess } from './testing/process.ts';
import { brisk, brittle } from './testing/times.ts';

let house: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => {
  house = await fileDatabase();
});
afterAll(() => house.drop());

async function rowOf(sessionId: string): Promise<{ readonly lives: boolean; readonly version: string }> {
  const [row] = await house.database.query<{ lives: boolean; version: string }>(
    'select until > clock_timestamp() as lives, xmin::text as version from kora.session where session_id = $1',
    [sessionId],
  );
  assert.ok(row);
  return row;
}

async function lives(sessionId: string): Promise<boolean> {
  return (await rowOf(sessionId)).lives;
}

test('a main thread that is busy for a while loses nothing: beats go on without it', async () => {
  const { owner } = await ticketBench({ database: house.database });
  const free = join(testFolder(), 'free');
  const child = await startSessionProcess({ connection: house.connection, owner, times: brisk });
  child.say('begin');
  const sessionId = await child.line('begun');
  await child.line('beat');
  child.say(`spin 0 ${free}`);
  await child.line('spinning');
  for (let beat = 0; beat < 5; beat += 1) {
    const { version } = await rowOf(sessionId);
    await expect.poll(async () => (await rowOf(sessionId)).version).not.toBe(version);
  }
  expect(child.lines).not.toContain('spun');
  writeFileSync(free, '');
  await child.line('spun');
  await child.line('beat', child.lines.length);
  expect(child.lines.join('\n')).not.toContain('lost');
});

test('a main thread that is blocked for 10 s: its session is lost and its work aborted, and another has the ticket', async () => {
  const bench = await ticketBench({ database: house.database });
  const free = join(testFolder(), 'free');
  const child = await startSessionProcess({ connection: house.connection, owner: bench.owner });
  child.say('begin');
  const sessionId = await child.line('begun');
  await bench.add();
  const [stale] = await bench.claim(sessionId);
  assert.ok(stale);
  child.say(`spin 10000 ${free}`);
  await child.line('spinning');
  // Nobody waits for the rest of the lease.
  await expect.poll(() => lives(sessionId)).toBe(false);
  await bench.reap();
  const [fresh] = await bench.claim(await bench.session());
  expect(fresh).toMatchObject({ ticketId: stale.ticketId, fence: stale.fence + 1 });
  expect(child.lines).not.toContain('spun');
  writeFileSync(free, '');
  await child.line('spun');
  expect(await child.line('lost')).toBe('the session was lost: the main thread stood still');
  expect(await bench.resolve(sessionId, stale)).toBe('lost');
  child.say('begin');
  expect(await child.line('begun', child.lines.length)).not.toBe(sessionId);
  expect(await lives(sessionId)).toBe(false);
});

test('a process that was frozen past its lease: every write after it is refused, and it is never revived', async () => {
  const bench = await ticketBench({ database: house.database });
  const child = await startSessionProcess({
    connection: house.connection,
    owner: bench.owner,
    times: brittle,
  });
  child.say('begin');
  const sessionId = await child.line('begun');
  await bench.add();
  const [stale] = await bench.claim(sessionId);
  assert.ok(stale);
  child.signal('SIGSTOP');
  await expect.poll(() => lives(sessionId)).toBe(false);
  await bench.reap();
  const [fresh] = await bench.claim(await bench.session());
  assert.ok(fresh);
  child.signal('SIGCONT');
  expect(await child.line('lost')).toMatch(
    /^the session was lost: (?:no beat was answered within|its lease has run out)/,
  );
  expect(await bench.resolve(sessionId, stale)).toBe('lost');
  expect(await bench.release(sessionId, stale)).toBe('lost');
  expect(await bench.claim(sessionId)).toEqual([]);
  expect(await lives(sessionId)).toBe(false);
  expect(await bench.find(stale.ticketId)).toMatchObject({ fence: fresh.fence });
});

test('a process that was frozen for less than its lease goes on', async () => {
  const { owner } = await ticketBench({ database: house.database });
  const child = await startSessionProcess({
    connection: house.connection,
    owner,
    times: { ...brisk, stillMs: 1_500 },
  });
  child.say('begin');
  const sessionId = await child.line('begun');
  await child.line('beat');
  child.signal('SIGSTOP');
  // Longer than a main thread may stand still: but its keeper stood as well.
  await systemClock().sleep(2_500);
  child.signal('SIGCONT');
  await child.line('beat', child.lines.length + 2);
  expect(await lives(sessionId)).toBe(true);
  expect(child.lines.join('\n')).not.toContain('lost');
});

test('a process whose session has ended ends by itself, and leaves no connection', async () => {
  const { owner } = await ticketBench({ database: house.database });
  const child = await startSessionProcess({ connection: house.connection, owner, times: brisk });
  child.say('begin');
  await child.line('beat');
  child.say('end');
  expect(await child.ended).toBe(0);
  const left = (): Promise<unknown> =>
    house.database.query(
      `select pid from pg_stat_activity where application_name = 'kora-session' and datname = current_database()`,
    );
  await expect.poll(left).toEqual([]);
});
