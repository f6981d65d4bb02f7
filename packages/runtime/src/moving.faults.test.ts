import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { openEmbeddedPostgres, removeEmbeddedPostgres } from '@kora/postgres';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';
import { createKoraClient } from './client.ts';
import type { KoraClient } from './client.ts';
import { readKnownEpoch } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { backupHome, bumpEpochOfHome, createKora, promoteHome, restoreHome } from './index.ts';
import type { Kora, StoppedHomeOptions } from './index.ts';
import { fileDatabase } from './store/testing/database.ts';

interface Setting extends StoppedHomeOptions {
  readonly folder: string;
}

type Ends = (end: () => Promise<void>) => void;

const ends: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(ends.map((end) => end())));
const withTheFile: Ends = (end) => void ends.push(end);

/** An embedded home in which a runtime ran once, and stopped. */
async function stopped(lasts: Ends = onTestFinished): Promise<Setting> {
  const folder = await mkdtemp(join(tmpdir(), 'kora-test-'));
  lasts(async () => {
    for (const name of await readdir(folder)) await removeEmbeddedPostgres(join(folder, name));
    await rm(folder, { recursive: true });
  });
  const home = join(folder, 'home');
  await mkdir(home, { mode: 0o700 });
  const setting = { home, folder, cwd: folder, env: {}, openEmbeddedPostgres };
  await run(setting, () => Promise.resolve());
  return setting;
}

// A home is seconds in the making: these two are made once, by the first who asks.

/** For tests that leave it as it is, whatever they make beside it. */
const resting = once(() => stopped(withTheFile));

/** It moved to a PostgreSQL, where a store is now: for others it is taken. */
const moved = once(async () => {
  const setting = await stopped(withTheFile);
  const url = await emptyUrl(withTheFile);
  return { setting, url, report: await promoteHome({ ...setting, url, reason: 'it grew' }) };
});

function once<Made>(make: () => Promise<Made>): () => Promise<Made> {
  let made: Promise<Made> | undefined;
  return () => (made ??= make());
}

async function run(
  options: StoppedHomeOptions,
  work: (kora: Kora) => Promise<void>,
  adopt = false,
): Promise<void> {
  const kora = await createKora({ ...options, port: 0, bundled: [], adopt });
  try {
    await work(kora);
  } finally {
    await kora.stop('the test is over');
  }
}

/** An empty database on the server of this run, as an operator would name it. */
async function emptyUrl(lasts: Ends = onTestFinished): Promise<string> {
  const { connection, drop } = await fileDatabase({ empty: true });
  lasts(drop);
  const { host, user, password } = inject('postgres');
  const name = String(connection.database);
  return `postgres://${user}:${encodeURIComponent(password)}@/${name}?host=${encodeURIComponent(host)}`;
}

test('a home moves to a PostgreSQL: the next start is there, and the store left behind asks', async () => {
  const { setting, url, report } = await moved();
  expect(report.chains).toMatchObject([{ ok: true }]);
  const env = join(setting.home, '.env');
  expect(parseEnv(await readFile(env, 'utf8'))['KORA_DATABASE_URL']).toBe(url);
  expect((await stat(env)).mode & 0o777).toBe(0o600);
  expect(await readFile(join(setting.home, 'postgres', 'MOVED.txt'), 'utf8')).toContain('it grew');
  await run(setting, (kora) => {
    expect(kora.ready.primaryState).toBe('ready');
    return Promise.resolve();
  });
  // Somebody who takes the setting away does not go on with the old rows unasked.
  await rm(env);
  await run(setting, (kora) => {
    expect(kora.ready.primaryState).toBe('paused');
    return Promise.resolve();
  });
});

test('a database that holds a store is not overwritten, and the home stays where it was', async () => {
  const { url } = await moved();
  const another = await resting();
  await expect(promoteHome({ ...another, url, reason: 'second' })).rejects.toMatchObject({
    code: 'KORA_STORE_NOT_EMPTY',
  });
  expect(await readdir(another.home)).not.toContain('.env');
});

