import { expect, onTestFinished, test } from 'vitest';
import { draft } from '../chain/index.ts';
import { noted, said, testChain } from '../chain/testing/chain.ts';
import type { TestChain } from '../chain/testing/chain.ts';
import { systemClock } from '../clock/index.ts';
import { openPool } from '../store/index.ts';
import type { Database } from '../store/index.ts';
import { testDatabase } from '../store/testing/database.ts';
import type { TestDatabase } from '../store/testing/database.ts';
import { isUnfinished, transferStore } from './index.ts';
import type { TransferReport } from './index.ts';

/** What people ordered, spent and allowed: rows whose guards would refuse them as they stand, were they new. */
const governed = [
  `insert into kora.control (workspace_id, command_id, level, kind, reason, issuer_actor, issuer_kind)
     values ($1, gen_random_uuid(), 4, 'kill', 'x', 'operator', 'operator'),
       ($1, gen_random_uuid(), 0, 'reset', 'x', 'operator', 'operator'),
       ($1, gen_random_uuid(), 2, 'drain', 'x', 'operator', 'operator')`,
  `insert into kora.control_acknowledgement (workspace_id, sequence, runtime_id) values ($1, 3, gen_random_uuid())`,
  `update kora.hold set cleared_at = clock_timestamp(), cleared_by = 'operator' where workspace_id = $1`,
  `insert into kora.refusal (workspace_id, runtime_id, minute, door, cause, caller, count, first_at, last_at)
     values ($1, gen_random_uuid(), now(), 'tool_call', 'stop_l2', 'x', 3, now(), now())`,
  'select kora.set_spend_pool($1, $$x$$, 10)',
  ...[1, 2, 3].map((n) => `select kora.reserve_spend($1, $$c${n}$$, $$x$$, $$fast$$, 3, null, null)`),
  'select kora.settle_spend($1, $$c1$$, null, 2, null)',
  'select kora.release_spend($1, $$c2$$, $$x$$)',
  'select kora.reconcile_spend($1, $$x$$, 4, $$x$$)',
  `insert into kora.capability_grant (workspace_id, capability, owner, subject_kind, subject, granted_by, reason)
     values ($1, 'cap_web_fetch', 'kora', 'plugin', 'slack', 'operator', 'x')`,
  `update kora.capability_grant set revoked_at = clock_timestamp(), revoked_by = 'operator', revoke_reason = 'x'`,
  `insert into kora.approval (workspace_id, capability, what, caller, call_id, arguments_hash, expires_at)
     values ($1, 'cap_web_fetch', 'tool:x', 'slack', 'c', repeat('a', 64), now() + interval '1 hour')`,
  `update kora.approval set status = 'approved', decided_at = now(), decided_by = 'operator', decision_reason = 'x'`,
  `update kora.approval set status = 'used', used_at = now()`,
  `insert into kora.artifact (workspace_id, artifact_id, name, media_type, size, sha256, made_by)
     values ($1, 'art_' || repeat('a', 32), 'a.txt', 'text/plain', 3, sha256('\\x005c0a'), 'x')`,
  `insert into kora.artifact_part (workspace_id, artifact_id, part, bytes)
     values ($1, 'art_' || repeat('a', 32), 0, '\\x005c0a')`,
  `insert into kora.tool_use (workspace_id, tool, call_id) values ($1, 'kora__create_sea_ticket', 'c')`,
  `insert into kora.asked (workspace_id, key, deed, wish, answer) values ($1, 'k', 'stop', '\\x00', '{}')`,
];

