import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { checkBoot } from './boot-check.ts';
import { listBoots } from './boot/index.ts';
import { readRunningRuntime } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { bootReportSchema } from './client.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora, KoraOptions } from './options.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { raiseEpoch } from './state/index.ts';
import { testDatabase } from './store/testing/database.ts';
import type { TestDatabase } from './store/testing/database.ts';

interface Place extends TestDatabase {
  readonly options: KoraOptions;
}

/** A home and an empty database of its own. */
async function place(over: Partial<KoraOptions> = {}): Promise<Place> {
  const made = await testDatabase({ empty: true });
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const url = `postgres://${login}@/${made.connection.database}?host=${encodeURIComponent(host)}`;
  const home = testFolder();
  const env = { KORA_DATABASE_URL: url };
  return { ...made, options: { home, cwd: home, env, port: 0, bundled: [], ...over } };
}

async function up({ options }: Place): Promise<Kora> {
  const kora = await createKora(options);
  onTestFinished(() => kora.stop('the test ends'));
  return kora;
}

/** The API of a runtime that may still be booting. */
async function apiOf({ options: { home } }: Place): Promise<KoraClient> {
  const running = await expect
    .poll(() => readRunningRuntime(home))
    .toBeDefined()
    .then(() => readRunningRuntime(home));
  if (running === undefined) throw new Error('it went away');
  return createKoraClient(running);
}