test('a backup becomes a home of its own, which knows that it was restored', async () => {
  const setting = await resting();
  const directory = join(testFolder(), 'backup');
  await backupHome({ ...setting, directory });
  const home = join(setting.folder, 'restored');
  const report = await restoreHome({ ...setting, home, directory, removeEmbedded: removeEmbeddedPostgres });
  expect(report).toMatchObject({ home, aside: null, epoch: 2, chains: [{ ok: true }] });
  expect(await readKnownEpoch(home)).toMatchObject({ epoch: 1 });
  await run({ ...setting, home }, (kora) => {
    expect(kora.ready.primaryState).toBe('paused');
    expect(kora.ready.boot.gates).toContainEqual(
      expect.objectContaining({ gateId: '3b_epoch', outcome: 'fail' }),
    );
    return Promise.resolve();
  });
});

test('a home that is there is refused, and moved aside only when told to; both open', async () => {
  const setting = await stopped();
  const directory = join(testFolder(), 'backup');
  await backupHome({ ...setting, directory });
  const wish = { ...setting, directory, removeEmbedded: removeEmbeddedPostgres };
  await expect(restoreHome(wish)).rejects.toMatchObject({ code: 'KORA_BACKUP_TARGET' });
  const { aside } = await restoreHome({ ...wish, force: true });
  if (aside === null) throw new Error('there was a home');
  for (const [home, state] of [
    [setting.home, 'paused'],
    [aside, 'ready'],
  ] as const) {
    await run({ ...setting, home }, (kora) => {
      expect(kora.ready.primaryState).toBe(state);
      return Promise.resolve();
    });
  }
});

test('a restore that fails leaves no home and no database behind', async () => {
  const setting = await resting();
  const directory = join(testFolder(), 'backup');
  await backupHome({ ...setting, directory });
  const { url } = await moved();
  const home = join(setting.folder, 'failed');
  const wish = { ...setting, home, directory, url, removeEmbedded: removeEmbeddedPostgres };
  const before = await readdir(setting.folder);
  await expect(restoreHome(wish)).rejects.toMatchObject({ code: 'KORA_STORE_NOT_EMPTY' });
  expect(await readdir(setting.folder)).toEqual(before);
});

test('a raised epoch holds the next start; work on a home that is none is refused', async () => {
  const setting = await stopped();
  expect(await bumpEpochOfHome({ ...setting, reason: 'a drill' })).toEqual({ epoch: 2 });
  await run(setting, (kora) => {
    expect(kora.ready.primaryState).toBe('paused');
    return Promise.resolve();
  });
  const nowhere = join(setting.folder, 'nowhere');
  await expect(bumpEpochOfHome({ ...setting, home: nowhere, reason: 'x' })).rejects.toMatchObject({
    code: 'KORA_HOME_UNREADABLE',
  });
});

test('while a runtime has the home, its store is not moved from under it', async () => {
  const setting = await resting();
  await run(setting, async () => {
    const moving = promoteHome({ ...setting, url: await emptyUrl(), reason: 'too early' });
    await expect(moving).rejects.toMatchObject({ code: 'KORA_HOME_LOCKED' });
  });
});

test('a running runtime makes a backup when asked, one at a time, and says what became of it', async () => {
  const setting = await resting();
  const directory = join(testFolder(), 'backup');
  await run(setting, async ({ ready }) => {
    const api = await clientOf(setting, ready.url);
    expect(await api.backup()).toMatchObject({ state: 'none' });
    expect(await api.startBackup(directory)).toMatchObject({ state: 'running', directory });
    await expect(api.startBackup(directory)).rejects.toMatchObject({ code: 'KORA_BACKUP_TARGET' });
    await expect.poll(async () => (await api.backup()).state).toBe('done');
    const { report, lines } = await api.backup();
    expect(report).toMatchObject({ directory, ends: [{ workspace: 'default' }] });
    expect(lines).toContainEqual(expect.stringMatching(/^kora\.event: \d+ rows/));
    const copy = { directory, rows: report?.rows, chainSeq: report?.ends[0]?.seq };
    const known = { ...copy, isThere: true, isOfThisChain: true };
    await expect.poll(async () => (await api.drState()).backups).toMatchObject([known]);
    await api.startBackup(directory);
    await expect.poll(async () => (await api.backup()).state).toBe('failed');
    expect(await api.backup()).toMatchObject({ problem: { code: 'KORA_BACKUP_TARGET' } });
    await expect(api.startBackup('relative')).rejects.toMatchObject({ code: 'KORA_BACKUP_TARGET' });
  });
  const home = join(setting.folder, 'of a running one');
  const restored = await restoreHome({ ...setting, home, directory, removeEmbedded: removeEmbeddedPostgres });
  expect(restored.chains).toMatchObject([{ ok: true }]);
});

