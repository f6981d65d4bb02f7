import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import type { Kora } from './options.ts';
import { fileDatabase } from './store/testing/database.ts';

const said = `{
  // told by mail
  "alerts": { "burst": 3 },
  "store": { "url": "env:MY_DATABASE" }
}
`;

let store: Awaited<ReturnType<typeof fileDatabase>>;
let kora: Kora;
let api: KoraClient;
let home: string;
let file: string;

beforeAll(async () => {
  store = await fileDatabase({ empty: true });
  home = mkdtempSync(join(tmpdir(), 'kora-test-'));
  file = join(home, 'kora.json');
  writeFileSync(file, said, { mode: 0o600 });
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const url = `postgres://${login}@/${store.connection.database}?host=${encodeURIComponent(host)}`;
  const env = { MY_DATABASE: url, KORA_CREDIT_POOL_USD: '40' };
  kora = await createKora({ home, cwd: home, env, port: 0, bundled: [], adopt: true });
  const { token } = await openHome(home, systemClock());
  api = createKoraClient({ url: kora.ready.url, token });
}, 60_000);

afterAll(async () => {
  await kora.stop('the tests end');
  await store.drop();
  rmSync(home, { recursive: true, force: true });
});

const keyOf = async (key: string) => (await api.configuration()).keys.find((row) => row.key === key);
const written = async () => api.events({ type: 'kora.config.written', limit: 100 });

/** Once it is sealed. */
const recorded = (payload: object): Promise<void> =>
  vi.waitFor(async () => expect((await written()).at(-1)?.payload).toMatchObject(payload));

/** A page that was paired: what it posts, as it answers. */
async function page(scopes: ('read' | 'operate' | 'admin')[]) {
  const { code } = await api.pairing({ scopes });
  const { url } = kora.ready;
  const headers = { origin: url, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/pair`, { method: 'POST', headers, body: JSON.stringify({ code }) });
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  return async (path: string, body: object) => {
    const posted = await fetch(url + path, {
      method: 'POST',
      headers: { ...headers, cookie },
      body: JSON.stringify(body),
    });
    const error = z.object({ error: z.looseObject({ code: z.string() }) });
    const read: unknown = await posted.json();
    return { status: posted.status, error: error.safeParse(read).data?.error, body: read };
  };
}

test('a hot key is in force at once, the file keeps its comments, and the chain says from, to, who and why', async () => {
  const { digest } = await api.configuration();
  const { written: done } = await api.configure({
    changes: [{ key: 'alerts.burst', value: 8 }],
    digest,
    reason: 'a long night',
  });
  expect(done).toEqual([{ key: 'alerts.burst', from: 3, to: 8, class: 'hot', holds: 'now' }]);
  expect(await keyOf('alerts.burst')).toMatchObject({ value: 8, inFile: 8, origin: 'file', waits: false });
  expect(readFileSync(file, 'utf8')).toBe(said.replace('"burst": 3', '"burst": 8'));
  await recorded({
    key: 'alerts.burst',
    from: 3,
    to: 8,
    secret: false,
    session: null,
    reason: 'a long night',
  });
});

test('what is not hot waits for a start and says so; what a variable says is overruled', async () => {
  const { digest } = await api.configuration();
  const changes = [
    { key: 'health.cadenceSeconds', value: 60 },
    { key: 'spend.poolUsd', value: 5 },
  ];
  const { written: done } = await api.configure({ changes, digest, reason: 'r' });
  expect(done.map(({ key, holds }) => [key, holds])).toEqual([
    ['health.cadenceSeconds', 'restart'],
    ['spend.poolUsd', 'overruled'],
  ]);
  expect(await keyOf('health.cadenceSeconds')).toMatchObject({ value: 300, inFile: 60, waits: true });
  expect(await keyOf('spend.poolUsd')).toMatchObject({ value: 40, inFile: 5, waits: false });
});

test('of two writers who read the same, the second is told what the first wrote; nothing of its is written', async () => {
  const { digest } = await api.configuration();
  const write = (value: number) =>
    api.configure({ changes: [{ key: 'alerts.settleSeconds', value }], digest, reason: 'r' });
  const [first, second] = await Promise.allSettled([write(11), write(12)]);
  expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  const post = await page(['read', 'admin']);
  const late = await post('/api/config', {
    changes: [{ key: 'alerts.burst', value: 2 }],
    digest,
    reason: 'late',
  });
  expect(late).toMatchObject({
    status: 409,
    error: {
      code: 'KORA_CONFIG_CHANGED',
      details: { changed: [{ key: 'alerts.settleSeconds', from: null, to: expect.any(Number) }] },
    },
  });
  expect(await keyOf('alerts.burst')).toMatchObject({ inFile: 8 });
});

test('what does not fit is refused at its key, and neither written nor recorded', async () => {
  const before = readFileSync(file, 'utf8');
  const post = await page(['read', 'admin']);
  const { digest } = await api.configuration();
  const refused = await post('/api/config', {
    changes: [{ key: 'alerts.burst', value: 0 }],
    digest,
    reason: 'unfit',
  });
  expect(refused).toMatchObject({
    status: 400,
    error: { code: 'KORA_CONFIG_INVALID', details: { issues: [{ path: 'alerts.burst' }] } },
  });
  expect(readFileSync(file, 'utf8')).toEqual(before);
});

test('a page writes with its name on it, and never a key that is closed to pages, whatever its scopes', async () => {
  const post = await page(['read', 'operate', 'admin']);
  const { digest, keys } = await api.configuration();
  for (const { key, closed } of keys.filter((row) => row.closed !== null && row.kind !== 'block')) {
    const refused = await post('/api/config', { changes: [{ key, value: 'x' }], digest, reason: 'r' });
    expect([key, closed, refused.status, refused.error?.code]).toEqual([
      key,
      closed,
      403,
      'KORA_CONFIG_CLOSED',
    ]);
  }
  const change = { changes: [{ key: 'alerts.burst' }], digest, reason: 'as it was' };
  expect(await post('/api/config', change)).toMatchObject({ status: 200 });
  await recorded({
    unset: true,
    to: null,
    session: expect.any(String),
  });
  expect(await keyOf('alerts.burst')).toMatchObject({ value: 5, isInFile: false, origin: 'default' });
  const lesser = await page(['read', 'operate']);
  expect(await lesser('/api/config', change)).toMatchObject({
    status: 403,
    error: { code: 'KORA_SCOPE_MISSING' },
  });
});

test('a secret is written as a reference alone, and told by name alone', async () => {
  const { digest } = await api.configuration();
  const write = (value: string) =>
    api.configure({ changes: [{ key: 'store.migrationUrl', value }], digest, reason: 'r' });
  await expect(write('postgres://me:hunter2@localhost/kora')).rejects.toMatchObject({
    code: 'KORA_CONFIG_INVALID',
  });
  const { written: done } = await write('env:MY_DATABASE');
  expect(done).toMatchObject([{ key: 'store.migrationUrl', from: null, to: null }]);
  await recorded({ secret: true, from: null, to: null });
  const reasons = (await written()).map(({ payload }) => payload['reason']);
  expect(reasons).not.toContain('late');
  expect(reasons).not.toContain('unfit');
});

test('a plugin is disabled by its name in the file, and one that there is not is refused', async () => {
  await expect(api.disablePlugin('nobody', 'r')).rejects.toMatchObject({ code: 'KORA_PLUGIN_UNKNOWN' });
});
