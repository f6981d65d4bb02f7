import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { fileDatabase } from '../../runtime/src/store/testing/database.ts';
import { openHouse, removeHome } from '../fixtures/house.ts';
import type { House } from '../fixtures/house.ts';
import { generic, github, send } from '../fixtures/sender.ts';
import type { Answered } from '../fixtures/sender.ts';

const issue = {
  when: { 'header.x-github-event': 'issues', 'body.action': ['opened', 'reopened'] },
  ticket: {
    kind: 'github_issue',
    title: '#{body.issue.number} {body.issue.title}',
    payload: { number: '{body.issue.number}', labels: '{body.issue.labels|}', by: ['{body.sender.login}'] },
    key: 'issue {body.issue.number}',
  },
};
const anything = { ticket: { kind: 'note', title: '{body.text}' } };
const down = { key: '{body.monitor}', title: '{body.monitor}: {body.why|no word on why}' };

/** What the operator wrote; `issues` is mended later. */
function configOf(rules: readonly object[]): object {
  return {
    proxies: ['127.0.0.1'],
    sources: {
      'my-script': {
        secrets: ['SECRET_1', 'SECRET_2'],
        largestBody: 2_000,
        perMinute: 1_000,
        rules: [anything],
      },
      quiet: { secrets: ['SECRET_1'], perMinute: 3, rules: [anything] },
      mute: { secrets: ['SECRET_9'], rules: [anything] },
      github: { scheme: 'github', secrets: ['SECRET_3', 'SECRET_4'], perMinute: 1_000, rules },
      monitor: {
        secrets: ['SECRET_1'],
        perMinute: 1_000,
        rules: [
          { when: { 'body.state': 'down' }, incident: down },
          { when: { 'body.state': 'up' }, incident: { key: '{body.monitor}', is: 'well' } },
        ],
      },
    },
  };
}

/** However loaded the machine is. */
const soon = { timeout: 20_000 };

let house: House;
let again: (rules: readonly object[], env: Readonly<Record<string, string>>) => Promise<House>;
let sql: (text: string) => Promise<unknown>;

const env = {
  KORA_PLUGIN_WEBHOOKS_SECRET_1: 'first-secret',
  KORA_PLUGIN_WEBHOOKS_SECRET_2: 'second-secret',
  KORA_PLUGIN_WEBHOOKS_SECRET_3: 'a-wrong-secret',
};

beforeAll(async () => {
  const store = await fileDatabase({ empty: true });
  const databaseUrl = store.url;
  const wrong = { ...issue, ticket: { ...issue.ticket, title: '{body.issue.headline}' } };
  house = await openHouse({ databaseUrl, config: configOf([wrong]), env });
  const { home } = house;
  sql = (text) => store.database.query(text);
  again = async (rules, env) => {
    await house.stop();
    house = await openHouse({ databaseUrl, config: configOf(rules), env, home });
    return house;
  };
  return async () => {
    await house.stop();
    removeHome(home);
    await store.drop();
  };
});

const at = (source: string): string => `/webhooks/${source}`;

function told(type: string): Promise<Readonly<Record<string, unknown>>[]> {
  return house.operator
    .events({ type, limit: 200, order: 'asc' })
    .then((events) => events.map(({ payload }) => payload));
}

async function ticketsOf(kind: string): Promise<Awaited<ReturnType<typeof house.operator.tickets.list>>> {
  return (await house.operator.tickets.list({ limit: 500 })).filter((ticket) => ticket.kind === kind);
}

/** To the source that takes anything, signed with its first secret. */
function say(
  body: string,
  given: Parameters<typeof generic>[2] & { readonly secret?: string } = {},
): Promise<Answered> {
  const headers = generic(given.secret ?? 'first-secret', body, given);
  return send({ port: house.port, path: at('my-script'), headers, body });
}

test('a signed webhook is a ticket, and its text a stranger’s', async () => {
  const { status, json } = await say('{"text":"Look at\\u0007 the \\u202egate"}');
  expect(status).toBe(202);
  expect(json).toMatchObject({ outcome: 'ticket', delivery: expect.any(Number) });
  const [ticket] = await ticketsOf('note');
  expect(ticket).toMatchObject({ title: 'Look at the gate', origin: 'webhook:my-script', trusted: false });
  await expect
    .poll(() => told('webhooks.taken'), soon)
    .toMatchObject([{ source: 'my-script', outcome: 'ticket' }]);
});