test('a backup made while events and checkpoints go on comes back as a restored store, not as a chain that was cut', async () => {
  const setting = await stopped();
  const checkpoint = { everyEvents: 1, everySeconds: 1 };
  await writeFile(join(setting.home, 'kora.json'), JSON.stringify({ chain: { checkpoint } }));
  const directory = join(testFolder(), 'backup');
  await run(setting, async ({ ready }) => {
    const api = await clientOf(setting, ready.url);
    await api.startBackup(directory);
    for (let n = 0; (await api.backup()).state === 'running' || n < 20; n += 1) {
      const work = { kind: 'errand', title: `errand ${n}`, payload: {}, idempotencyKey: `errand-${n}` };
      await api.tickets.add(work);
    }
    expect(await api.backup()).toMatchObject({ state: 'done' });
    expect((await readdir(join(directory, 'home'))).sort()).toContain('checkpoints');
  });
  const home = join(setting.folder, 'restored');
  await restoreHome({ ...setting, home, directory, removeEmbedded: removeEmbeddedPostgres });
  await run({ ...setting, home }, async ({ ready }) => {
    const api = await clientOf({ ...setting, home }, ready.url);
    const { holds } = await api.operationalState();
    expect(holds.map(({ cause }) => cause)).toEqual(['dr']);
    expect((await api.findings()).map(({ id }) => id)).not.toContain('checkpoint.rewound');
    expect(await api.verify()).toMatchObject({ ok: true });
  });
});

test('an epoch raised under a running runtime holds it at once; the operator accepts it and the gates pass', async () => {
  const setting = await stopped();
  await run(setting, async ({ ready }) => {
    const api = await clientOf(setting, ready.url);
    expect(await api.bumpEpoch('a drill')).toEqual({ epoch: 2 });
    const { primaryState, holds } = await api.operationalState();
    expect(primaryState).toBe('paused');
    expect(holds).toMatchObject([{ cause: 'dr' }]);
    const after = await api.resume('the drill is over', holds[0]?.holdId);
    expect(after).toMatchObject({ primaryState: 'ready', holds: [] });
    expect(await readKnownEpoch(setting.home)).toMatchObject({ epoch: 2 });
    await expect.poll(async () => (await api.events({ type: 'kora.dr' })).length).toBe(1);
  });
  await run(setting, ({ ready }) => {
    expect(ready.primaryState).toBe('ready');
    return Promise.resolve();
  });
});

test('a home that never saw a store with events starts on it only when told to', async () => {
  const { setting, url } = await moved();
  const newcomer = { ...setting, home: join(setting.folder, 'newcomer'), env: { KORA_DATABASE_URL: url } };
  const settled = (): Promise<void> => Promise.resolve();
  await expect(run(newcomer, settled)).rejects.toMatchObject({
    code: 'KORA_STORE_STRANGE',
    fix: `kora up --adopt --home ${newcomer.home}`,
  });
  await run(newcomer, settled, true);
  await run(newcomer, settled);
});

async function clientOf({ home }: Setting, url: string): Promise<KoraClient> {
  const token = (await readFile(join(home, 'api-token'), 'utf8')).trim();
  return createKoraClient({ url, token });
}
