import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { draft } from '../chain/index.ts';
import { noted, secondRuntime, testChain } from '../chain/testing/chain.ts';
import type { TestChain } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { fault } from '../fault/index.ts';
import { testFolder } from '../home/testing/folder.ts';
import { openPool, readMigrations } from '../store/index.ts';
import type { Database } from '../store/index.ts';
import type { TestDatabase } from '../store/testing/database.ts';
import { lockHome } from '../home/index.ts';
import { bootEvents, PluginGates, runGates, ServiceTokens, standardGates } from './index.ts';
import type { GateHouse, GateReport, Verdict } from './index.ts';

interface House extends TestChain, TestDatabase {
  check(change?: Partial<GateHouse>): Promise<{ verdict: Verdict; reports: Map<string, GateReport> }>;
}

async function house(): Promise<House> {
  const made = await testChain();
  await made.chain.declare('kora', bootEvents);
  const { chain, database, workspaceId } = made;
  const home = testFolder();
  const release = await lockHome(home, systemClock());
  onTestFinished(release);
  return {
    ...made,
    check: async (change) => {
      const reports = new Map<string, GateReport>();
      const migrations = await readMigrations(fileURLToPath(new URL('../../migrations/', import.meta.url)));
      const verdict = await runGates(
        standardGates({
          database,
          chain,
          workspaceId,
          home,
          configFile: null,
          credentials: [],
          build: '1.0.0',
          migrations,
          epoch: () => Promise.resolve('epoch 1'),
          checkpointed: () => Promise.resolve(0),
          tokens: () => Promise.resolve([]),
          capabilities: { load: () => Promise.resolve('12 capabilities, no grants') },
          spend: { read: () => Promise.resolve('nothing spent') },
          added: [],
          checkOnly: false,
          ...change,
        }),
        {
          clock: systemClock(),
          signal: new AbortController().signal,
          onReport: (report) => reports.set(report.gateId, report),
          onRetry: () => undefined,
          once: true,
        },
      );
      return { verdict, reports };
    },
  };
}

/** Everything that a check must leave as it was. */
async function contents(database: Database): Promise<unknown> {
  return database.query(
    `select (select count(*) from kora.event) as events, (select count(*) from kora.stage) as staged,
       (select count(*) from kora.boot) as boots, (select count(*) from kora.hold) as holds,
       (select seq from kora.chain_head) as head`,
  );
}

test('a sound house passes every gate, and the smoke event is on the chain', async () => {
  const { check, chain } = await house();
  const { verdict, reports } = await check();
  expect(verdict).toEqual({ outcome: 'passed' });
  expect(reports.get('10_smoke')).toMatchObject({ outcome: 'pass', detail: 'sealed and read as #1' });
  expect(await chain.read({})).toMatchObject([{ type: 'kora.boot.smoke', actorId: 'kora' }]);
});

test('checking only runs the same gates and changes nothing', async () => {
  const { check, chain, database } = await house();
  await chain.appendSealed(draft(noted, { n: 1 }));
  const before = await contents(database);
  const { verdict, reports } = await check({ checkOnly: true });
  expect(verdict).toEqual({ outcome: 'passed' });
  expect([...reports.values()].map(({ gateId, outcome }) => `${gateId} ${outcome}`)).toEqual([
    '1_configuration pass',
    '2_credential_rule pass',
    '3_schema_version pass',
    '3b_epoch pass',
    '4_role pass',
    '5_chain_head pass',
    '6_tokens pass',
    '7_canonical_actor pass',
    '8_capability_matrix pass',
    '9_cost_state pass',
    '10_smoke pass',
  ]);
  expect(await contents(database)).toEqual(before);
});

test('an event log that lets itself be changed is named, with the statement', async () => {
  const { check, database } = await house();
  await database.query('drop trigger append_only on kora.event');
  const { verdict } = await check();
  expect(verdict).toMatchObject({ outcome: 'failed', gate: { gateId: '4_role' } });
});

