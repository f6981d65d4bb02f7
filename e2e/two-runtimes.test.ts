import { generateKeyPairSync } from 'node:crypto';
import { koraControlSchema, statusSchema } from '@kora/runtime/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from './harness/database.ts';
import { House } from './harness/house.ts';
import { until } from './harness/wait.ts';

/** Two homes, each with its own process and its own commands; what they share is the store. */
describe('two runtimes on one PostgreSQL', () => {
  const server = new House();
  const one = new House();
  const two = new House();
  const both = [one, two];
  let database: Database;

  beforeAll(async () => {
    await server.up();
    database = await Database.create(server, 'shared');
    await database.open();
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const env = { KORA_DATABASE_URL: database.url(), KORA_CHECKPOINT_KEY: key };
    await one.up([], { env });
    await two.up(['--adopt'], { env });
  });
  afterAll(async () => {
    // First who is connected through the port: it closes when nobody is.
    await Promise.all(both.map((house) => house[Symbol.asyncDispose]()));
    await database[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const statusOf = async (house: House) => (await house.read(statusSchema, 'status')).data;
  const primaryStates = () => Promise.all(both.map(async (house) => (await statusOf(house)).primaryState));
  const come = (state: string) =>
    until(`both to be ${state}`, async () => (await primaryStates()).every((is) => is === state));

  it('a stop is acknowledged by each, and lifted for both by the other', async () => {
    expect(await one.kora('stop', '--level', 'L2', '--reason', 'a deploy')).toMatchObject({ code: 0 });
    await come('paused');
    const { runtimeId: first } = await statusOf(one);
    const { runtimeId: second } = await statusOf(two);
    const acknowledged = await until('both to have carried it out', async () => {
      const { data } = await two.read(koraControlSchema, 'control');
      const rows = data.commands[0]?.acknowledgements ?? [];
      return rows.length === 2 && rows.every(({ enforcedAt }) => enforcedAt !== null) && rows;
    });
    expect(acknowledged.map(({ runtimeId }) => runtimeId).toSorted()).toEqual([first, second].toSorted());
    expect(acknowledged.map(({ failure }) => failure)).toEqual([null, null]);
    expect(await two.kora('resume', '--reason', 'deployed')).toMatchObject({ code: 0 });
    await come('ready');
  });

  it('a raised epoch holds both, once; a bare resume frees neither, and one acceptance both (defect 7)', async () => {
    expect(await one.kora('db', 'bump-epoch', '--reason', 'restored')).toMatchObject({ code: 0 });
    await come('paused');
    const { holds } = await statusOf(one);
    expect(holds).toMatchObject([{ cause: 'dr' }]);
    expect((await statusOf(two)).holds).toEqual(holds);
    for (const house of both)
      expect(await house.api().drState()).toMatchObject({
        match_status: 'mismatch_detected',
        acceptances: [],
      });
    await two.kora('resume', '--reason', 'whatever it is');
    expect(await primaryStates()).toEqual(['paused', 'paused']);
    const accept = ['resume', '--hold', String(holds[0]?.holdId), '--reason', 'it is the right one'];
    expect(await two.kora(...accept)).toMatchObject({ code: 0 });
    await come('ready');
    for (const house of both) {
      const dr = await until('the home to know the epoch', async () => {
        const state = await house.api().drState();
        return state.match_status === 'clean' && state;
      });
      expect(dr).toMatchObject({ hold: null, acceptances: [{ by: 'operator' }] });
    }
  });

  it('each keeps what it claims by a thread with a connection of its own', async () => {
    await using store = await server.store();
    const keepers = `select pid from pg_stat_activity where application_name = 'kora-session' and datname = 'shared'`;
    const found = await until('a keeper of each', async () => {
      const rows = await store.rows(keepers);
      return rows.length >= 2 && rows;
    });
    expect(found).toHaveLength(2);
  });
});
