import { expect, test } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../store/testing/database.ts';
import type { Database } from '../store/index.ts';
import { classified, draft, eventType } from './index.ts';
import { chainOn, noted, said } from './testing/chain.ts';

const login = eventType(
  'test.login',
  'Somebody came in.',
  classified({ public: { user: z.string() }, secret: { password: z.string() } }),
);

/** Every text that the store has of a workspace's events, staged or sealed. */
async function stored(database: Database): Promise<string> {
  const rows = await database.query(
    `select to_jsonb(s) from kora.stage s union all select to_jsonb(e) from kora.event e
     union all select to_jsonb(b) from kora.event_body b`,
  );
  return JSON.stringify(rows);
}

test('a secret field never reaches the store, neither staged nor sealed, and the chain proves what is there', async () => {
  const { database } = await testDatabase();
  const { chain } = await chainOn(database);
  await chain.declare('logins', [login]);
  const event = draft(login, { user: 'ada', password: 'planted-secret' });
  const staged = await database.transaction(async (tx) => {
    await chain.stage(tx, [event]);
    return JSON.stringify(await tx.query('select body from kora.stage'));
  });
  expect(staged).toContain('[secret]');
  await chain.append([event]);
  await chain.appendSealed(event);
  expect(await stored(database)).not.toContain('planted-secret');
  expect((await chain.read({})).map(({ payload }) => payload)).toEqual(
    Array.from({ length: 3 }, () => ({ user: 'ada', password: '[secret]' })),
  );
  expect(await chain.verify()).toMatchObject({ ok: true, checked: 3 });
});

test('a secret of this process is stored nowhere: no payload, no actor, no correlation', async () => {
  const { database } = await testDatabase();
  const { chain } = await chainOn(database, { secrets: () => ['planted-secret'] });
  const links = { actorId: 'plugin:planted-secret', correlationId: 'planted-secret/1' };
  await chain.append([draft(said, { text: 'Bearer planted-secret was refused' }, links)]);
  await chain.appendSealed(draft(noted, { n: 1 }));
  expect(await stored(database)).not.toContain('planted-secret');
  expect((await chain.read({}))[0]).toMatchObject({
    actorId: 'plugin:[secret]',
    correlationId: '[secret]/1',
    payload: { text: 'Bearer [secret] was refused' },
  });
});