test('what is no webhook is refused before its body is read (daemon defect W79)', async () => {
  const { port } = house;
  const path = at('my-script');
  expect(await send({ port, path: '/healthz', method: 'GET' })).toMatchObject({ status: 200, text: 'ok\n' });
  expect(await send({ port, path: '/webhooks/nobody', body: '{}' })).toMatchObject({ status: 404 });
  // There is no route that nobody configured.
  for (const path of ['/api/webhooks/email/inbound', '/webhooks/', '/webhooks/__proto__', '/'])
    expect(await send({ port, path, body: '{}' })).toMatchObject({
      status: 404,
      json: { refused: 'unknown_source' },
    });
  expect(await send({ port, path: '/../../etc/passwd', method: 'GET' })).toMatchObject({ status: 404 });
  expect(await send({ port, path, method: 'GET' })).toMatchObject({
    status: 405,
    headers: { allow: 'POST' },
  });
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  expect(await send({ port, path, headers: form, body: 'a=1' })).toMatchObject({ status: 415 });
  const packed = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  expect(await send({ port, path, headers: packed, body: '{}' })).toMatchObject({ status: 415 });
  const large = JSON.stringify({ text: 'x'.repeat(3_000) });
  expect(await say(large)).toMatchObject({ status: 413, json: { refused: 'too_large' } });
  const pieces = { ...generic('first-secret', large), 'transfer-encoding': 'chunked' };
  expect(await send({ port, path, headers: pieces, body: large })).toMatchObject({ status: 413 });
  const unset = generic('whatever', '{"text":"a"}');
  expect(await send({ port, path: at('mute'), headers: unset, body: '{"text":"a"}' })).toMatchObject({
    status: 503,
    json: { refused: 'secret_unset' },
  });
});

interface Forged {
  readonly secret?: string;
  readonly aheadMs?: number;
}

test.each<[string, number, Forged]>([
  ['signature_mismatch', 401, { secret: 'guessed' }],
  ['stale', 408, { aheadMs: -301_000 }],
  ['stale', 408, { aheadMs: 310_000 }],
])('forged and late: %s', async (refused, status, { aheadMs = 0, ...given }: Forged) => {
  // Counted from now: the house that this file starts may have taken longer than what lies beyond the bound.
  expect(await say('{"text":"let me in"}', { ...given, at: Date.now() + aheadMs })).toMatchObject({
    status,
    json: { refused },
  });
  await expect
    .poll(() => told('webhook.dead_letter'), soon)
    .toContainEqual(expect.objectContaining({ source: 'my-script', reason: refused, peer: '127.0.0.1' }));
  expect(JSON.stringify(await house.operator.events({ limit: 500, order: 'desc' }))).not.toContain(
    'let me in',
  );
});

test('the same webhook is taken once: sent at once, as it was, under another name, and signed anew', async () => {
  const body = '{"text":"once"}';
  const headers = generic('first-secret', body, { delivery: 'one' });
  const path = at('my-script');
  const sent = { port: house.port, path, headers, body };
  const answers = await Promise.all(Array.from({ length: 8 }, () => send(sent)));
  // Who was not answered yet asks in good faith, and hears the same; who was is a replay.
  const [made, ...rest] = answers
    .toSorted((a, b) => b.status - a.status || 0)
    .filter(({ status }) => status !== 409);
  expect(made?.status).toBe(202);
  for (const { status, json } of rest)
    expect([status, json['delivery']]).toEqual([200, made?.json['delivery']]);
  expect(await send(sent)).toMatchObject({ status: 409, json: { refused: 'replayed' } });
  const renamed = { ...headers, 'x-kora-delivery': 'two' };
  expect(await send({ ...sent, headers: renamed })).toMatchObject({
    status: 409,
    json: { refused: 'replayed' },
  });
  // The sender itself, which signs anew: it hears what was made, and nothing more is.
  const known = { status: 200, json: { outcome: 'ticket', delivery: made?.json['delivery'] } };
  expect(await say(body, { delivery: 'one', at: Date.now() - 60_000 })).toMatchObject(known);
  const other = { delivery: 'one', secret: 'second-secret', at: Date.now() - 30_000 };
  expect(await say(body, other)).toMatchObject(known);
  // Other words under a name that is taken are neither.
  expect(await say('{"text":"twice"}', { delivery: 'one' })).toMatchObject({ status: 409 });
  const tickets = await ticketsOf('note');
  expect(tickets.filter(({ title }) => title === 'once')).toHaveLength(1);
});

test('while a secret changes, the old and the new are good', async () => {
  expect(await say('{"text":"with the first"}')).toMatchObject({ status: 202 });
  expect(await say('{"text":"with the second"}', { secret: 'second-secret' })).toMatchObject({ status: 202 });
});

