import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KoraError } from '../../fault/index.ts';
import type { PluginStore, StoreStatement } from './contract.ts';
import { holder, migration, registered, storeBench } from './testing/bench.ts';
import type { StoreBench } from './testing/bench.ts';
import {
  canary,
  deeds,
  everythingElse,
  hostileMigrations,
  quietSchema,
  shapes,
  wanted,
} from './testing/hostile.ts';

let bench: StoreBench;
beforeAll(async () => {
  bench = await storeBench();
});
afterAll(() => bench.drop());

/** A plugin that minds its own business, a house with something in it, and one who looks for ways out. */
async function scene(): Promise<{ readonly mole: PluginStore; readonly quiet: PluginStore }> {
  const { database, stores } = bench;
  const secret = migration(1, 'create table secret (text text not null)');
  const quiet = await registered(stores, 'quiet', [secret]);
  await quiet.store.run([{ sql: 'insert into secret values ($1)', values: [canary] }]);
  const mole = await registered(stores, 'mole', hostileMigrations);
  await database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values (1, 'operator', 'operator', $1)`,
    [canary],
  );
  await database.query(`insert into kora.chain_head values (1, 100, '')`);
  await database.query(
    `insert into kora.subscription (workspace_id, consumer, types, cursor, holder) values (1, 'quiet.copy', '{}', 1, $1)`,
    [holder],
  );
  await database.query(`update kora.plugin_role set password = password || $1`, [canary]);
  await database.query('analyze');
  return { mole: mole.store, quiet: quiet.store };
}

/** Everything it was told, whether it was an answer or a refusal. */
async function told(store: PluginStore, statements: readonly StoreStatement[]): Promise<string> {
  try {
    return JSON.stringify(await store.run(statements, { timeoutMs: 3_000 }));
  } catch (error) {
    if (!(error instanceof KoraError)) throw error;
    return `${error.code} ${error.message} ${JSON.stringify(error.details)}`;
  }
}

test('law: whatever a plugin runs, it reads nothing that is not its own and changes nothing else', async () => {
  const { mole, quiet } = await scene();
  const before = await everythingElse(bench.database);
  const statement = fc
    .tuple(fc.constantFrom(...shapes), fc.constantFrom(...wanted, ...deeds))
    .map(([shape, text]) => shape(text));
  await fc.assert(
    fc.asyncProperty(fc.array(statement, { minLength: 1, maxLength: 4 }), async (statements) => {
      expect(await told(mole, statements)).not.toContain(canary);
    }),
    { numRuns: 300 },
  );
  // Chance leaves some out; each of them once, in the shape that reaches furthest.
  for (const text of [...wanted, ...deeds]) {
    const answer = await told(mole, [{ sql: 'select swallow($1) as it', values: [text] }]);
    expect(answer, text).not.toContain(canary);
  }
  expect(await everythingElse(bench.database)).toEqual(before);
  // Its tools still work: what was refused was refused for want of rights.
  expect(await told(mole, [{ sql: `select swallow('select 41 + 1') as it` }])).toContain('"it":"42"');
  expect(await quiet.run([{ sql: 'select text from secret' }])).toEqual([
    { count: 1, rows: [{ text: canary }] },
  ]);
  expect(bench.errors).toEqual([]);
});

test('the law can be broken: a right too many is noticed, in what is read and in what is changed', async () => {
  const { database } = bench;
  const [role] = await database.query<{ name: string }>(`select kora.plugin_role_name('mole')::text as name`);
  const mole = await registered(bench.stores, 'mole', hostileMigrations);
  await database.query(
    `grant usage on schema ${quietSchema} to ${role?.name}; grant select, insert on ${quietSchema}.secret to ${role?.name}`,
  );
  const before = await everythingElse(database);
  expect(await told(mole.store, [{ sql: `select text from ${quietSchema}.secret` }])).toContain(canary);
  await told(mole.store, [{ sql: `insert into ${quietSchema}.secret values ('x')` }]);
  expect(await everythingElse(database)).not.toEqual(before);
});
