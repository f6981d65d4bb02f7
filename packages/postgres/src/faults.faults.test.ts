import { spawn } from 'node:child_process';
import {
  appendFile,
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  folderOf,
  guardianOf,
  makeHome,
  processesOf,
  query,
  removeHome,
  startRuntime,
  temporaryHome,
  until,
} from '../fixtures/harness.ts';
import type { EmbeddedPostgres } from './contract.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { openWith } from './open.ts';
import { isRoot } from './privilege.ts';
import { readProcess } from './process-table.ts';

const internals = { graceMs: 60_000 };
const opened: EmbeddedPostgres[] = [];

/** Stopped after the test, whatever became of it. */
async function open(home: string, lines: string[] = [], signal?: AbortSignal): Promise<EmbeddedPostgres> {
  const options = { home, onProgress: (line: string) => void lines.push(line) };
  const db = await openWith(signal === undefined ? options : { ...options, signal }, internals);
  opened.push(db);
  return db;
}

afterEach(async () => {
  for (const db of opened.splice(0)) await db.stop();
});

interface Used {
  readonly home: string;
  readonly dataDirectory: string;
}

/** Of all tests that leave it as they found it: stopped, with a complete data directory. */
let shared: Used;
beforeAll(async () => {
  shared = await used(await temporaryHome());
});
afterAll(() => removeHome(shared.home));

/** Opened once and stopped: a home with a complete data directory. */
async function usedHome(): Promise<Used> {
  return used(await makeHome());
}

async function used(home: string): Promise<Used> {
  const db = await open(home);
  await query(db.connection, 'create table kept as select 7 as n');
  await db.stop();
  return { home, dataDirectory: db.dataDirectory };
}

async function refusal(opening: Promise<unknown>): Promise<EmbeddedPostgresError> {
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EmbeddedPostgresError) return error;
  throw new Error(`expected a refusal with a code, got ${String(error)}`);
}

