import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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
import { isRoot } from './privilege.ts';
import { readProcess } from './process-table.ts';

// As root everything is tried twice: as root, and as somebody without any right.
const nobody = 65_534;
const users = isRoot()
  ? [
      { who: 'root', uid: undefined },
      { who: 'nobody', uid: nobody },
    ]
  : [{ who: 'a user', uid: undefined }];
const longMs = 60_000;
const soonMs = 300;

describe.each(users)('started by $who', ({ uid }) => {
  // Its data directory is made once, by the first: each of the others starts on what the one before left, and nobody ran.
  let shared: string;
  beforeAll(async () => {
    shared = await temporaryHome(uid);
  });
  afterAll(() => removeHome(shared));

  it('answers, and leaves no process behind after an orderly end', async () => {
    const home = await makeHome(uid);
    const runtime = startRuntime({ home, graceMs: longMs }, uid);
    const { connection, pid, reattached } = await runtime.opened;
    expect(reattached).toBe(false);
    expect(await query(connection, 'select current_database() as db, 1 + 1 as two')).toEqual([
      { db: 'kora', two: 2 },
    ]);
    const guardian = guardianOf(folderOf(home));
    expect(guardian).toBeDefined();
    runtime.child.kill('SIGINT');
    await runtime.hears('drained');
    expect(readProcess(pid)).toBeUndefined();
    expect(readProcess(guardian?.pid ?? 0)).toBeUndefined();
    expect(processesOf(folderOf(home))).toEqual([]);
    await runtime.exited;
  });

  it('keeps server and rows when the runtime is killed, and gives both to the next one', async () => {
    const home = shared;
    const first = startRuntime({ home, graceMs: longMs }, uid);
    const before = await first.opened;
    await query(before.connection, 'create table kept as select generate_series(1, 1000) as n');
    await first.crash();
    const second = startRuntime({ home, graceMs: longMs }, uid);
    const after = await second.opened;
    expect(after).toMatchObject({ pid: before.pid, reattached: true, connection: before.connection });
    expect(await query(after.connection, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
    second.child.kill('SIGINT');
    await second.exited;
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('ends server and guardian when no runtime comes back', async () => {
    const home = shared;
    const runtime = startRuntime({ home, graceMs: soonMs }, uid);
    const { pid } = await runtime.opened;
    const guardian = guardianOf(folderOf(home));
    await runtime.crash();
    await until('the server is gone', () => readProcess(pid) === undefined);
    await until('the guardian is gone', () => readProcess(guardian?.pid ?? 0) === undefined);
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('does not stop the server in the middle of a drain when Ctrl-C reaches the whole process group', async () => {
    const home = shared;
    const runtime = startRuntime({ home, graceMs: longMs }, uid);
    const { pid } = await runtime.opened;
    process.kill(-(runtime.child.pid ?? Number.NaN), 'SIGINT');
    await runtime.hears('drained');
    expect(runtime.said.filter((one) => 'lost' in one)).toEqual([]);
    expect(readProcess(pid)).toBeUndefined();
    await runtime.exited;
  });

  it('adopts the server when runtime and guardian are both killed', async () => {
    const home = shared;
    const first = startRuntime({ home, graceMs: longMs }, uid);
    const before = await first.opened;
    await query(before.connection, 'create table adopted as select 7 as n');
    await first.crash();
    process.kill(guardianOf(folderOf(home))?.pid ?? Number.NaN, 'SIGKILL');
    const second = startRuntime({ home, graceMs: longMs }, uid);
    const after = await second.opened;
    expect(after).toMatchObject({ pid: before.pid, reattached: true });
    expect(await query(after.connection, 'select n from adopted')).toEqual([{ n: 7 }]);
    second.child.kill('SIGINT');
    await second.exited;
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('keeps the rows when the home is moved after a crash, and leaves no server at the old place', async () => {
    const home = await makeHome(uid);
    const moved = `${home}-moved`;
    onTestFinished(() => removeHome(moved));
    const first = startRuntime({ home, graceMs: longMs }, uid);
    const before = await first.opened;
    await query(before.connection, 'create table kept as select 7 as n');
    await first.crash();
    await rename(home, moved);
    const second = startRuntime({ home: moved, graceMs: longMs }, uid);
    const { connection, pid } = await second.opened;
    expect(await query(connection, 'select n from kept')).toEqual([{ n: 7 }]);
    second.child.kill('SIGINT');
    await second.exited;
    expect(readProcess(before.pid)).toBeUndefined();
    expect(readProcess(pid)).toBeUndefined();
  });

  it('ends the server of a home that was moved and that nobody opens', async () => {
    const home = await makeHome(uid);
    const moved = `${home}-moved`;
    onTestFinished(() => removeHome(moved));
    const runtime = startRuntime({ home, graceMs: soonMs }, uid);
    const { pid } = await runtime.opened;
    const guardian = guardianOf(folderOf(home));
    await runtime.crash();
    await rename(home, moved);
    await until('the server is gone', () => readProcess(pid) === undefined);
    await until('the guardian is gone', () => readProcess(guardian?.pid ?? 0) === undefined);
    expect(processesOf(folderOf(moved))).toEqual([]);
  });

  it('begins again after a kill during initdb', async () => {
    const home = await makeHome(uid);
    const first = startRuntime({ home, graceMs: longMs }, uid);
    void first.opened.catch(() => undefined); // it never opens
    await first.hears('progress', 'PostgreSQL makes its data directory');
    await first.crash();
    const second = startRuntime({ home, graceMs: longMs }, uid);
    const { connection, reattached } = await second.opened;
    expect(reattached).toBe(false);
    expect(await query(connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    second.child.kill('SIGINT');
    await second.exited;
    expect(processesOf(folderOf(home))).toEqual([]);
  });

  it('closes every door but the socket, and the socket to whoever lacks the password', async () => {
    const home = shared;
    const runtime = startRuntime({ home, graceMs: longMs }, uid);
    const { connection, dataDirectory } = await runtime.opened;
    const settings = await query(
      connection,
      `select name, setting from pg_settings
       where name in ('listen_addresses', 'data_checksums', 'server_encoding', 'fsync', 'unix_socket_permissions')
       order by name`,
    );
    expect(settings.map((row) => Object.values(row))).toEqual([
      ['data_checksums', 'on'],
      ['fsync', 'on'],
      ['listen_addresses', ''],
      ['server_encoding', 'UTF8'],
      ['unix_socket_permissions', '0700'],
    ]);
    await expect(query({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
    const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
    expect(await mode(join(home, 'postgres', 'password'))).toBe(0o600);
    expect(await mode(dataDirectory)).toBe(0o700);
    expect(await mode(connection.host ?? '')).toBe(0o700);
    expect(Buffer.byteLength(`${connection.host}/.s.PGSQL.5432`)).toBeLessThan(100);
    runtime.child.kill('SIGINT');
    await runtime.exited;
  });
});
