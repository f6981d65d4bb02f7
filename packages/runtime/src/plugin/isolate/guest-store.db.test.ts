import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import type { OutboundMessage } from '../contract.ts';
import { storeBench } from '../store/testing/bench.ts';
import type { StoreBench } from '../store/testing/bench.ts';
import type { PluginPorts } from '../surface.ts';
import { GuestBench, pidOf } from '../testing/guest-bench.ts';
import { entryOf } from '../testing/packages-on-disk.ts';

// Real processes start here, on whatever machine this is.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let stores: StoreBench;
let bench: GuestBench;
beforeAll(async () => {
  stores = await storeBench();
});
afterAll(() => stores.drop());
beforeEach(async () => {
  bench = await GuestBench.create();
});
afterEach(() => bench[Symbol.asyncDispose]());

/** The scripted house, with a real database behind its stores. */
function ports(): PluginPorts {
  const { house } = bench;
  return {
    workspace: 'default',
    admission: house.admission,
    record: (event) => house.record(event),
    services: (owner) => {
      const { registerMigrations, store } = stores.stores.of(owner, () => true);
      return {
        ...house.services(owner),
        registerMigrations: (given) => registerMigrations('migrations' in given ? given.migrations : []),
        store,
      };
    },
  };
}

/** A guest whose channel `ask` runs a function of its own over what it is sent, and answers with it as JSON. */
async function guest(id: string, answer: string, head = ''): Promise<(asked: object) => Promise<unknown>> {
  const register = `
    const folder = new URL('../migrations', import.meta.url).href;
    await context.registerMigrations({ directory: folder });
    const answer = ${answer};
    await context.registerChannel({ name: 'ask', send: async ({ body }) => {
      const said = await answer(JSON.parse(body)).catch(({ code, details }) => ({ code, details }));
      return { receipt: JSON.stringify(said) };
    } });`;
  await bench.disk.plugin(id, { id, contributes: { channels: ['ask'] } }, entryOf(id, register, head));
  const ddl =
    'create table note (id int generated always as identity primary key, text text unique, at timestamptz)';
  await bench.disk.write(`host/node_modules/${id}/migrations`, { '0001-note.sql': `-- safe: new\n${ddl};` });
  const host = await bench.hostOf([id], { ports: ports() });
  await host.loadAll(new AbortController().signal);
  host.daemonsSettled(id, []);
  expect(host.get(id)).toMatchObject({ state: 'loaded', registered: { migrations: ['1 note'] } });
  expect(pidOf(host, id)).not.toBe(process.pid);
  return async (asked) => {
    const message = { body: JSON.stringify(asked) } as OutboundMessage;
    const sent = await bench.house.channels.get('ask')?.send(message, new AbortController().signal);
    return JSON.parse(sent?.receipt ?? 'null') as unknown;
  };
}

test('a guest keeps tables from its own process: its files, its values, its errors, as if it were in ours', async () => {
  const ask = await guest(
    'tide',
    `({ sql, at, options }) => context.store.run([{ sql, values: at === undefined ? [] : [new Date(at)] }], options)`,
  );
  const insert = `insert into note (text, at) values ('high', $1) returning id, at`;
  expect(await ask({ sql: insert, at: 0 })).toEqual([
    { count: 1, rows: [{ id: 1, at: '1970-01-01T00:00:00Z' }] },
  ]);
  expect(await ask({ sql: insert, at: 0 })).toEqual({
    code: 'KORA_PLUGIN_STATEMENT_FAILED',
    details: expect.objectContaining({
      statement: 0,
      sqlstate: '23505',
      constraint: 'note_text_key',
    }) as unknown,
  });
  expect(await ask({ sql: 'commit' })).toMatchObject({ code: 'KORA_PLUGIN_STATEMENT_REFUSED' });
  expect(await ask({ sql: 'select 1', options: { claim: { ticketId: 1, fence: 1 } } })).toMatchObject({
    code: 'KORA_TICKET_STALE_FENCE',
  });
  expect(await ask({ sql: 'select 1', options: { timeoutMs: 'soon' } })).toMatchObject({
    code: 'KORA_PLUGIN_INVALID',
  });
});

test('a guest that knocks at the database’s socket is not let in, under nobody’s name', async () => {
  const { host, port } = inject('postgres');
  const knock = `({ path, user, database }) => new Promise((resolve) => {
    const words = Buffer.from(['user', user, 'database', database, '', ''].join('\\0'), 'latin1');
    const hello = Buffer.alloc(8);
    hello.writeInt32BE(8 + words.length - 1, 0);
    hello.writeInt32BE(196608, 4);
    const socket = createConnection(path);
    socket.on('error', ({ code }) => resolve({ refused: code }));
    socket.on('connect', () => socket.write(Buffer.concat([hello, words.subarray(0, -1)])));
    socket.on('data', (said) => {
      resolve({ kind: String.fromCharCode(said[0]), word: said.readInt32BE(5) });
      socket.destroy();
    });
  })`;
  const ask = await guest('mole', knock, `import { createConnection } from 'node:net';`);
  const [it] = await stores.database.query<{ role: string; database: string }>(
    `select kora.plugin_role_name('mole')::text as role, current_database()::text as database`,
  );
  const path = `${host}/.s.PGSQL.${port}`;
  for (const user of ['kora', it?.role]) {
    const said = await ask({ path, user, database: it?.database });
    // Closed to its user, or asked for a password that it does not have (10 is SCRAM, 0 would be welcome).
    expect([{ refused: 'EACCES' }, { kind: 'R', word: 10 }]).toContainEqual(said);
  }
});