test('a role that has no right to change the log passes, though no trigger was asked', async () => {
  const made = await house();
  const role = `weak_${made.connection.database ?? ''}`;
  await made.database.query(`create role ${role} login password 'weak'`);
  onTestFinished(async () => {
    const client = new pg.Client(made.connection);
    await client.connect();
    await client.query(`drop owned by ${role}; drop role ${role}`);
    await client.end();
  });
  await made.database.query(`grant usage on schema kora to ${role}`);
  await made.database.query(`grant select, insert on all tables in schema kora to ${role}`);
  await made.database.query(`grant usage on all sequences in schema kora to ${role}`);
  const database = openPool({
    connection: { ...made.connection, user: role, password: 'weak' },
    server: { kind: 'url', description: 'weak' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const { reports } = await made.check({ database, checkOnly: true });
  await database.close();
  expect(reports.get('4_role')).toMatchObject({ outcome: 'pass' });
});

test('a changed event pauses the boot, names its sequence, and the later gates run', async () => {
  const { check, chain, database } = await house();
  for (const n of [1, 2, 3]) await chain.appendSealed(draft(noted, { n }));
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(`update kora.event_body set body = '{}' where seq = 2`);
  });
  const { verdict, reports } = await check();
  expect(verdict).toMatchObject({
    outcome: 'paused',
    gates: [{ gateId: '5_chain_head', detail: 'event #2 is changed: the body differs from its hash' }],
  });
  // The page reads it from here: nobody looks back so far again.
  expect(chain.broken).toMatchObject({ ok: false, firstBadSeq: 2 });
  expect(reports.get('10_smoke')).toMatchObject({ outcome: 'pass' });
});

test('a store in another epoch pauses and does not stop', async () => {
  const { check } = await house();
  const { verdict } = await check({
    epoch: () => Promise.reject(fault('KORA_EPOCH_MISMATCH', 'it went back', { fix: 'kora status' })),
  });
  expect(verdict).toMatchObject({ outcome: 'paused', gates: [{ gateId: '3b_epoch', fix: 'kora status' }] });
});

test('a workspace without its active kora actor does not boot', async () => {
  const { check, database } = await house();
  await database.query(`update kora.actor set active = false where actor_id = 'kora'`);
  expect((await check()).verdict).toMatchObject({ outcome: 'failed', gate: { gateId: '7_canonical_actor' } });
});

test('a schema of a newer, breaking build does not boot, and names the build', async () => {
  const { check, database } = await house();
  await database.query(
    `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
     values ('runtime', 99, 'new-world', 'breaking', '', '9.9.9', '')`,
  );
  const { verdict } = await check();
  expect(verdict).toMatchObject({
    outcome: 'failed',
    gate: { gateId: '3_schema_version', fix: 'npm install @kora/cli@9.9.9' },
  });
});

test('a home that is gone does not boot', async () => {
  const { check } = await house();
  const { verdict } = await check({ home: '/nowhere/at/all' });
  expect(verdict).toMatchObject({ outcome: 'failed', gate: { gateId: '1_configuration' } });
});

test('a store that is away is no answer', async () => {
  const { check, connection } = await house();
  const database = openPool({
    connection: { ...connection, port: 1 },
    server: { kind: 'url', description: 'away' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  const { reports } = await check({ database });
  await database.close();
  expect(reports.get('3_schema_version')).toMatchObject({ outcome: 'unavailable' });
});

test('two runtimes that seal at once both pass their smoke', async () => {
  const made = await house();
  await secondRuntime(made);
  for (let n = 0; n < 5; n += 1) expect((await made.check()).verdict).toEqual({ outcome: 'passed' });
});

test('a home whose lock is not ours does not boot', async () => {
  const { check } = await house();
  const { verdict } = await check({ home: testFolder() });
  expect(verdict).toMatchObject({
    outcome: 'failed',
    code: 'KORA_BOOT_FAILED',
    gate: { gateId: '1_configuration', detail: expect.stringContaining('held by nobody') },
  });
});

test('two credentials of one provider do not boot, and both are named (defect 11)', async () => {
  const { check } = await house();
  const names = ['KORA_DATABASE_URL', 'KORA_DATABASE_URL_FILE'];
  const { verdict } = await check({ credentials: [{ provider: 'database', names }] });
  expect(verdict).toMatchObject({
    outcome: 'failed',
    code: 'KORA_BOOT_FAILED',
    gate: { gateId: '2_credential_rule', detail: expect.stringContaining(names.join(' and ')) },
  });
});

test('a role that may not append is named as that', async () => {
  const { check, database } = await house();
  await database.query(
    `create or replace function kora.no_stage() returns trigger language plpgsql as
     $$ begin raise exception 'no' using errcode = '42501'; end $$`,
  );
  await database.query(
    'create trigger no_stage before insert on kora.stage execute function kora.no_stage()',
  );
  expect((await check()).verdict).toMatchObject({
    outcome: 'failed',
    code: 'KORA_BOOT_EXHAUSTED',
    gate: { gateId: '4_role', degradation: 'dispatch' },
  });
});

test.each(['capabilities', 'spend'] as const)(
  '%s that cannot be read degrade and do not boot',
  async (port) => {
    const { check } = await house();
    const gone = (): Promise<string> => Promise.reject(new Error('relation is gone'));
    const { verdict } = await check(
      port === 'spend' ? { spend: { read: gone } } : { capabilities: { load: gone } },
    );
    const [gateId, degradation] =
      port === 'spend' ? ['9_cost_state', 'cost'] : ['8_capability_matrix', 'substrate'];
    expect(verdict).toMatchObject({
      outcome: 'failed',
      code: 'KORA_BOOT_EXHAUSTED',
      gate: { gateId, degradation, detail: 'relation is gone' },
    });
  },
);

test('tokens never keep a runtime from booting: refused, silent, expiring and broken ones degrade', async () => {
  const { check } = await house();
  const tokens = new ServiceTokens(systemClock());
  const soon = new Date(Date.now() + 3_600_000).toISOString();
  tokens.register({ name: 'good', check: async () => ({ state: 'ok', detail: 'hello' }) }, 'mail');
  tokens.register({ name: 'old', check: async () => ({ state: 'refused', detail: 'revoked' }) }, 'mail');
  tokens.register(
    { name: 'soon', check: async () => ({ state: 'ok', detail: '', expiresAt: soon }) },
    'mail',
  );
  tokens.register({ name: 'mute', check: () => Promise.reject(new Error('ECONNRESET')) }, 'mail');
  const { verdict, reports } = await check({ tokens: (signal) => tokens.check(signal) });
  expect(verdict).toEqual({ outcome: 'passed' });
  expect(reports.get('6_tokens')).toMatchObject({
    outcome: 'pass',
    degradation: 'token_expiring',
    detail: `mail.old is refused: revoked; mail.soon expires at ${soon}; mail.mute did not answer: ECONNRESET`,
  });
});

test('the gates of plugins run after the runtime’s own and before the smoke test', async () => {
  const { check } = await house();
  const gates = new PluginGates();
  const answer = { outcome: 'unavailable', detail: 'the mail server is silent' } as const;
  gates.register(
    { gateId: 'imap', title: 'Mail', gateClass: 'invariant', reason: 'auth', run: async () => answer },
    'mail',
  );
  const { verdict, reports } = await check({ added: gates.list() });
  expect(verdict).toEqual({ outcome: 'passed' });
  expect([...reports.keys()].slice(-3)).toEqual(['9_cost_state', 'mail.imap', '10_smoke']);
  expect(reports.get('mail.imap')).toMatchObject({ outcome: 'pass', degradation: 'auth' });
});

test('an epoch whose read fails is no mismatch (defect 15)', async () => {
  const { check } = await house();
  const { verdict } = await check({ epoch: () => Promise.reject(new Error('permission denied')) });
  expect(verdict).toMatchObject({
    outcome: 'failed',
    code: 'KORA_BOOT_EXHAUSTED',
    gate: { gateId: '3b_epoch', detail: 'permission denied' },
  });
});

/** Ticks of another thread, and the most that passed between two turns of this one's loop. */
async function loopWatch(): Promise<{ tick: Int32Array; longest: () => number }> {
  const tick = new Int32Array(new SharedArrayBuffer(4));
  const code = `const { workerData: tick } = require('node:worker_threads');
    setInterval(() => { Atomics.add(tick, 0, 1); Atomics.notify(tick, 0); }, 10);`;
  const worker = new Worker(code, { eval: true, workerData: tick });
  onTestFinished(async () => void (await worker.terminate()));
  await expect.poll(() => Atomics.load(tick, 0)).toBeGreaterThan(0);
  let [last, longest, isOver] = [Atomics.load(tick, 0), 0, false];
  const turn = (): void => {
    const now = Atomics.load(tick, 0);
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(turn);
  };
  turn();
  onTestFinished(() => void (isOver = true));
  return { tick, longest: () => longest };
}

/** Half a second that nothing else happens in is an event loop that stands still. */
const stillTicks = 50;

test('while the real gates run the event loop goes on, and one that blocks it is caught (defect 13)', async () => {
  const { check, chain } = await house();
  for (let n = 0; n < 300; n += 1) await chain.append([draft(noted, { n })]);
  await chain.appendSealed(draft(noted, { n: 300 }));
  const { tick, longest } = await loopWatch();
  expect((await check()).verdict).toEqual({ outcome: 'passed' });
  expect(longest()).toBeLessThan(stillTicks);

  const gates = new PluginGates();
  const block = async (): Promise<{ outcome: 'pass'; detail: string }> => {
    const until = Atomics.load(tick, 0) + stillTicks;
    for (let now = 0; now < until; now = Atomics.load(tick, 0)) Atomics.wait(tick, 0, now);
    return { outcome: 'pass', detail: 'it took its time' };
  };
  gates.register({ gateId: 'slow', title: 'Slow', gateClass: 'invariant', run: block }, 'mail');
  expect((await check({ added: gates.list() })).verdict).toEqual({ outcome: 'passed' });
  expect(longest()).toBeGreaterThanOrEqual(stillTicks);
});
