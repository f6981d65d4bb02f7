import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../store/testing/database.ts';
import type { AlertFacts } from './facts.ts';
import { alertBench, quiet } from './testing/bench.ts';
import { delivering, outside } from './testing/outward.ts';
import { minute } from './testing/simulation.ts';

let made: Awaited<ReturnType<typeof fileDatabase>>;
beforeAll(async () => void (made = await fileDatabase()));
afterAll(() => made.drop());

const hold = { cause: 'operator', reason: 'a deploy', since: '2026-01-01T00:00:00.000Z' };
const paused: AlertFacts['state'] = { ...quiet.state, holds: [hold] };
const route = ['chat', 'mail', 'inbox'];

/** A house whose operator has two channels outside. */
async function reached() {
  const up = new Set(['chat', 'mail']);
  const house = await alertBench(made.database, { critical: route, warning: route, up });
  const [chat, mail] = [outside('chat'), outside('mail')];
  const until = await delivering(house, [chat, mail]);
  const one = async () => {
    const [row] = await house.rows();
    if (row === undefined) throw new Error('no alert');
    return row;
  };
  return { house, chat, mail, until, one };
}

test('what is wrong counts as told when a channel gave a receipt, and a channel that refuses passes it on', async () => {
  const { house, chat, mail, until, one } = await reached();
  chat.mode = 'refuses';
  house.facts.state = paused;
  await house.look();
  expect(await one()).toMatchObject({
    heardAt: null,
    tellings: [{ channel: 'chat', receipt: null, attempts: 0 }],
    nextReminder: { channel: 'mail', reminder: 1, of: 4 },
  });
  await until(() => expect(mail.taken).toEqual(['🚨 Alert · Kora is paused']));
  await until(async () => {
    await house.look();
    expect(await one()).toMatchObject({ heardOver: 'mail', heardAt: expect.any(String) });
  });
  expect((await one()).tellings).toMatchObject([
    { channel: 'mail', receipt: expect.stringMatching(/^mail\//) },
  ]);
  expect(await house.events('notification.rerouted')).toMatchObject([{ channel: 'chat', to: 'mail' }]);
});

test('a channel that hangs has two minutes; what it says later is not told twice', async () => {
  const { house, chat, mail, until, one } = await reached();
  chat.mode = 'hangs';
  house.facts.state = paused;
  await house.look();
  // By the store's clock it has just been said, by this runtime's two minutes ago.
  await house.look(2 * minute);
  await Promise.all([house.look(), house.another().look()]);
  await until(() => expect(mail.taken).toEqual(['🚨 Alert · Kora is paused']));
  await until(async () => {
    await house.look();
    expect(await one()).toMatchObject({ heardOver: 'mail' });
  });
  await house.look(3 * minute);
  expect([chat.taken, mail.taken]).toEqual([[], ['🚨 Alert · Kora is paused']]);
  expect(await house.events('notification.rerouted')).toHaveLength(1);
});

test('nobody says to know: the next channel is told; one word in either ends it, and the other one reads so', async () => {
  const { house, chat, mail, until, one } = await reached();
  house.facts.state = paused;
  await house.look();
  await until(() => expect(chat.taken).toHaveLength(1));
  await house.look();
  await Promise.all([house.look(15 * minute), house.another().look(), house.another().look()]);
  await until(() => expect(mail.taken).toEqual(['🚨 Still · Kora is paused']));
  const { alertId, nextReminder } = await one();
  expect(nextReminder).toMatchObject({ channel: 'mail', reminder: 2 });
  // Both messages ask for a word, and wait for one and the same.
  expect(house.asked.map(([about]) => about)).toEqual([alertId, alertId]);
  await house.ack(alertId, 'chat');
  await until(() => expect(mail.taken).toEqual(['🚨 Still · Kora is paused', '👁 Known · Kora is paused']));
  for (let hours = 0; hours < 3; hours += 1) await house.look(60 * minute);
  expect(await one()).toMatchObject({ nextReminder: null, escalations: 1 });
  expect(chat.taken).toEqual(['🚨 Alert · Kora is paused']);
  expect(await house.messages()).toHaveLength(3);
});

test('while no channel delivers it stands in the inbox; it is told once when one is back, over restarts and runtimes', async () => {
  const { house, chat, mail, until, one } = await reached();
  chat.mode = 'refuses';
  mail.mode = 'refuses';
  house.policy = { up: new Set() };
  house.facts.state = paused;
  house.facts.mute = { channels: ['chat', 'mail'], since: null };
  await house.look();
  await until(async () => {
    await house.look();
    expect((await house.rows()).map(({ heardOver }) => heardOver)).toEqual(['inbox', 'inbox']);
  });
  expect(await house.titles()).toEqual([
    '🚨 Alert · Kora is paused',
    '🚨 Alert · You are reached over no channel but the inbox',
  ]);
  chat.mode = 'takes';
  house.policy = {};
  house.facts.mute = null;
  await Promise.all([house.look(), house.another().look(), house.another().look()]);
  await house.another().look();
  await until(() => expect(chat.taken).toEqual(['🚨 Goes on · Kora is paused']));
  await until(async () => {
    await house.look();
    expect((await house.rows()).find(({ source }) => source === 'paused')).toMatchObject({
      heardOver: 'chat',
    });
  });
  // That nobody was reached is told by its end.
  await house.look(minute);
  await until(() =>
    expect(chat.taken.at(-1)).toBe('✅ Over · You are reached over no channel but the inbox'),
  );
  expect(chat.taken).toHaveLength(2);
  expect((await one()).status).toBe('active');
});
