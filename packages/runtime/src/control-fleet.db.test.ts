import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { readSentinel, writeSentinel } from './control/index.ts';
import { exitCodes } from './fault/index.ts';
import { openHome, readKnownEpoch, rememberEpoch } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { raiseEpoch, readEpoch } from './state/index.ts';
import { testDatabase } from './store/testing/database.ts';
import type { TestDatabase } from './store/testing/database.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const soon = { timeout: 15_000, interval: 50 };

interface Place extends TestDatabase {
  readonly url: string;
}

async function emptyPlace(): Promise<Place> {
  const made = await testDatabase({ empty: true });
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const url = `postgres://${login}@/${made.connection.database}?host=${encodeURIComponent(host)}`;
  return { ...made, url };
}

interface Up {
  readonly kora: Kora;
  readonly api: KoraClient;
  readonly home: string;
  readonly token: string;
}

async function up({ url }: Place, home = testFolder(), adopt = true): Promise<Up> {
  const env = { KORA_DATABASE_URL: url, KORA_CHECKPOINT_KEY: key };
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [], adopt });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  return { kora, home, token, api: createKoraClient({ url: kora.ready.url, token }) };
}

const stateOf = async (...runtimes: Up[]): Promise<string[]> =>
  Promise.all(runtimes.map(async ({ api }) => (await api.status()).primaryState));

test('two runtimes on one store: a stop and its reset are acknowledged and followed by both, whichever was asked (defect 7)', async () => {
  const place = await emptyPlace();
  const [one, two] = [await up(place), await up(place)];
  const command = await one.api.stop(2, 'a deploy', { idempotencyKey: 'deploy-1' });
  expect(command).toMatchObject({ level: 2, kind: 'drain', sequence: 1, issuerKind: 'operator', via: 'api' });
  expect(await one.api.stop(2, 'a deploy', { idempotencyKey: 'deploy-1' })).toEqual(command);
  expect(await stateOf(one)).toEqual(['paused']);
  await expect.poll(() => stateOf(one, two), soon).toEqual(['paused', 'paused']);
  await expect
    .poll(async () => (await two.api.koraControl()).commands[0]?.acknowledgements, soon)
    .toMatchObject([
      { acknowledgedAt: expect.any(String), enforcedAt: expect.any(String), failure: null },
      { acknowledgedAt: expect.any(String), enforcedAt: expect.any(String), failure: null },
    ]);
  const { stopLevel, inForce, sentinel, credentialsLocked } = await two.api.koraControl();
  expect({ stopLevel, inForce, sentinel, credentialsLocked }).toEqual({
    stopLevel: 2,
    inForce: [command],
    sentinel: null,
    credentialsLocked: false,
  });
  const after = await two.api.resume('deployed', undefined, { idempotencyKey: 'free-1' });
  expect(after).toMatchObject({ primaryState: 'ready', stopLevel: 0 });
  await expect.poll(() => stateOf(one, two), soon).toEqual(['ready', 'ready']);
  await one.api.stop(1, 'the next deploy');
  // Asked again, the same wish does nothing again.
  await two.api.resume('deployed', undefined, { idempotencyKey: 'free-1' });
  expect((await two.api.koraControl()).stopLevel).toBe(1);
  const key = { idempotencyKey: 'deploy-1' };
  await expect(one.api.stop(3, 'a deploy', key)).rejects.toMatchObject({ code: 'KORA_REQUEST_INVALID' });
  const types = ['kora.control.issued', 'kora.control.acknowledged', 'kora.control.enforced'];
  for (const type of types) expect((await one.api.events({ type })).length).toBeGreaterThan(1);
});

test('a pause is lifted by its number, or with every other by a bare resume, which never takes a hold of another cause', async () => {
  const place = await emptyPlace();
  const [one, two] = [await up(place), await up(place)];
  const pause = await one.api.pause('lunch', undefined, { idempotencyKey: 'p' });
  expect(await one.api.pause('lunch', undefined, { idempotencyKey: 'p' })).toEqual(pause);
  const other = await two.api.pause('coffee', 600_000);
  expect(other.expiresAt).not.toBeNull();
  await one.api.stop(1, 'and a stop');
  await two.api.resume('lunch is over', pause.holdId);
  expect(await one.api.koraControl()).toMatchObject({ stopLevel: 1, holds: [{ holdId: other.holdId }] });
  await place.database.query(
    `insert into kora.hold (workspace_id, cause, owner, reason) values (1, 'cost', 'spend', '100%')`,
  );
  expect(await one.api.resume('go on')).toMatchObject({ primaryState: 'paused', holds: [{ cause: 'cost' }] });
  await expect.poll(() => stateOf(two), soon).toEqual(['paused']);
});

