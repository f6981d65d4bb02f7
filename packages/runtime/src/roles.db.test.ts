import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import { openHome } from './home/index.ts';
import { systemClock } from './clock/index.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { testDatabase } from './store/testing/database.ts';

type Role = 'kora_owner' | 'kora_runtime' | 'kora_prune';

const rolesFile = fileURLToPath(new URL('../sql/roles.sql', import.meta.url));

/** A database with the documented roles, as an operator makes them. */
async function house(options: { readonly empty: boolean }): Promise<{
  url(role: Role | 'administrator'): string;
  as(role: Role | 'administrator', statement: string): Promise<pg.QueryResult>;
  /** The SQLSTATE that a statement ends with. */
  refusal(role: Role, statement: string): Promise<string>;
}> {
  const { connection } = await testDatabase(options);
  const passwordOf = (role: Role): string => `${role}-password`;
  const loginOf = (role: Role | 'administrator'): string =>
    role === 'administrator'
      ? `${connection.user}:${encodeURIComponent(String(connection.password))}`
      : `${role}:${passwordOf(role)}`;
  const as = async (role: Role | 'administrator', statement: string): Promise<pg.QueryResult> => {
    const login = role === 'administrator' ? {} : { user: role, password: passwordOf(role) };
    const client = new pg.Client({ ...connection, ...login });
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };
  await as('administrator', readFileSync(rolesFile, 'utf8'));
  for (const role of ['kora_owner', 'kora_runtime', 'kora_prune'] as const)
    await as('administrator', `alter role ${role} password '${passwordOf(role)}'`);
  const place = `host=${encodeURIComponent(connection.host ?? '')}&port=${connection.port}`;
  return {
    as,
    url: (role) => `postgres://${loginOf(role)}@/${connection.database}?${place}`,
    refusal: (role, statement) =>
      as(role, statement).then(
        () => expect.unreachable(`${role} may: ${statement}`),
        (error: unknown) => (error instanceof pg.DatabaseError ? (error.code ?? '') : String(error)),
      ),
  };
}

function raise(home: string, env: Readonly<Record<string, string>>): Promise<Kora> {
  return createKora({ home, cwd: home, env, port: 0, bundled: [] });
}

const changes = [
  'update kora.event set type = type',
  'delete from kora.event',
  'truncate kora.event, kora.event_body',
  `update kora.event_body set body = ''`,
  'delete from kora.event_body',
  'delete from kora.event_0',
  `update kora.event_body_0 set body = ''`,
];

test('the runtime boots and works as kora_runtime, after kora_owner has migrated', async () => {
  const { url, as, refusal } = await house({ empty: true });
  const home = testFolder();
  await using kora = await disposable(
    raise(home, { KORA_DATABASE_URL: url('kora_runtime'), KORA_DATABASE_MIGRATION_URL: url('kora_owner') }),
  );
  expect(kora.ready.primaryState).not.toBe('');
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  await client.tickets.add({ kind: 'errand', title: 'a first one', payload: {}, idempotencyKey: 'first' });
  await expect.poll(async () => (await client.verify()).ok).toBe(true);
  expect((await client.verify()).head.seq).toBeGreaterThan(0);
  for (const change of changes) {
    expect([change, await refusal('kora_runtime', change)]).toEqual([change, '42501']);
    expect([change, await refusal('kora_owner', change)]).toEqual([change, 'KR001']);
  }
  const beyond = [
    'create table kora.mine ()',
    'drop table kora.stage',
    'delete from kora.migration',
    // The mark of the pruner's functions is a setting, which anybody may set: it must not be enough.
    `select set_config('kora.removing', pg_current_xact_id()::text, true); delete from kora.event_body`,
    `select set_config('kora.removing', pg_current_xact_id()::text, true); delete from kora.checkpoint`,
    `insert into kora.pruned values (1, 1, sha256(''), 1)`,
    'select kora.prune_partitions()',
  ];
  for (const change of beyond)
    expect([change, await refusal('kora_runtime', change)]).toEqual([change, '42501']);
  await as('kora_prune', 'select kora.prune_partitions()');
  // Nobody but the owner hands out rights.
  expect(await refusal('kora_runtime', 'select kora.grant_access()')).toBe('42501');
  await as('kora_runtime', 'select kora.ensure_event_partition(10000001)');
  const { rows } = await as(
    'administrator',
    `select tableowner as owner from pg_tables where tablename in ('event_1', 'event_body_1')`,
  );
  expect(rows).toEqual([{ owner: 'kora_owner' }, { owner: 'kora_owner' }]);
  expect(await refusal('kora_runtime', 'insert into kora.event_body_1 values (1, 10000001, 0)')).toBe(
    '42501',
  );
});