describe('the server', () => {
  it('is raised again after it was killed, with every acknowledged row', async () => {
    const db = await open(shared.home);
    await query(db.connection, 'create table acknowledged as select 7 as n');
    const { pid } = db;
    process.kill(pid, 'SIGKILL');
    await until('another server answers', async () => {
      const rows = await query(db.connection, 'select n from acknowledged').catch(() => []);
      return rows[0]?.n === 7;
    });
    expect(readProcess(pid)).toBeUndefined();
    await until('its pid is known', () => db.pid !== pid && db.pid !== 0);
  });

  it('stops twice as well as once, and what was open is told', async () => {
    const { home } = shared;
    const db = await open(home);
    const running = query(db.connection, 'select pg_sleep(60)').catch((error: unknown) => error);
    await until('the statement runs', async () => {
      const rows = await query(db.connection, "select from pg_stat_activity where wait_event = 'PgSleep'");
      return rows.length === 1;
    });
    await Promise.all([db.stop(), db.stop()]);
    await db.stop();
    expect(await running).toBeInstanceOf(Error);
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('starts over a lock file whose pid now belongs to somebody else', async () => {
    const { home, dataDirectory } = shared;
    // Same user as the server: that is the case which PostgreSQL itself refuses.
    const owner = isRoot() ? { uid: 65_534, gid: 65_534 } : {};
    const other = spawn('sleep', ['60'], { stdio: 'ignore', ...owner });
    onTestFinished(() => void other.kill());
    await writeFile(
      join(dataDirectory, 'postmaster.pid'),
      `${other.pid}\n${dataDirectory}\n1\n5432\n/tmp\n\n\n`,
    );
    if (isRoot()) await chown(join(dataDirectory, 'postmaster.pid'), 65_534, 65_534);
    const db = await open(home);
    expect(await query(db.connection, 'select n from kept')).toEqual([{ n: 7 }]);
    expect(other.exitCode).toBeNull();
  });

  it('that does not start is told with its own last words', async () => {
    const { home, dataDirectory } = shared;
    const settings = join(dataDirectory, 'postgresql.auto.conf');
    const before = await readFile(settings);
    onTestFinished(() => writeFile(settings, before));
    await appendFile(settings, "shared_buffers = 'much'\n");
    const error = await refusal(open(home));
    expect(error.code).toBe('KORA_PG_START');
    expect(error.message).toContain('invalid value for parameter "shared_buffers"');
    expect(processesOf(folderOf(home))).toEqual([]);
  });
});

describe('a server that was killed', () => {
  it('is raised again though one of its backends is still busy, and then nothing is left of either', async () => {
    const { home } = shared;
    const db = await open(home);
    const busy = query(
      db.connection,
      "set application_name = 'busy'; select count(*) from generate_series(1, 1e10)",
    );
    const lost = busy.catch((error: unknown) => error);
    await until('the statement runs', async () => {
      const sql = "select from pg_stat_activity where application_name = 'busy' and state = 'active'";
      return (await query(db.connection, sql)).length === 1;
    });
    process.kill(db.pid, 'SIGKILL');
    expect(await lost).toBeInstanceOf(Error);
    await until('another server answers', async () => {
      const rows = await query(db.connection, 'select 1').catch(() => []);
      return rows.length === 1;
    });
    process.kill(db.pid, 'SIGKILL');
    await db.stop();
    expect(processesOf(folderOf(home))).toEqual([]);
  });
});

describe('the guardian', () => {
  it('is replaced when it is killed, and the server never notices', async () => {
    const { home } = shared;
    const db = await open(home);
    const { pid } = db;
    const first = guardianOf(folderOf(home));
    process.kill(first?.pid ?? Number.NaN, 'SIGKILL');
    await until('another guardian', () => {
      const now = guardianOf(folderOf(home));
      return now !== undefined && now.pid !== first?.pid;
    });
    expect(readProcess(pid)).toBeDefined();
    await db.stop();
    expect(readProcess(pid)).toBeUndefined();
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('that hangs does not keep the runtime from stopping', async () => {
    const { home } = shared;
    const db = await open(home);
    process.kill(guardianOf(folderOf(home))?.pid ?? Number.NaN, 'SIGSTOP');
    await db.stop();
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('and its server see nothing of our environment', async () => {
    process.env.KORA_TEST_SECRET = 'not for others';
    onTestFinished(() => void delete process.env.KORA_TEST_SECRET);
    const { home } = shared;
    const db = await open(home);
    for (const pid of [db.pid, guardianOf(folderOf(home))?.pid ?? 0]) {
      expect(await readFile(`/proc/${pid}/environ`, 'utf8')).not.toMatch(/SECRET|HOME=/);
    }
  });
});

describe('the home', () => {
  it('is left clean when the opening is called off during initdb', async () => {
    const home = await makeHome();
    const off = new AbortController();
    const opening = openWith(
      {
        home,
        signal: off.signal,
        onProgress: (line) =>
          line === 'PostgreSQL makes its data directory' && off.abort(new Error('called off')),
      },
      internals,
    );
    await expect(opening).rejects.toThrow('called off');
    expect(processesOf(folderOf(home))).toEqual([]);
    expect((await readdir(folderOf(home))).filter((name) => name.startsWith('data'))).toEqual([]);
  });

  it('is left clean when the opening is called off while the server starts', async () => {
    const { home } = shared;
    const off = new AbortController();
    const opening = openWith(
      {
        home,
        signal: off.signal,
        onProgress: (line) => line === 'PostgreSQL starts' && off.abort(new Error('called off')),
      },
      internals,
    );
    await expect(opening).rejects.toThrow('called off');
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('gets a new password when the file was lost, also under a server that still runs', async () => {
    const home = await makeHome();
    const first = startRuntime({ home, ...internals });
    const { connection } = await first.opened;
    await query(connection, 'create table kept as select 7 as n');
    await first.crash();
    await rm(join(home, 'postgres', 'password'));
    const lines: string[] = [];
    const second = await open(home, lines);
    expect(lines).toContain('PostgreSQL gets a new password: its file was lost');
    expect(await query(second.connection, 'select n from kept')).toEqual([{ n: 7 }]);
    await expect(query(connection, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('of another major version is refused by name', async () => {
    const { home, dataDirectory } = shared;
    const version = join(dataDirectory, 'PG_VERSION');
    const before = await readFile(version);
    onTestFinished(() => writeFile(version, before));
    await writeFile(version, '12\n');
    const error = await refusal(open(home));
    expect(error.code).toBe('KORA_PG_MAJOR_VERSION');
    expect(error.message).toContain('PostgreSQL 12');
    expect(error.fix).toContain('PostgreSQL 12');
  });

  it('with half a data directory is refused, and nothing in it is touched', async () => {
    const { home, dataDirectory } = await usedHome();
    await rm(join(dataDirectory, 'global', 'pg_control'));
    expect((await refusal(open(home))).code).toBe('KORA_PG_DATA_DAMAGED');
    expect(await readdir(join(dataDirectory, 'base'))).not.toEqual([]);
  });

  it('that is not there is refused', async () => {
    const error = await refusal(open('/tmp/kora-pg-nowhere'));
    expect(error.code).toBe('KORA_PG_FILES');
    expect(error.fix).toContain('/tmp/kora-pg-nowhere');
  });

  it.each(['short', 'x'.repeat(120)])('may have a path full of odd characters: %s', async (name) => {
    const base = await mkdtemp('/tmp/kora-pg-');
    onTestFinished(() => rm(base, { recursive: true, force: true }));
    const home = join(base, `it's, "odd" \\ #${name}`);
    await mkdir(home);
    onTestFinished(() => removeHome(home));
    const db = await open(home);
    expect(await query(db.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('that was moved takes its database along', async () => {
    const { home } = await usedHome();
    const moved = `${home}-moved`;
    await rename(home, moved);
    onTestFinished(() => removeHome(moved));
    const db = await open(moved);
    expect(await query(db.connection, 'select n from kept')).toEqual([{ n: 7 }]);
    await db.stop();
  });
});

// What follows holds only where the database lies outside the home: for anyone but root there is nothing of it to test.
describe.each(isRoot() ? ['as root'] : [])('%s, the home', () => {
  it('that was copied does not open the database of the original', async () => {
    const { home } = shared;
    const copy = `${home}-copy`;
    await cp(home, copy, { recursive: true });
    onTestFinished(() => rm(copy, { recursive: true, force: true }));
    expect((await refusal(open(copy))).code).toBe('KORA_PG_HOME_COPIED');
  });

  it('that was deleted and made anew begins empty, and the old database is kept', async () => {
    const { home } = await usedHome();
    const folder = folderOf(home);
    await rm(home, { recursive: true });
    await mkdir(home, { mode: 0o700 });
    const lines: string[] = [];
    const db = await open(home, lines);
    const kept = lines.find((line) => line.includes(`${folder}.left-`));
    expect(kept).toBeDefined();
    const left = kept?.slice(kept.indexOf(folder)) ?? '';
    onTestFinished(() => rm(left, { recursive: true }));
    expect(await readdir(join(left, 'data'))).toContain('PG_VERSION');
    await expect(query(db.connection, 'select n from kept')).rejects.toThrow('does not exist');
  });

  it('whose database is gone is refused, not given an empty one', async () => {
    const { home } = await usedHome();
    await rm(folderOf(home), { recursive: true });
    expect((await refusal(open(home))).code).toBe('KORA_PG_DATA_DAMAGED');
  });

  it("with a user's database is refused with that user's number", async () => {
    const home = await makeHome();
    await mkdir(join(home, 'postgres', 'data'), { recursive: true });
    await chown(join(home, 'postgres', 'data'), 1234, 1234);
    const error = await refusal(open(home));
    expect(error.code).toBe('KORA_PG_PRIVILEGE');
    expect(error.fix).toContain("sudo -u '#1234'");
  });

  it('that is closed to an ordinary user is refused to that user, with the folder', async () => {
    const home = await makeHome();
    const runtime = startRuntime({ home, ...internals }, 65_534);
    await expect(runtime.opened).rejects.toThrow(/KORA_PG_PERMISSION/);
  });

  it('may lie where the server cannot look', async () => {
    const closed = await mkdtemp('/tmp/kora-pg-');
    await chmod(closed, 0o700);
    const home = join(closed, 'home');
    await mkdir(home, { mode: 0o700 });
    onTestFinished(async () => {
      await removeHome(home);
      await rm(closed, { recursive: true });
    });
    const db = await open(home);
    expect(await query(db.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });
});