test('one acceptance of a restored store frees every runtime; what is compared is said in the words of the events (defects 7, 24, 25)', async () => {
  const place = await emptyPlace();
  const [one, two] = [await up(place), await up(place)];
  expect(await one.api.drState()).toMatchObject({ match_status: 'clean', known_epoch: 1, observed_epoch: 1 });
  await raiseEpoch(place.database, { by: 'operator', reason: 'restored' });
  // Under running agents, and not only at a boot.
  await expect.poll(() => stateOf(one, two), soon).toEqual(['paused', 'paused']);
  const seen = await two.api.drState();
  expect(seen).toMatchObject({ match_status: 'mismatch_detected', known_epoch: 1, observed_epoch: 2 });
  await expect
    .poll(async () => (await two.api.drState()).last_mismatch, soon)
    .toMatchObject({ observed_epoch: 2, known_epoch: 1 });
  const after = await two.api.resume('it was ours', seen.hold?.holdId);
  expect(after).toMatchObject({ primaryState: 'ready', holds: [] });
  await expect.poll(() => stateOf(one, two), soon).toEqual(['ready', 'ready']);
  await expect.poll(() => readKnownEpoch(one.home), soon).toMatchObject({ epoch: 2 });
  expect(await one.api.drState()).toMatchObject({ match_status: 'clean', acceptances: [{ epoch: 2 }] });
});

test('a store that went back behind what the home knows is a mismatch like any other (defect 26)', async () => {
  const place = await emptyPlace();
  const one = await up(place);
  const { storeId } = await readEpoch(place.database);
  await rememberEpoch(one.home, { storeId, epoch: 5 });
  await expect.poll(() => stateOf(one), soon).toEqual(['paused']);
  expect(await one.api.drState()).toMatchObject({
    match_status: 'mismatch_detected',
    known_epoch: 5,
    observed_epoch: 1,
  });
});

test('a sentinel in a home stops it and, as a row, the other runtimes; a resume frees all and takes it away', async () => {
  const place = await emptyPlace();
  const [one, two] = [await up(place), await up(place)];
  const at = new Date().toISOString();
  writeSentinel(one.home, { level: 2, reason: 'it hangs', by: 'operator', at });
  await expect.poll(() => stateOf(one, two), soon).toEqual(['paused', 'paused']);
  expect(await one.api.koraControl()).toMatchObject({
    stopLevel: 2,
    sentinel: { level: 2, reason: 'it hangs', by: 'operator', at },
    inForce: [{ level: 2, via: 'sentinel' }],
  });
  expect(await one.api.resume('it moves')).toMatchObject({ primaryState: 'ready', stopLevel: 0 });
  expect(readSentinel(one.home)).toBeUndefined();
  writeSentinel(one.home, { level: 1, reason: 'again', by: 'operator', at: new Date().toISOString() });
  await expect.poll(() => stateOf(one, two), soon).toEqual(['paused', 'paused']);
  // Through the other runtime: the sentinel is in a home that it does not see.
  await two.api.resume('it moves');
  await expect.poll(() => stateOf(one, two), soon).toEqual(['ready', 'ready']);
  expect(readSentinel(one.home)).toBeUndefined();
});

test('a kill ends the process with its own exit code; the next one is paused with the stop in force until the operator resumes (defect 19)', async () => {
  const place = await emptyPlace();
  const first = await up(place);
  await first.api.stop(4, 'it runs wild');
  expect(await first.kora.closed).toEqual({
    exitCode: exitCodes.stopped,
    reason: 'STOP-KORA L4: it runs wild',
  });
  const next = await up(place, first.home);
  expect(next.kora.ready.primaryState).toBe('paused');
  const { commands } = await next.api.koraControl();
  expect(commands[0]?.acknowledgements).toMatchObject([{ enforcedAt: expect.any(String), failure: null }]);
  expect(next.token).toBe(first.token);
  expect(await next.api.resume('mended')).toMatchObject({ primaryState: 'ready', stopLevel: 0 });
});

test('level 5 also drops the credentials, and keeps secrets locked until the operator resumes with a fresh token', async () => {
  const place = await emptyPlace();
  const first = await up(place);
  await first.api.stop(5, 'a leak');
  const late = await first.api.status().catch((error: unknown) => error);
  expect(late).toBeInstanceOf(Error);
  await first.kora.closed;
  expect(existsSync(join(first.home, 'api-token'))).toBe(false);
  const next = await up(place, first.home);
  expect(next.token).not.toBe(first.token);
  const old = createKoraClient({ url: next.kora.ready.url, token: first.token });
  await expect(old.status()).rejects.toMatchObject({ code: 'KORA_AUTH_MISSING' });
  expect(await next.api.koraControl()).toMatchObject({ stopLevel: 5, credentialsLocked: true });
  await next.api.resume('rotated');
  expect(await next.api.koraControl()).toMatchObject({ stopLevel: 0, credentialsLocked: false });
});
