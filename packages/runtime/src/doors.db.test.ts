import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { testDatabase } from './store/testing/database.ts';

interface Page {
  ask(path: string, body?: object): Promise<Response>;
  code(path: string, body?: object): Promise<string>;
}

/** A paired page: its cookie, and the origin that a browser would send. */
async function paired(url: string, client: KoraClient, wish: object = {}): Promise<Page> {
  const { code } = await client.pairing(wish);
  const answer = await fetch(`${url}/api/pair`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'Firefox (Linux)' },
    body: JSON.stringify({ code }),
  });
  expect(answer.status).toBe(200);
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly; SameSite=Strict$/);
  return page(url, cookie.split(';')[0] ?? '');
}

function page(url: string, cookie: string): Page & { readonly cookie: string } {
  const ask = (path: string, body?: object): Promise<Response> =>
    fetch(url + path, {
      headers: { cookie, origin: url, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
  return {
    cookie,
    ask,
    code: async (path, body) => {
      const answer = (await (await ask(path, body)).json()) as { error?: { code: string } };
      return answer.error?.code ?? 'ok';
    },
  };
}

test('a page does what it was given, its deeds are on the chain, and it outlives the runtime until it is revoked', async () => {
  const { url: database } = await testDatabase();
  const home = testFolder();
  const up = async (port: number) => {
    const kora = await createKora({
      home,
      cwd: home,
      env: { KORA_DATABASE_URL: database },
      port,
      bundled: [],
    });
    onTestFinished(() => kora.stop('the test ends'));
    const { token } = await openHome(home, systemClock());
    return { kora, url: kora.ready.url, client: createKoraClient({ url: kora.ready.url, token }) };
  };
  const first = await up(0);
  const all = await paired(first.url, first.client);
  const reader = await paired(first.url, first.client, { scopes: ['read'], device: 'the wall' });

  expect(await reader.code('/api/status')).toBe('ok');
  expect(await reader.code('/api/pause', { reason: 'no' })).toBe('KORA_SCOPE_MISSING');
  expect(await reader.code('/api/sessions/revoke', { which: 'all', reason: 'no' })).toBe(
    'KORA_SCOPE_MISSING',
  );

  const done = await all.ask('/api/pause', { reason: 'lunch', idempotencyKey: 'k1' });
  const deed = done.headers.get('x-kora-deed');
  const again = await all.ask('/api/pause', { reason: 'lunch', idempotencyKey: 'k1' });
  expect([done.status, again.headers.get('x-kora-deed')]).toEqual([200, deed]);
  const told = () => first.client.events({ type: 'kora.deed.done' });
  await expect.poll(async () => (await told()).length).toBe(1);
  expect(await told()).toMatchObject([
    {
      actorId: 'operator',
      payload: {
        deed,
        path: '/api/pause',
        device: 'Firefox on Linux',
        reason: 'lunch',
        idempotency_key: 'k1',
      },
    },
  ]);
  const { sessions, refused } = await first.client.sessions();
  expect(sessions.map(({ device, scopes }) => [device, scopes.length])).toEqual([
    ['the wall', 1],
    ['Firefox on Linux', 5],
  ]);
  expect(refused).toMatchObject({ total: 2, causes: [{ cause: 'scope_missing', count: 2 }] });
  await first.kora.stop('again');

  const second = await up(Number(new URL(first.url).port));
  // Before any of them has asked: who is signed in is known from the store.
  expect((await second.client.sessions()).sessions).toHaveLength(2);
  expect(await all.code('/api/status')).toBe('ok');
  const stream = await all.ask('/api/events/stream');
  const wall = (await second.client.sessions()).sessions.find(({ device }) => device === 'the wall');
  await second.client.revokeSession(wall?.sessionId ?? '', 'taken down');
  expect(await reader.code('/api/status')).toBe('KORA_AUTH_MISSING');
  expect(await all.code('/api/sessions/revoke', { which: 'others', reason: 'tidy' })).toBe('ok');
  await second.client.revokeSessions('all', 'going home');
  expect(await stream.text()).toMatch(/event: bye\ndata: \{"reason":"revoked"\}\n\n$/);
  expect(await all.code('/api/status')).toBe('KORA_AUTH_MISSING');
  const types = async (type: string) => (await second.client.events({ type })).map(({ payload }) => payload);
  await expect
    .poll(() => types('kora.session.revoked'))
    .toMatchObject([{ reason: 'taken down' }, { reason: 'going home' }]);
  await second.kora.stop('again');

  const third = await up(Number(new URL(first.url).port));
  expect(await all.code('/api/status')).toBe('KORA_AUTH_MISSING');
  expect((await third.client.sessions()).sessions).toEqual([]);
}, 60_000);