test('who floods is told to wait, whoever they say to be, and the chain is not flooded', async () => {
  const flood = async (forwarded: string): Promise<Answered[]> => {
    const answers: Answered[] = [];
    for (let n = 0; n < 10; n += 1) {
      const body = `{"text":"flood ${forwarded} ${n}"}`;
      const headers = { ...generic('first-secret', body), 'x-forwarded-for': `10.9.8.7, ${forwarded}` };
      answers.push(await send({ port: house.port, path: at('quiet'), headers, body }));
    }
    return answers;
  };
  const answers = await flood('198.51.100.1');
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, ...Array<number>(7).fill(429)]);
  expect(Number(answers.at(-1)?.headers['retry-after'])).toBeGreaterThan(0);
  // Another address behind the same proxy is another sender.
  expect((await flood('198.51.100.2')).slice(0, 3).map(({ status }) => status)).toEqual([202, 202, 202]);
  const flooded = async () =>
    (await told('webhook.dead_letter')).filter(({ reason }) => reason === 'rate_limited');
  await expect.poll(flooded, soon).toMatchObject([{ source: 'quiet', peer: '198.51.100.1' }]);
});

test('what nothing can be made of is a dead letter, sealed, and says why', async () => {
  expect(await say('{"nothing":1}')).toMatchObject({
    status: 422,
    json: { refused: 'place_missing', detail: 'body.text was not sent', letter: expect.any(Number) },
  });
  expect(await say('{"text":')).toMatchObject({ status: 422, json: { refused: 'malformed' } });
  const rows = (await sql(`select encode(body, 'escape') as body from plugin_webhooks.letter`)) as {
    body: string | null;
  }[];
  expect(rows.length).toBeGreaterThanOrEqual(2);
  expect(JSON.stringify(rows)).not.toContain('nothing');
});

test('things that webhooks watch have probes, and their incidents follow the runtime’s rules', async () => {
  const state = (body: object): Promise<Answered> => {
    const text = JSON.stringify(body);
    const headers = generic('first-secret', text);
    return send({ port: house.port, path: at('monitor'), headers, body: text });
  };
  expect(await state({ monitor: 'shop', state: 'down', why: '502 from the edge' })).toMatchObject({
    status: 202,
    json: { outcome: 'incident' },
  });
  const [probe] = (await house.operator.probes()).filter(({ kind }) => kind === 'webhook');
  expect(probe).toMatchObject({ target: 'monitor: shop', pluginName: 'webhooks' });
  const name = probe?.name ?? '';
  expect(await house.operator.runProbe(name)).toMatchObject({
    status: 'unhealthy',
    error: 'shop: 502 from the edge',
    incidentId: expect.any(Number),
  });
  // It is called what the template says, in the list and in what the operator is told.
  const title = 'shop: 502 from the edge';
  expect((await house.operator.incidents()).map((incident) => incident.title)).toContain(title);
  expect((await house.operator.messages()).map((message) => message.title)).toContain(
    `🚨 Probe alert · ${title}`,
  );
  expect(await state({ monitor: 'shop', state: 'up' })).toMatchObject({ status: 202 });
  expect(await house.operator.runProbe(name)).toMatchObject({ status: 'healthy', incidentId: null });
  expect(await state({ monitor: 'shop', state: 'sideways' })).toMatchObject({ json: { refused: 'no_rule' } });
});

const letters = { plugin: 'webhooks', panel: 'letters' } as const;

async function lettersOf(source: string): Promise<Readonly<Record<string, unknown>>[]> {
  const { view } = await house.operator.panel('webhooks', 'letters');
  return view.kind === 'table'
    ? view.rows.map(({ cells }) => cells).filter((row) => row['source'] === source)
    : [];
}

function act(action: string, letter: unknown): Promise<unknown> {
  return house.operator.panelAction(
    { ...letters, action },
    { input: { letter: Number(letter) }, reason: 'a test' },
  );
}

test('whatever a sender signs, it is taken or refused, and nothing breaks', async () => {
  const words = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify({ text })),
  );
  await fc.assert(
    fc.asyncProperty(words, fc.string(), async (body, delivery) => {
      const { status } = await say(body, { delivery: encodeURIComponent(delivery.toWellFormed()) || null });
      expect([202, 409, 413, 422]).toContain(status);
    }),
    { numRuns: 60 },
  );
});

