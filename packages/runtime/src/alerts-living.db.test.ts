import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { Chain, classified, Vocabulary } from './chain/index.ts';
import type { EventType } from './chain/index.ts';
import { systemClock } from './clock/index.ts';
import type { Clock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { messageEvents } from './message/index.ts';
import type { Kora } from './options.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { reasonEvents } from './reason/index.ts';
import { Scope } from './scope/index.ts';
import { placeHold, stateEvents } from './state/index.ts';
import type { Database } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';
import { ensureWorkspace } from './workspace/index.ts';

const lookEveryMs = 15_000;

/** Once the house is up, what waits for the next look at alerts waits a moment; everything else waits as ever. */
function hurried(): Clock & { isUp: boolean } {
  const real = systemClock();
  const clock = {
    ...real,
    isUp: false,
    sleep: (ms: number, signal?: AbortSignal) =>
      real.sleep(clock.isUp && ms === lookEveryMs ? 20 : ms, signal),
  };
  return clock;
}

/** Breaks in every way that a plugin can, and once a day misses its canary. */
const trouble = entryOf(
  'trouble',
  `
  await context.registerBackgroundDaemon({ name: 'lame',
    startup: () => Promise.reject(new Error('it cannot get up')), shutdown: async () => {} });
  await context.registerChannel({ name: 'deaf', send: () => Promise.reject(new Error('nobody there')) });
  await context.registerChannel({ name: 'email', send: async ({ title }) => ({ receipt: 'mailed: ' + title }) });
  await context.notify.send({ key: 'k', thread: 't', severity: 'info', title: 'Hello', body: '', source: 'test',
    channel: 'deaf' });
  await context.registerProbe({ name: 'door', kind: 'test', target: 'the door', everyMs: 100, severity: 'critical',
    check: async () => ({ status: 'unhealthy', details: {}, error: 'it stands open' }) });
`,
);
const manifest = {
  id: 'trouble',
  contributes: { probes: ['door'], daemons: ['lame'], channels: ['deaf', 'email'], events: [] },
};

interface Living {
  readonly kora: Kora;
  readonly api: KoraClient;
  readonly database: Database;
  readonly home: string;
  again(): Promise<{ readonly kora: Kora; readonly api: KoraClient }>;
}

async function living(config: object, plugins: readonly string[] = []): Promise<Living> {
  const { database, connection } = await testDatabase({ empty: true });
  const { host, user, password } = inject('postgres');
  const login = `${user}:${encodeURIComponent(password)}`;
  const env = {
    KORA_DATABASE_URL: `postgres://${login}@/${connection.database}?host=${encodeURIComponent(host)}`,
  };
  const home = testFolder();
  await writeFile(join(home, 'kora.json'), JSON.stringify(config));
  const up = async () => {
    const clock = hurried();
    const kora = await createKora({ home, cwd: home, env, port: 0, bundled: plugins, clock });
    clock.isUp = true;
    onTestFinished(() => kora.stop('the test ends'));
    const { token } = await openHome(home, systemClock());
    return { kora, api: createKoraClient({ url: kora.ready.url, token }) };
  };
  return { ...(await up()), database, home, again: up };
}

/** As the plugin that lets the canary fly declares it. */
const canaryMissed: EventType = {
  type: 'probe.canary_missed',
  version: 1,
  payload: classified({ public: { canary_id: z.string().nullable(), stage: z.string() } }),
  means: 'The canary did not come through.',
};

/** Writes on the chain what parts of the house would, that are not there yet or would take a day. */
async function pen(database: Database): Promise<Chain> {
  const clock = systemClock();
  const scope = new Scope('pen');
  onTestFinished(() => scope.dispose());
  const { workspaceId } = await database.transaction((tx) => ensureWorkspace(tx, 'default'));
  const owner = { workspaceId, runtimeId: clock.uuid(), sessionId: clock.uuid(), actorId: 'kora' };
  const chain = new Chain({
    database,
    owner,
    vocabulary: new Vocabulary(),
    clock,
    scope,
    onError: () => undefined,
  });
  await chain.declare('kora', [...messageEvents, ...reasonEvents, canaryMissed, ...stateEvents]);
  await chain.start();
  return chain;
}

const soon = { timeout: 20_000, interval: 50 };
const many = (count: number, type: string, payload: (n: number) => Readonly<Record<string, unknown>>) =>
  Array.from({ length: count }, (_, n) => ({ type, payload: payload(n) }));

test('rows, events and states of a real house become alerts, each told where it belongs (daemon defect W40)', async () => {
  await using packages = await PackagesOnDisk.create();
  const broken = await packages.plugin(
    'broken',
    { id: 'broken' },
    entryOf('broken', `throw new Error('no');`),
  );
  const folder = await packages.plugin('trouble', manifest, trouble);
  const { api, database } = await living({}, [folder, broken]);
  const chain = await pen(database);
  const forged = { source: 's', reason: 'forged', body_bytes: 1, peer: 'p' };
  const refused = { channel: 'chat', attempts: 1, error: '429' };
  const broke = { tool: 't', session: 's', route: 'cli', status: 'execution_error', duration_ms: 1 };
  await chain.append([
    ...many(6, 'webhook.dead_letter', () => forged),
    ...many(4, 'notification.delivery_failed', (n) => ({ ...refused, message_id: 900 + n })),
    ...many(6, 'reasoning.tool_called', () => broke),
  ]);
  await database.query(
    `insert into kora.refusal (workspace_id, runtime_id, minute, door, cause, caller, count, first_at, last_at)
     values (1, gen_random_uuid(), date_trunc('minute', clock_timestamp()), 'tool_call', 'capability_denied', 'trouble', 11,
       clock_timestamp(), clock_timestamp())`,
  );
  await chain.append([{ type: canaryMissed.type, payload: { canary_id: null, stage: 'told' } }]);
  await database.query(
    `insert into kora.spend_balance (workspace_id, period, spent)
     select workspace_id, kora.spend_period(), pool * 8 / 10 from kora.spend_pool
     on conflict (workspace_id, period) do update set spent = excluded.spent`,
  );
  const { workspaceId } = chain.owner;
  const damage = { cause: 'chain', owner: 'finding:1', reason: 'event #4 is altered' } as const;
  await database.transaction((tx) => placeHold(tx, { workspaceId, stage: chain.stage.bind(chain) }, damage));
  await api.pause('a deploy');
  await api.stop(1, 'look at it first');
  const seen = async (): Promise<string[]> => (await api.alerts()).alerts.map(({ source }) => source);
  await expect
    .poll(seen, soon)
    .toEqual(
      expect.arrayContaining([
        'paused',
        'stopped',
        'chain',
        'canary',
        'cost_ladder',
        'dead_letters',
        'failed_replies',
        'reasoning_errors',
        'capability_denials',
        'daemon',
        'plugin',
        'channel',
        'unhealthy_service',
      ]),
    );
  const { alerts } = await api.alerts();
  const of = (source: string) => alerts.find((each) => each.source === source);
  expect(of('unhealthy_service')?.thread).toBe(`incident:${of('unhealthy_service')?.incidentId}`);
  expect(of('capability_denials')).toMatchObject({ severity: 'info', owed: 'digest' });
  // Its hour came while nobody looked: the next look mails it, paused and stopped as everything is.
  await database.query(`update kora.alert_desk set digest_at = digest_at - interval '1 day'`);
  const mailed = async () =>
    (await api.messages({ limit: 100 })).filter(({ channel }) => channel === 'email');
  await expect
    .poll(mailed, soon)
    .toMatchObject([
      { thread: 'alerts:digest', status: 'delivered', title: 'ℹ️ Digest · 1 alert', severity: 'info' },
    ]);
  const messages = await api.messages({ limit: 100 });
  const threads = (source: string) =>
    messages.filter(({ thread }) => thread === of(source)?.thread).map((each) => each.source);
  // One fault, one story: what tells of itself is told by nobody else.
  expect(threads('unhealthy_service')).not.toContain('alert');
  expect(threads('daemon')).toEqual(['daemon_supervisor']);
  // What the operator did is known.
  expect(threads('paused')).toEqual([]);
  const wakes = async () =>
    (await api.events({ type: 'alert.wake_requested', limit: 100 })).map(({ payload }) => payload);
  await expect
    .poll(async () => (await wakes()).map((payload) => (payload as { category: string }).category), soon)
    .toEqual(expect.arrayContaining(['daemon', 'dead_letter', 'channel', 'reasoning', 'reply', 'plugin']));
  expect(JSON.stringify(await wakes())).not.toContain('operational_state');
});

test('what was told is not told again by the next start, and acknowledging an alert of an incident acknowledges that', async () => {
  await using packages = await PackagesOnDisk.create();
  const folder = await packages.plugin('trouble', manifest, trouble);
  const house = await living({ alerts: { settleSeconds: 0 } }, [folder]);
  const alertOf = async (api: KoraClient, source: string) =>
    (await api.alerts({ status: 'active' })).alerts.find((each) => each.source === source);
  await house.api.pause('a deploy');
  await expect.poll(() => alertOf(house.api, 'unhealthy_service'), soon).toBeDefined();
  await expect
    .poll(() => alertOf(house.api, 'paused'), soon)
    .toMatchObject({
      owed: null,
      acknowledgedBy: 'operator',
    });
  const before = await alertOf(house.api, 'paused');
  await house.kora.stop('again');

  const { api } = await house.again();
  await expect.poll(async () => (await api.status()).primaryState, soon).toBe('paused');
  const down = await alertOf(api, 'unhealthy_service');
  await api.acknowledgeAlert(down?.alertId ?? 0, 'I see it');
  expect(await api.incident(down?.incidentId ?? 0)).toMatchObject({ acknowledgedAt: expect.any(String) });
  expect(await alertOf(api, 'paused')).toMatchObject({ firstSeenAt: before?.firstSeenAt, returns: 1 });
  await api.resume('deployed');
  await expect.poll(() => alertOf(api, 'paused'), soon).toBeUndefined();
  const told = (await api.messages({ limit: 100 })).filter(({ thread }) => thread === before?.thread);
  // What the operator did themselves is known.
  expect(told).toEqual([]);
  const asked = (await api.decisions({ all: true })).filter(({ kind }) => kind === 'alert');
  expect(asked).toEqual([]);
});

test('the sign of life is given while work can be claimed, withheld while paused, and the doctor knows', async () => {
  const heard: string[] = [];
  let status = 200;
  const server = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.writeHead(status).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/s3cret-path`;
  const { api, kora } = await living({ alerts: { deadMan: { url, everySeconds: 11 } } });
  const run = (): Promise<unknown> => api.runTask('kora.dead_man', 'now');
  await expect.poll(async () => (await api.tasks()).map(({ name }) => name), soon).toContain('kora.dead_man');
  await expect
    .poll(async () => {
      await run().catch(() => undefined);
      return heard.length;
    }, soon)
    .toBeGreaterThan(0);
  const ping = async () => (await api.alerts()).ping;
  await expect
    .poll(ping, soon)
    .toMatchObject({ failures: 0, withheld: null, answeredAt: expect.any(String) });
  const complaints = async () => (await api.findings()).filter(({ id }) => id === 'alerts.dead_man');
  expect(await complaints()).toEqual([]);

  status = 503;
  await run();
  await expect
    .poll(complaints, soon)
    .toMatchObject([{ severity: 'error', message: expect.stringContaining('status 503') }]);
  status = 200;
  await api.pause('a deploy');
  const before = heard.length;
  await run();
  await expect.poll(ping, soon).toMatchObject({ withheld: expect.stringContaining('may not work') });
  expect(heard).toHaveLength(before);
  expect(JSON.stringify([await ping(), await complaints(), await api.events({ limit: 500 })])).not.toContain(
    's3cret-path',
  );
  await kora.stop('once');
});