/** A store in which something happened, with values that are easy to get wrong. */
async function lived(events = 20): Promise<TestChain & TestDatabase> {
  const made = await testChain();
  const { chain, database, workspaceId } = made;
  for (let n = 0; n < events; n += 1) await chain.append([draft(noted, { n })]);
  await chain.appendSealed(draft(said, { text: 'a\ttab, a \\ backslash, \n a line, \\N and 🦊' }));
  await database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values ($1, 'operator', 'operator', $2)`,
    [workspaceId, 'a\r\nb\\.\n'],
  );
  for (const statement of governed) await database.query(statement.replaceAll('$1', String(workspaceId)));
  await expect.poll(() => chain.unsealed()).toBe(0);
  return made;
}

async function emptyTarget(): Promise<TestDatabase> {
  return testDatabase({ empty: true });
}

const move = (source: Database, target: Database, lines: string[] = []): Promise<TransferReport> =>
  transferStore({ source, target, onProgress: (line) => lines.push(line) });

/** Every row of every table as text, in an order of its own. */
async function everything(database: Database): Promise<Record<string, unknown>> {
  const tables = await database.query<{ name: string }>(
    `select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and (nspname = 'kora' or nspname ~ '^plugin_') order by 1`,
  );
  const all: Record<string, unknown> = {};
  for (const { name } of tables)
    all[name] = await database.query(`select t::text as row from ${name} t order by 1`);
  return all;
}

async function sequences(database: Database): Promise<unknown> {
  return database.query(
    `select schemaname, sequencename, last_value::text from pg_sequences where schemaname <> 'public' order by 1, 2`,
  );
}

test('every row of every table arrives, sequences go on where they were, and both chains are proved', async () => {
  const { database: source } = await lived();
  const { database: target } = await emptyTarget();
  const lines: string[] = [];
  const report = await move(source, target, lines);
  expect(await everything(target)).toEqual(await everything(source));
  expect(await sequences(target)).toEqual(await sequences(source));
  expect(report.chains).toMatchObject([{ workspace: 'default', ok: true, checked: 21, seq: 21 }]);
  expect(report.rows).toBeGreaterThan(40);
  expect(lines.find((line) => line.startsWith('kora.event:'))).toMatch(
    /^kora\.event: 21 rows, \d+\.\d kB \(table \d+ of \d+/,
  );
  expect(await isUnfinished(target)).toBe(false);
});

test('the moved log is as append-only as the one it came from', async () => {
  const { database: source } = await lived(1);
  const { database: target } = await emptyTarget();
  await move(source, target);
  await expect(target.query('update kora.event set type = type')).rejects.toMatchObject({ code: 'KR001' });
  await expect(target.query('delete from kora.event_0')).rejects.toMatchObject({ code: 'KR001' });
});

test('events past the first partition find theirs', async () => {
  const { database: source } = await lived(1);
  await source.query('select kora.ensure_event_partition(20000000)');
  const { database: target } = await emptyTarget();
  await move(source, target);
  const partitions = `select relname::text as name from pg_inherits join pg_class c on c.oid = inhrelid
    where inhparent = 'kora.event'::regclass order by 1`;
  expect(await target.query(partitions)).toEqual(await source.query(partitions));
});

test('tickets past the first partitions find theirs, and the next number is drawn behind them', async () => {
  const { database: source } = await lived(1);
  await source.query('select kora.ensure_ticket_partition(50000000)');
  await source.query(`select setval('kora.ticket_number', 50000007)`);
  await source.query(
    `with made as (insert into kora.ticket (workspace_id, ticket_id, kind, title, objective, payload, priority, critical,
       origin, trusted) select 1, n, 'test', 'a ticket', '', '{}', 2, false, 'operator', true
       from unnest(array[7, 10000007, 50000007]) as n returning ticket_id)
     insert into kora.ticket_outcome (workspace_id, ticket_id, fence, runtime_id, resolution, summary, attempts, failures)
     select 1, ticket_id, 1, gen_random_uuid(), 'completed', 'done', 1, 0 from made`,
  );
  const { database: target } = await emptyTarget();
  await move(source, target);
  const places = `select tableoid::regclass::text as place, ticket_id from kora.ticket
    union all select tableoid::regclass::text, ticket_id from kora.ticket_outcome order by 1, 2`;
  expect(await target.query(places)).toEqual(await source.query(places));
  expect(await target.query(`select nextval('kora.ticket_number') as next`)).toEqual([{ next: 50_000_008 }]);
});

test('a database that holds a store is refused and not touched', async () => {
  const { database: source } = await lived(1);
  const { database: target } = await lived(3);
  const before = await everything(target);
  await expect(move(source, target)).rejects.toMatchObject({ code: 'KORA_STORE_NOT_EMPTY' });
  expect(await everything(target)).toEqual(before);
});

test('a target that fails in the middle stays marked, and the next try begins anew', async () => {
  const { database: source } = await lived(200);
  const { database: target, connection } = await emptyTarget();
  const broken = openPool({
    connection,
    server: { kind: 'url', description: 'cut off' },
    clock: systemClock(),
    onIdleError: () => undefined,
  });
  onTestFinished(() => broken.close());
  const cut = new AbortController();
  const moving = transferStore({
    source,
    target: broken,
    signal: cut.signal,
    // The schema stands by then, and rows are on their way.
    onProgress: (line) => {
      if (line.startsWith('kora.event')) cut.abort(new Error('cut off'));
    },
  });
  await expect(moving).rejects.toThrow('cut off');
  expect(await isUnfinished(target)).toBe(true);
  expect(await target.query('select from kora.event')).toEqual([]);
  const lines: string[] = [];
  await move(source, target, lines);
  expect(lines).toContain('an earlier try left half a store: it is removed');
  expect(await isUnfinished(target)).toBe(false);
  expect(await everything(target)).toEqual(await everything(source));
});

test('a store in which a plugin keeps tables is not moved without somebody who carries them', async () => {
  const { database: source } = await lived(1);
  await source.query(
    `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
     values ('orders', 1, 'x', 'safe', 'c', '1', '')`,
  );
  const { database: target } = await emptyTarget();
  await expect(move(source, target)).rejects.toMatchObject({ code: 'KORA_PLUGIN_STORE_REFUSED' });
  expect(await isUnfinished(target)).toBe(true);
});

test('a row that changes while it is moved is noticed: the target’s chain must say what the source’s says', async () => {
  const { database: source } = await lived(5);
  const { database: target } = await emptyTarget();
  const moving = transferStore({
    source,
    target: { ...target, session: tampered(target) },
    onProgress: () => undefined,
  });
  await expect(moving).rejects.toMatchObject({ code: 'KORA_TRANSFER_DIFFERS' });
  expect(await isUnfinished(target)).toBe(true);
});

/** Somebody at the target's door who changes a body after it arrived and before it is proved. */
function tampered(target: Database): Database['session'] {
  let sessions = 0;
  return async (work) => {
    sessions += 1;
    if (sessions === 2) {
      await target.transaction(async (tx) => {
        await tx.query('set local session_replication_role = replica');
        await tx.query(`update kora.event_body set body = '{}' where seq = 3`);
      });
    }
    return target.session(work);
  };
}

test('a damaged chain moves as it is, or not at all, as one wishes; the damage is named either way', async () => {
  const { database: source } = await lived(5);
  await source.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(`update kora.event_body set body = '{}' where seq = 3`);
  });
  const { database: target } = await emptyTarget();
  const refused = transferStore({ source, target, onProgress: () => undefined, refuseDamaged: true });
  await expect(refused).rejects.toThrow('#3 changed');
  const { chains } = await move(source, target);
  expect(chains).toMatchObject([{ ok: false, damage: expect.stringContaining('#3 changed') as string }]);
});

test('what is written while it moves is not in it: one moment, whole', async () => {
  const { database: source, chain } = await lived(5);
  const { database: target } = await emptyTarget();
  const writes: Promise<unknown>[] = [];
  const report = await transferStore({
    source,
    target,
    onProgress: () => void writes.push(chain.append([draft(noted, { n: 1_000 })])),
  });
  await Promise.all(writes);
  expect(writes.length).toBeGreaterThan(1);
  expect(report.chains).toMatchObject([{ ok: true, seq: 6 }]);
});