test('a restart forgets nothing; a dead letter is tried again by what is configured then, once', async () => {
  const body = '{"text":"before the restart"}';
  const headers = generic('second-secret', body, { delivery: 'before' });
  const sent = { path: at('my-script'), headers, body };
  expect(await send({ ...sent, port: house.port })).toMatchObject({ status: 202 });
  const opened = (number: number): string =>
    JSON.stringify({ action: 'opened', issue: { number, title: 'It is down' }, sender: { login: 'ann' } });
  const issues = (number: number, secret: string, delivery: string): Promise<Answered> => {
    const text = opened(number);
    return send({
      port: house.port,
      path: at('github'),
      headers: github(secret, text, 'issues', delivery),
      body: text,
    });
  };
  // The operator has said the wrong secret: nothing is lost.
  expect(await issues(1, 'octo-secret', 'guid-1')).toMatchObject({ status: 401 });
  await again([issue], {
    ...env,
    KORA_PLUGIN_WEBHOOKS_SECRET_3: 'octo-secret',
    KORA_PLUGIN_WEBHOOKS_SEAL_KEY: 'x',
  });
  expect(await send({ ...sent, port: house.port })).toMatchObject({
    status: 409,
    json: { refused: 'replayed' },
  });
  // Sealed with the wrong secret, which is said no more.
  const [sealed] = await lettersOf('github');
  await expect(act('replay', sealed?.['letter'])).rejects.toThrow('the secret that sealed it is gone');
  expect(await act('drop', sealed?.['letter'])).toMatchObject({
    message: expect.stringContaining('dropped'),
  });

  expect(await issues(2, 'octo-secret', 'guid-2')).toMatchObject({
    status: 202,
    json: { outcome: 'ticket' },
  });
  expect(await issues(2, 'octo-secret', 'guid-9')).toMatchObject({ status: 409 });
  expect(await issues(3, 'octo-secret', 'guid-2')).toMatchObject({ status: 409 });
  const hello = '{"zen":"Keep it logically awesome."}';
  const ping = github('octo-secret', hello, 'ping', 'guid-4');
  expect(await send({ port: house.port, path: at('github'), headers: ping, body: hello })).toMatchObject({
    status: 202,
    json: { outcome: 'ignored' },
  });
  // A forged one stays forged, however often it is tried.
  expect(await issues(5, 'guessed', 'guid-5')).toMatchObject({ status: 401 });
  await expect
    .poll(async () => (await lettersOf('github')).filter(({ state }) => state === 'kept'), soon)
    .toHaveLength(1);
  const [forged] = (await lettersOf('github')).filter(({ state }) => state === 'kept');
  await expect(act('replay', forged?.['letter'])).rejects.toThrow('signature_mismatch');

  const unmade = (await lettersOf('my-script')).findLast(({ reason: why }) => why === 'place_missing');
  await expect(act('replay', unmade?.['letter'])).rejects.toThrow('body.text was not sent');
  expect(await act('show', unmade?.['letter'])).toEqual({ message: '{"nothing":1}' });
});

test('a dead letter that is taken is over, and its body forgotten', async () => {
  const text = '{"action":"opened","issue":{"number":12,"title":"Late"}}';
  const headers = github('octo-secret', text, 'issues', 'guid-12');
  expect(await send({ port: house.port, path: at('github'), headers, body: text })).toMatchObject({
    status: 422,
  });
  const named = { ...issue, ticket: { ...issue.ticket, payload: { number: '{body.issue.number}' } } };
  const mended = { KORA_PLUGIN_WEBHOOKS_SECRET_3: 'octo-secret', KORA_PLUGIN_WEBHOOKS_SECRET_4: 'guessed' };
  await again([named], { ...env, ...mended, KORA_PLUGIN_WEBHOOKS_SEAL_KEY: 'x' });
  const [letter] = (await lettersOf('github')).filter(({ reason }) => reason === 'place_missing');
  const replay = (which = letter): Promise<unknown> => act('replay', which?.['letter']);
  expect(await replay()).toMatchObject({ message: expect.stringContaining('taken: ticket') });
  await expect(replay()).rejects.toThrow('was replayed before');
  expect(await send({ port: house.port, path: at('github'), headers, body: text })).toMatchObject({
    status: 409,
  });
  // It was our secret that was missing: with it, what was refused is good.
  const [refused] = (await lettersOf('github')).filter(({ reason }) => reason === 'signature_mismatch');
  expect(await replay(refused)).toMatchObject({ message: expect.stringContaining('taken: ticket') });
  const tickets = await ticketsOf('github_issue');
  expect(tickets.map(({ title }) => title).toSorted()).toEqual([
    '#12 Late',
    '#2 It is down',
    '#5 It is down',
  ]);
});