test('kora_runtime may all that stops, frees, spends and allows, and unmakes none of it', async () => {
  const { url, refusal } = await house({ empty: true });
  const home = testFolder();
  await using kora = await disposable(
    raise(home, { KORA_DATABASE_URL: url('kora_runtime'), KORA_DATABASE_MIGRATION_URL: url('kora_owner') }),
  );
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  await client.pause('a look', 60_000, { idempotencyKey: 'once' });
  const { sequence } = await client.stop(3, 'a test');
  const enforced = { sequence, acknowledgements: [{ enforcedAt: expect.any(String) as string }] };
  await expect.poll(async () => (await client.koraControl()).commands).toMatchObject([enforced]);
  expect(await client.resume('enough')).toMatchObject({ primaryState: 'ready', holds: [], stopLevel: 0 });
  const grant = await client.grantCapability({
    capability: 'cap_web_fetch',
    to: { kind: 'plugin', subject: 'slack' },
    reason: 'previews',
  });
  expect(await client.revokeGrant(grant.grantId, 'no more')).toMatchObject({ status: 'revoked' });
  await client.reconcileSpend(1_000_000, 'the invoice');
  expect(await client.refreshSpend('it is the first')).toMatchObject({ spentUsd: 1 });
  expect((await client.spend({ by: 'day' })).slices?.rows).toHaveLength(1);
  expect((await client.boot()).history).toMatchObject([{ outcome: 'passed' }]);
  for (const [change, code] of [
    ['delete from kora.control', 'KR003'],
    ['truncate kora.control cascade', '42501'],
    [`update kora.control set level = 0, kind = 'reset'`, 'KR003'],
    ['delete from kora.spend_entry', '42501'],
    ['update kora.spend_entry set spent_change = 0', '42501'],
    ['delete from kora.capability_grant', 'KO002'],
    ['update kora.capability_grant set revoked_at = null, revoked_by = null, revoke_reason = null', 'KO002'],
    ['delete from kora.approval', 'KO002'],
  ] as const)
    expect([change, await refusal('kora_runtime', change)]).toEqual([change, code]);
});

test('a role that may not migrate says which URL is missing, and what it may do is enough for the next start', async () => {
  const { url } = await house({ empty: true });
  const home = testFolder();
  const env = { KORA_DATABASE_URL: url('kora_runtime') };
  await expect(raise(home, env)).rejects.toMatchObject({ code: 'KORA_STORE_REFUSED' });
  const first = await raise(home, { ...env, KORA_DATABASE_MIGRATION_URL: url('kora_owner') });
  await first.stop('the schema stands');
  await using second = await disposable(raise(home, env));
  expect(second.ready.url).toContain('http');
});

test('a store that another role has made changes hands, and the script may run again', async () => {
  const { as, refusal } = await house({ empty: false });
  await as('administrator', readFileSync(rolesFile, 'utf8'));
  const { rows } = await as(
    'administrator',
    `select distinct pg_get_userbyid(relowner) as owner from pg_class where relnamespace = 'kora'::regnamespace`,
  );
  expect(rows).toEqual([{ owner: 'kora_owner' }]);
  expect(await refusal('kora_runtime', 'delete from kora.event')).toBe('42501');
  await as('kora_runtime', 'select from kora.ticket');
});

async function disposable(raising: Promise<Kora>): Promise<Kora & AsyncDisposable> {
  const kora = await raising;
  return { ...kora, [Symbol.asyncDispose]: () => kora.stop('the test ends') };
}

test('taking something out of the log is refused to kora_runtime, naming the right, until it is given', async () => {
  const { url, as } = await house({ empty: true });
  const home = testFolder();
  await using kora = await disposable(
    raise(home, { KORA_DATABASE_URL: url('kora_runtime'), KORA_DATABASE_MIGRATION_URL: url('kora_owner') }),
  );
  const { token } = await openHome(home, systemClock());
  const client = createKoraClient({ url: kora.ready.url, token });
  const event = (await client.events({ limit: 50 })).find(({ type }) => !type.startsWith('kora.chain.'));
  const redact = () => client.redact(event?.seq ?? 0, 'it was a secret');
  await expect(redact()).rejects.toMatchObject({
    code: 'KORA_STORE_REFUSED',
    hint: expect.stringContaining('grant kora_prune to kora_runtime'),
  });
  await as('administrator', 'grant kora_prune to kora_runtime');
  // The role is the whole server's: what this test gave, it takes back.
  onTestFinished(async () => void (await as('administrator', 'revoke kora_prune from kora_runtime')));
  await redact();
  expect((await client.findings()).map(({ id }) => id)).not.toContain('store.role');
});

test.each([
  ['kora_owner', 'info', 'owns the event log'],
  ['administrator', 'warning', 'a superuser'],
] as const)('a runtime that works as %s is told that it could do with less', async (role, severity, says) => {
  const { url } = await house({ empty: true });
  const home = testFolder();
  await using kora = await disposable(raise(home, { KORA_DATABASE_URL: url(role) }));
  const { token } = await openHome(home, systemClock());
  const found = await createKoraClient({ url: kora.ready.url, token }).findings();
  expect(found).toContainEqual(
    expect.objectContaining({ id: 'store.role', severity, message: expect.stringContaining(says) }),
  );
});
