import { beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../../runtime/src/store/testing/database.ts';
import { openHouse, removeHome } from '../fixtures/house.ts';
import type { House } from '../fixtures/house.ts';
import { generic, send } from '../fixtures/sender.ts';
import type { Answered } from '../fixtures/sender.ts';

const config = {
  sources: {
    'my-script': {
      secrets: ['SECRET_1'],
      perMinute: 1_000,
      rules: [{ ticket: { kind: 'note', title: '{body.text}' } }],
    },
    monitor: { secrets: ['SECRET_1'], rules: [{ incident: { key: '{body.monitor}', title: 'it is down' } }] },
  },
};

/** However loaded the machine is. */
const soon = { timeout: 20_000 };

let house: House;
let sql: (text: string) => Promise<unknown>;

beforeAll(async () => {
  const store = await fileDatabase({ empty: true });
  sql = (text) => store.database.query(text);
  const env = { KORA_PLUGIN_WEBHOOKS_SECRET_1: 'first-secret' };
  house = await openHouse({ databaseUrl: store.url, config, env });
  return async () => {
    await house.stop();
    removeHome(house.home);
    await store.drop();
  };
});

const at = (source: string): string => `/webhooks/${source}`;

function say(body: string): Promise<Answered> {
  const headers = generic('first-secret', body);
  return send({ port: house.port, path: at('my-script'), headers, body });
}

async function lettersOf(source: string): Promise<Readonly<Record<string, unknown>>[]> {
  const { view } = await house.operator.panel('webhooks', 'letters');
  return view.kind === 'table'
    ? view.rows.map(({ cells }) => cells).filter((row) => row['source'] === source)
    : [];
}

/** The store takes no ticket, or only slowly, while this runs. */
async function withTickets(what: string, work: () => Promise<void>): Promise<void> {
  await sql(
    `create function kora.hindered() returns trigger language plpgsql as $$ begin ${what}; return new; end $$`,
  );
  await sql(`create trigger hindered before insert on kora.ticket for each row
    when (new.kind = 'note') execute function kora.hindered()`);
  try {
    await work();
  } finally {
    await sql('drop function kora.hindered() cascade');
  }
}

/** As if half a minute had passed since somebody was at it. */
async function finishNow(): Promise<void> {
  await sql(`update plugin_webhooks.delivery set tried_at = clock_timestamp() - interval '1 minute'
    where state = 'received'`);
  await house.operator.runTask('webhooks_finish', 'a test');
}

async function titled(title: string): Promise<number> {
  const tickets = await house.operator.tickets.list({ limit: 500 });
  return tickets.filter((ticket) => ticket.title === title).length;
}

const away = `raise exception 'the store does not want to'`;

test('what was kept and not finished is finished later, without being sent again', async () => {
  await withTickets(away, async () => {
    expect(await say('{"text":"later"}')).toMatchObject({ status: 202, json: { outcome: 'kept' } });
  });
  await finishNow();
  await expect.poll(() => titled('later'), soon).toBe(1);
});

test('what is tried ten times in vain is a dead letter, and tried no more (daemon defect W75)', async () => {
  await withTickets(away, async () => {
    expect(await say('{"text":"poison"}')).toMatchObject({ status: 202, json: { outcome: 'kept' } });
    await sql(`update plugin_webhooks.delivery set attempts = 9 where state = 'received'`);
    await finishNow();
    await expect
      .poll(() => lettersOf('my-script'), soon)
      .toContainEqual(expect.objectContaining({ reason: 'not_handled', state: 'kept', signed: true }));
  });
  const letter = (await lettersOf('my-script')).find(({ reason }) => reason === 'not_handled');
  const input = { letter: Number(letter?.['letter']) };
  const replay = { plugin: 'webhooks', panel: 'letters', action: 'replay' } as const;
  expect(await house.operator.panelAction(replay, { input, reason: 'a test' })).toMatchObject({
    message: expect.stringContaining('taken: ticket'),
  });
  expect(await titled('poison')).toBe(1);
});

test('who goes away before the answer and asks again hears it, and nothing more is made (daemon defect W74)', async () => {
  const body = '{"text":"hasty"}';
  const headers = generic('first-secret', body, { delivery: 'hasty' });
  const sent = { port: house.port, path: at('my-script'), headers, body };
  await withTickets('perform pg_sleep(1)', async () => {
    const patience = new AbortController();
    const gone = send({ ...sent, signal: patience.signal }).then(
      () => 'answered',
      () => 'gone',
    );
    const kept = `select 1 from plugin_webhooks.delivery where provider_id = 'hasty' and state = 'received'`;
    await expect.poll(() => sql(kept), { ...soon, interval: 10 }).toHaveLength(1);
    patience.abort();
    expect(await gone).toBe('gone');
    await expect.poll(() => titled('hasty'), soon).toBe(1);
  });
  const known = { status: 200, json: { delivery: expect.any(Number) } };
  await expect.poll(() => send(sent), soon).toMatchObject(known);
  expect(await send(sent)).toMatchObject({ status: 409, json: { refused: 'replayed' } });
  expect(await titled('hasty')).toBe(1);
});

test('while Kora is paused, webhooks are kept, and made when it goes on (daemon defect W71)', async () => {
  const { holdId } = await house.operator.pause('a test pauses');
  await expect.poll(async () => (await house.operator.status()).primaryState, soon).toBe('paused');
  expect(await say('{"text":"patient"}')).toMatchObject({ status: 202, json: { outcome: 'kept' } });
  // What is looked at is looked at also then, as by every probe; and what is no ticket is said at once.
  const down = '{"monitor":"paused","state":"down"}';
  const headers = generic('first-secret', down);
  expect(await send({ port: house.port, path: at('monitor'), headers, body: down })).toMatchObject({
    json: { outcome: 'incident' },
  });
  expect(await say('{"nothing":2}')).toMatchObject({ status: 422, json: { refused: 'place_missing' } });
  expect(await titled('patient')).toBe(0);
  await house.operator.resume('the test goes on', holdId);
  await expect.poll(async () => (await house.operator.status()).primaryState, soon).not.toBe('paused');
  await finishNow();
  await expect.poll(() => titled('patient'), soon).toBe(1);
});

test('while Kora is stopped, who sends is asked to come again, and it is told', async () => {
  await house.operator.stop(3, 'a test stops');
  await expect.poll(async () => (await house.operator.status()).stopLevel, soon).toBe(3);
  expect(await say('{"text":"unheard"}')).toMatchObject({
    status: 503,
    json: { refused: 'stopped' },
    headers: { 'retry-after': '60' },
  });
  const told = async () =>
    (await house.operator.events({ type: 'webhook.dead_letter', limit: 50, order: 'desc' })).map(
      ({ payload }) => payload,
    );
  await expect
    .poll(told, soon)
    .toContainEqual(expect.objectContaining({ source: 'my-script', reason: 'stopped' }));
  await house.operator.resume('the test goes on');
  await expect.poll(async () => (await house.operator.status()).stopLevel, soon).toBe(0);
  await expect
    .poll(() => say('{"text":"heard"}'), soon)
    .toMatchObject({ status: 202, json: { outcome: 'ticket' } });
  expect(await titled('unheard')).toBe(0);
});