async function brokenBoot(at: Place): Promise<unknown> {
  return createKora(at.options).then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Everything a check must leave as it was. */
async function contents({ database }: Place): Promise<unknown> {
  return database.query(
    `select (select count(*) from kora.event) as events, (select count(*) from kora.stage) as staged,
       (select count(*) from kora.boot) as boots, (select count(*) from kora.hold) as holds,
       (select count(*) from kora.migration) as migrations, (select count(*) from kora.checkpoint) as checkpoints,
       (select count(*) from kora.message) as messages, (select seq from kora.chain_head) as head`,
  );
}

/** A trusted plugin with one boot gate and one token, which answer what a file says. */
async function withGate(
  gateClass: string,
): Promise<{ bundled: string[]; says: (word: string) => Promise<void> }> {
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const file = join(packages.root, 'answer');
  const says = (word: string): Promise<void> => writeFile(file, word);
  await says('pass');
  const entry = entryOf(
    'gated',
    `const word = async () => (await readFile(${JSON.stringify(file)}, 'utf8')).trim();
     await context.registerBootGate({ gateId: 'mail', title: 'Mail', gateClass: ${JSON.stringify(gateClass)},
       deadlineMs: 30000, reason: 'auth',
       run: async (signal) => {
         while ((await word()) === 'wait') { signal.throwIfAborted(); await context.clock.sleep(10, signal); }
         return { outcome: await word(), detail: 'it says ' + (await word()) };
       } });
     await context.registerServiceToken({ name: 'imap', check: async () => ({ state: 'refused', detail: 'revoked' }) });`,
    `import { readFile } from 'node:fs/promises';`,
  );
  const folder = await packages.plugin('gated', { id: 'gated' }, entry);
  return { bundled: [folder], says };
}

test('an invariant no ends the boot with exit 1, an event, and a row with every gate (defect 38)', async () => {
  const at = await place();
  await (await up(at)).stop('once');
  await at.database.query(`update kora.actor set active = false where actor_id = 'kora'`);
  expect(await brokenBoot(at)).toMatchObject({
    code: 'KORA_BOOT_FAILED',
    details: { gate: '7_canonical_actor' },
  });
  const [row] = await listBoots(at.database, 1, 10);
  expect(row).toMatchObject({
    outcome: 'failed',
    failedGate: '7_canonical_actor',
    exitCode: 1,
    rerunOf: null,
  });
  expect(row?.gates.map(({ gateId, outcome }) => `${gateId} ${outcome}`)).toEqual([
    '1_configuration pass',
    '2_credential_rule pass',
    '3_schema_version pass',
    '3b_epoch pass',
    '4_role pass',
    '5_chain_head pass',
    '6_tokens pass',
    '7_canonical_actor fail',
    '8_capability_matrix not_reached',
    '9_cost_state not_reached',
    '10_smoke not_reached',
  ]);
  await at.database.query(`update kora.actor set active = true where actor_id = 'kora'`);
  await up(at);
  const api = await apiOf(at);
  const [event] = await api.events({ type: 'kora.boot.failed' });
  expect(event).toMatchObject({ payload: { gate_id: '7_canonical_actor' } });
  expect((await api.boot()).history.map(({ outcome }) => outcome)).toEqual(['passed', 'failed', 'passed']);
});

test('a boot that a newer schema refused gets its row once a build comes that may write it (defect 38)', async () => {
  const at = await place();
  await (await up(at)).stop('once');
  await at.database.query(
    `insert into kora.migration (owner, number, name, safety, checksum, build, sql)
     values ('runtime', 9999, 'new-world', 'breaking', '', '9.9.9', '')`,
  );
  expect(await brokenBoot(at)).toMatchObject({ code: 'KORA_SCHEMA_NEWER' });
  expect(await listBoots(at.database, 1, 10)).toHaveLength(1);
  expect(await checkBoot(at.options)).toMatchObject({ outcome: 'failed', exitCode: 78 });
  await at.database.query('delete from kora.migration where number = 9999');
  const { ready } = await up(at);
  const [now, refused] = await listBoots(at.database, 1, 10);
  expect(now).toMatchObject({ bootId: ready.boot.bootId, outcome: 'passed' });
  expect(refused).toMatchObject({ outcome: 'refused', failedGate: '3_schema_version', exitCode: 78 });
  expect(Date.parse(refused?.startedAt ?? '')).toBeLessThan(Date.parse(now?.startedAt ?? ''));
  await expect(readFile(join(at.options.home, 'boots.ndjson'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('two credentials of the store refuse the boot before any store is opened, and both are named (defect 11)', async () => {
  const at = await place();
  const file = join(at.options.home, 'url');
  await writeFile(file, 'postgres://nobody@127.0.0.1:1/other');
  const env = { ...at.options.env, KORA_DATABASE_URL_FILE: file };
  const twice = { ...at, options: { ...at.options, env } };
  expect(await brokenBoot(twice)).toMatchObject({
    code: 'KORA_BOOT_FAILED',
    message: expect.stringContaining('KORA_DATABASE_URL and KORA_DATABASE_URL_FILE are both set'),
  });
  await rm(file);
  await up(at);
  expect(
    (await listBoots(at.database, 1, 10)).map(({ outcome, failedGate }) => [outcome, failedGate]),
  ).toEqual([
    ['passed', null],
    ['refused', '2_credential_rule'],
  ]);
});

test('a cleared hold asks the gates again before anything is claimed, and that is a row (defects 14, 38)', async () => {
  const states: string[] = [];
  const at = await place({
    onState: ({ primaryState, cause }) => void states.push(`${cause} ${primaryState}`),
  });
  const first = await up(at);
  await first.stop('the database is restored');
  await raiseEpoch(at.database, { by: 'operator', reason: 'restored' });
  const { ready } = await up(at);
  expect(ready).toMatchObject({ primaryState: 'paused', boot: { outcome: 'paused' } });
  const api = await apiOf(at);
  const { holds } = await api.operationalState();
  expect(holds).toMatchObject([{ cause: 'dr' }]);
  states.length = 0;
  await api.resume('it was ours', holds[0]?.holdId);
  await expect.poll(async () => (await api.operationalState()).primaryState).toBe('ready');
  // The end of the hold leads into the gates within one turn of the event loop: no claim comes in between.
  expect(states).toEqual(['hold.cleared ready', 'boot.retrying booting', 'boot.passed ready']);
  const [rerun, boot] = await listBoots(at.database, 1, 10);
  expect(boot).toMatchObject({
    bootId: ready.boot.bootId,
    outcome: 'paused',
    failedGate: '3b_epoch',
    exitCode: 0,
  });
  expect(rerun).toMatchObject({ outcome: 'passed', rerunOf: ready.boot.bootId });
  expect(rerun?.gates.every(({ outcome }) => outcome === 'pass')).toBe(true);
});

test('gates that run again and end the runtime are its last word, with nothing of what they did not come to', async () => {
  const at = await place();
  await (await up(at)).stop('the database is restored');
  await raiseEpoch(at.database, { by: 'operator', reason: 'restored' });
  const kora = await up(at);
  const api = await apiOf(at);
  const stream = await fetch(`${kora.ready.url}/api/events/stream`, {
    headers: { authorization: `Bearer ${(await readRunningRuntime(at.options.home ?? ''))?.token ?? ''}` },
  });
  const said = stream.text();
  await at.database.query(`update kora.actor set active = false where actor_id = 'kora'`);
  await api.resume('it was ours', (await api.operationalState()).holds[0]?.holdId);
  expect(await kora.closed).toMatchObject({ exitCode: 1 });
  const [, word] = /event: bye\ndata: (.*)\n\n$/.exec(await said) ?? [];
  const { boot } = z
    .object({ reason: z.literal('the boot failed'), boot: bootReportSchema })
    .parse(JSON.parse(word ?? ''));
  const [rerun] = await listBoots(at.database, 1, 10);
  expect(boot).toMatchObject({ bootId: rerun?.bootId, outcome: 'failed', exitCode: 1 });
  expect(rerun).toMatchObject({
    outcome: 'failed',
    failedGate: '7_canonical_actor',
    rerunOf: kora.ready.boot.bootId,
  });
  for (const gates of [boot.gates, rerun?.gates])
    expect(gates?.slice(7).map(({ outcome }) => outcome)).toEqual([
      'fail',
      'not_reached',
      'not_reached',
      'not_reached',
    ]);
});

test('a hold that is cleared while the boot still runs asks the gates again before it ends (defect 14)', async () => {
  const { bundled, says } = await withGate('transient');
  const at = await place({ bundled });
  await (await up(at)).stop('the database is restored');
  await raiseEpoch(at.database, { by: 'operator', reason: 'restored' });
  await says('wait');
  const raising = up(at);
  const api = await apiOf(at);
  await expect
    .poll(() => api.operationalState().then(({ primaryState }) => primaryState, String))
    .toBe('paused');
  const { holds } = await api.operationalState();
  const resumed = api.resume('it was ours', holds[0]?.holdId);
  await expect.poll(async () => (await api.operationalState()).holds).toEqual([]);
  await says('pass');
  await resumed;
  const { ready } = await raising;
  expect(ready).toMatchObject({ primaryState: 'ready', boot: { outcome: 'passed' } });
  expect(ready.boot.gates.find(({ gateId }) => gateId === '3b_epoch')).toMatchObject({ outcome: 'pass' });
});

test('a plugin’s gate is shown from its loading on, degrades while it cannot know, and its no stops the boot', async () => {
  const { bundled, says } = await withGate('invariant');
  const at = await place({ bundled });
  await says('unavailable');
  const kora = await up(at);
  const api = await apiOf(at);
  expect(kora.ready.primaryState).toBe('ready');
  expect((await api.operationalState()).degradationReasons).toEqual(['auth', 'token_expiring']);
  expect((await api.boot()).current.gates.slice(-2)).toMatchObject([
    { gateId: 'gated.mail', outcome: 'pass', degradation: 'auth', detail: 'it says unavailable' },
    { gateId: '10_smoke', outcome: 'pass' },
  ]);
  await kora.stop('once');
  await says('fail');
  expect(await brokenBoot(at)).toMatchObject({ code: 'KORA_BOOT_FAILED', details: { gate: 'gated.mail' } });
});

test('a refused token degrades and tells the operator, and stops nothing', async () => {
  const { bundled } = await withGate('transient');
  const at = await place({ bundled });
  await up(at);
  const api = await apiOf(at);
  await expect
    .poll(async () => (await api.messages()).map(({ title }) => title))
    .toEqual(['The service refuses the token gated.imap']);
});

test('a check changes nothing, in a runtime and without one, and says what a boot would (defect 38)', async () => {
  const { bundled, says } = await withGate('invariant');
  const at = await place({ bundled });
  const kora = await up(at);
  const api = await apiOf(at);
  // What the start still has to say: that the token is refused, that this was told, and how it does; all on the chain.
  await expect.poll(async () => (await api.messages()).map(({ status }) => status)).toEqual(['delivered']);
  const said = `select type from kora.event where type = 'kora.health.probe'`;
  await expect.poll(async () => (await at.database.query(said)).length).toBe(1);
  await expect.poll(async () => (await api.status()).chain?.unsealed).toBe(0);
  const living = await contents(at);
  expect(await api.checkBoot()).toMatchObject({ outcome: 'passed', exitCode: 0 });
  expect(await contents(at)).toEqual(living);
  await kora.stop('once');

  await raiseEpoch(at.database, { by: 'operator', reason: 'restored' });
  const before = await contents(at);
  const paused = await checkBoot(at.options);
  expect(paused).toMatchObject({ outcome: 'paused', exitCode: 0, bootId: null });
  expect(paused.gates.map(({ gateId, outcome }) => `${gateId} ${outcome}`)).toEqual([
    '1_configuration pass',
    '2_credential_rule pass',
    '3_schema_version pass',
    '3b_epoch fail',
    '4_role pass',
    '5_chain_head pass',
    '6_tokens pass',
    '7_canonical_actor pass',
    '8_capability_matrix pass',
    '9_cost_state pass',
    'gated.mail pass',
    '10_smoke pass',
  ]);
  expect(await contents(at)).toEqual(before);

  await says('fail');
  expect(await checkBoot(at.options)).toMatchObject({ outcome: 'failed', exitCode: 1 });
  expect(await contents(at)).toEqual(before);
});

test('a check names the guests that it does not start, and what it therefore cannot judge is no yes', async () => {
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const capability = (id: string): string =>
    `await context.registerCapability({ id: ${JSON.stringify(id)}, title: 'Mail', risk: 'low', defaultVerdict: 'denied' });`;
  const host = await packages.host(['visitor']);
  await packages.plugin('visitor', { id: 'visitor' }, entryOf('visitor', capability('cap_visit')));
  const bundled = [
    await packages.plugin('mailer', { id: 'mailer' }, entryOf('mailer', capability('cap_mail'))),
  ];
  const at = await place({ bundled });
  const kora = await up(at);
  const to = { kind: 'plugin', subject: 'mailer' } as const;
  await (await apiOf(at)).grantCapability({ capability: 'cap_mail', to, reason: 'its work' });
  await kora.stop('once');
  const alone = await checkBoot(at.options);
  expect(alone).toMatchObject({ outcome: 'passed', exitCode: 0 });
  const gate = (report: typeof alone, id: string): unknown =>
    report.gates.find(({ gateId }) => gateId === id);
  expect(gate(alone, '8_capability_matrix')).toMatchObject({
    detail: expect.stringMatching(/^\d+ capabilities, 1 grants in force$/),
  });

  await at.database.query(
    `insert into kora.capability_grant (workspace_id, subject_kind, subject, capability, owner, granted_by, reason)
     values (1, 'plugin', 'visitor', 'cap_visit', 'visitor', 'operator', 'its work')`,
  );
  const guarded = await checkBoot({ ...at.options, cwd: host });
  expect(guarded).toMatchObject({ outcome: 'incomplete', exitCode: 75 });
  expect(gate(guarded, '6_tokens')).toMatchObject({
    outcome: 'not_reached',
    detail: expect.stringContaining('visitor'),
  });
  expect(gate(guarded, '8_capability_matrix')).toMatchObject({
    outcome: 'pass',
    detail: expect.stringContaining('only a guest that a check does not start may declare (visitor)'),
  });
});

test('a check reports a schema that is behind, and applies nothing', async () => {
  const at = await place();
  await (await up(at)).stop('once');
  const [{ sql } = { sql: '' }] = await at.database.query<{ sql: string }>(
    `delete from kora.migration where owner = 'runtime' and name = 'spend' returning sql`,
  );
  expect(sql).toContain('kora.spend');
  await at.database.query('drop table kora.spend_balance, kora.spend_pool cascade');
  const report = await checkBoot(at.options);
  // A boot would apply it and go on; what it would find then, nobody knows.
  expect(report).toMatchObject({ outcome: 'incomplete', exitCode: 75, degradationReasons: ['migration'] });
  const found = new Map(report.gates.map((gate) => [gate.gateId, gate]));
  expect(found.get('3_schema_version')?.detail).toMatch(/^1 of \d+ migrations are not applied yet/);
  expect(found.get('9_cost_state')).toMatchObject({ outcome: 'not_reached' });
  expect(found.get('10_smoke')).toMatchObject({ outcome: 'pass' });
  const [there] = await at.database.query<{ there: boolean }>(
    `select to_regclass('kora.spend_balance') is not null as there`,
  );
  expect(there).toEqual({ there: false });
});

test('a check of a store that is away says so, and waits for nothing', async () => {
  const at = await place();
  await (await up(at)).stop('once');
  const env = { KORA_DATABASE_URL: 'postgres://nobody:x@127.0.0.1:1/nothing' };
  const report = await checkBoot({ ...at.options, env });
  expect(report).toMatchObject({ outcome: 'refused', exitCode: 75 });
  expect(report.gates.find(({ gateId }) => gateId === '3_schema_version')).toMatchObject({
    outcome: 'unavailable',
    attempts: 1,
  });
});
