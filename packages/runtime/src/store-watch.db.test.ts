import { generateKeyPairSync } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { startKeeper } from './control/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { raiseEpoch } from './state/index.ts';
import { testDatabase } from './store/testing/database.ts';
import type { TestDatabase } from './store/testing/database.ts';
import { WireProxy } from './store/testing/wire-proxy.ts';

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

/** One key for all runtimes of the workspace, as an operator gives it. */
const { privateKey } = generateKeyPairSync('ed25519');
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

async function raise(home: string, { url }: Place, adopt = false): Promise<{ kora: Kora; api: KoraClient }> {
  const env = { KORA_DATABASE_URL: url, KORA_CHECKPOINT_KEY: key };
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [], adopt });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  return { kora, api: createKoraClient({ url: kora.ready.url, token }) };
}

test('a store whose epoch is raised by somebody else holds the runtimes that work on it within a beat', async () => {
  const place = await emptyPlace();
  const { api, kora } = await raise(testFolder(), place);
  expect(kora.ready.primaryState).toBe('ready');
  await raiseEpoch(place.database, { by: 'operator', reason: 'restored from the snapshot of last night' });
  await expect.poll(async () => (await api.operationalState()).primaryState).toBe('paused');
  const { holds } = await api.operationalState();
  expect(holds).toMatchObject([{ cause: 'dr', owner: 'gate:3b_epoch' }]);
  const after = await api.resume('it was ours', holds[0]?.holdId);
  expect(after).toMatchObject({ primaryState: 'ready', holds: [] });
  expect(await api.events({ type: 'kora.dr' })).toHaveLength(1);
});

test('what a keeper told past every channel is an event and a message of the next start, once', async () => {
  const place = await emptyPlace();
  const home = testFolder();
  const detail = 'a test says that the store is away';
  {
    await using keeper = await startKeeper({ home, onError: (error) => expect.unreachable(String(error)) });
    keeper.tell({ what: 'store', detail });
    await expect.poll(() => keeper.told()).toMatchObject([{ what: 'store', detail }]);
  }
  for (const reason of ['it starts again', 'and once more']) {
    const { api, kora } = await raise(home, place);
    await expect
      .poll(() => api.events({ type: 'kora.emergency.told' }))
      .toMatchObject([{ payload: { what: 'store', detail } }]);
    await expect
      .poll(async () => (await api.messages({ limit: 50 })).filter(({ source }) => source === 'keeper'))
      .toMatchObject([
        {
          severity: 'critical',
          title: 'Kora told an emergency: store',
          deliveredAt: expect.any(String) as string,
        },
      ]);
    await kora.stop(reason);
  }
});

test('a home that adopts another store leaves behind what it signed and kept for the one before', async () => {
  const [one, two] = [await emptyPlace(), await emptyPlace()];
  const home = testFolder();
  const first = await raise(home, one);
  for (const n of [1, 2, 3])
    await first.api.tickets.add({ kind: 'errand', title: 'x', payload: {}, idempotencyKey: `${n}` });
  await first.kora.stop('it moves');
  expect(await readdir(join(home, 'checkpoints'))).toEqual(['default.log']);
  const other = await raise(testFolder(), two);
  await other.kora.stop('it made a store');
  await expect(raise(home, two)).rejects.toMatchObject({ code: 'KORA_STORE_STRANGE' });
  const adopted = await raise(home, two, true);
  expect(adopted.kora.ready.primaryState).toBe('ready');
  expect((await adopted.api.findings()).map(({ id }) => id)).not.toContain('checkpoint.rewound');
  expect(await adopted.api.verify()).toMatchObject({ ok: true });
  const aside = (await readdir(home)).filter((name) => name.startsWith('of-store-'));
  expect(aside).toHaveLength(1);
  expect(await readdir(join(home, aside[0] ?? '', 'checkpoints'))).toEqual(['default.log']);
});

test('with the store away the doctor says so, and still says what it knows without it', async () => {
  const place = await emptyPlace();
  const { host = '', port = 0, database } = place.connection;
  const proxy = await WireProxy.open({ host, port });
  const { user, password } = inject('postgres');
  const url = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}/${database}`;
  const { api } = await raise(testFolder(), { ...place, url });
  expect((await api.findings()).map(({ id }) => id)).not.toContain('store.away');
  await proxy.close();
  await expect.poll(async () => (await api.findings()).map(({ id }) => id)).toContain('store.away');
  const [away] = (await api.findings()).filter(({ id }) => id === 'store.away');
  expect(away).toMatchObject({
    severity: 'error',
    message: expect.stringContaining('127.0.0.1:'),
  });
});
