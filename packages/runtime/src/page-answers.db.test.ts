import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { configKeysSchema } from './http/config/contract.ts';
import * as shape from './http/page/contract.ts';
import { lanePageSchema } from './http/ticket/contract.ts';
import { createKora } from './kora.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import type { Database } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';

const clerk = entryOf(
  'clerk',
  `
  await context.registerPeriodicTask({ name: 'clerk.sweep', cadence: { everyMs: 200 }, purpose: 'observe', scope: 'runtime',
    run: async () => 'ok' });
  await context.registerProbe({ name: 'shop', kind: 'http', target: 'http://shop', everyMs: 200,
    check: async () => ({ status: 'unreachable', latencyMs: 12, error: 'the shop is shut', details: {} }) });
`,
);
const manifest = { id: 'clerk', contributes: { probes: ['shop'], ticketKinds: [], daemons: [], events: [] } };
const patience = { timeout: 20_000 };
const pluginSecret = 'hunter2-of-the-clerk';

interface House {
  readonly client: KoraClient;
  readonly database: Database;
  readonly workspaceId: number;
  readonly token: string;
  readonly url: string;
  text(path: string): Promise<string>;
  ask<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>>;
  send<T extends z.ZodType>(path: string, schema: T, body: object): Promise<z.infer<T>>;
}

async function house(): Promise<House> {
  const { connection, database: store } = await testDatabase({ empty: true });
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const bundled = [await packages.plugin('clerk', manifest, clerk)];
  const { user, password: own, database, host = '', port = 0 } = connection;
  const place = `host=${encodeURIComponent(host)}&port=${port}`;
  const env = {
    KORA_DATABASE_URL: `postgres://${user}:${encodeURIComponent(String(own))}@/${database}?${place}`,
    KORA_PLUGIN_CLERK_KEY: pluginSecret,
    KORA_CREDIT_POOL_USD: '40',
  };
  const home = testFolder();
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  const { url } = kora.ready;
  const [row] = await store.query<{ workspaceId: number }>(
    'select workspace_id as "workspaceId" from kora.workspace',
  );
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const text = async (path: string): Promise<string> => {
    const response = await fetch(url + path, { headers });
    const said = await response.text();
    expect([path, response.status, response.ok ? '' : said]).toEqual([path, 200, '']);
    return said;
  };
  return {
    client: createKoraClient({ url, token }),
    database: store,
    workspaceId: row?.workspaceId ?? 0,
    token,
    url,
    text,
    ask: async (path, schema) => {
      const { data } = z.object({ data: z.unknown() }).parse(JSON.parse(await text(path)));
      return schema.parse(data);
    },
    send: async (path, schema, body) => {
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const answer: unknown = await response.json();
      expect([path, response.status, response.ok ? '' : answer]).toEqual([path, 200, '']);
      return schema.parse(answer);
    },
  };
}

test('the page is told what no command asks, of a house that works', { timeout: 90_000 }, async () => {
  const { client, database, workspaceId, ask, send, text, token, url } = await house();

  // Stops and resumes, before they happen.
  const preview = await ask('/api/stop/preview?level=1', shape.stopPreviewSchema);
  expect(preview).toMatchObject({ level: 1, endsProcess: false, stateAfter: 'paused', claimsReleased: [] });
  expect(preview.doors?.heldOnly).toContain('model_call');
  expect(preview.doors?.closed).toContain('claim');
  const kill = await ask('/api/stop/preview?level=5', shape.stopPreviewSchema);
  expect(kill).toMatchObject({ endsProcess: true, stateAfter: 'stopped' });
  expect(kill.daemonsStopped).toContain('clerk.sweep');
  expect(await ask('/api/resume/preview', shape.resumePreviewSchema)).toMatchObject({
    queued: 0,
    stillHeldBy: [],
    budgetLeftMicroUsd: 40_000_000,
  });
  await client.pause('look at it');
  await client.resume('go on');
  const moves = await vi.waitFor(async () => {
    const found = await ask(
      '/api/operational-state/transitions?limit=2',
      z.array(shape.stateTransitionSchema),
    );
    expect(found.map(({ from, to, cause, actor }) => [from, to, cause, actor])).toEqual([
      ['paused', 'ready', 'hold.cleared', 'operator'],
      ['ready', 'paused', 'hold.added', 'operator'],
    ]);
    return found;
  }, patience);
  const older = await ask(
    `/api/operational-state/transitions?before=${moves[1]?.seq}&since=2020-01-01T00:00:00Z`,
    z.array(shape.stateTransitionSchema),
  );
  expect(older[0]).toMatchObject({ to: 'ready', actor: 'gate' });

  // Tickets: pages of a lane, and one verb over many.
  const added = await client.tickets.addMany(
    Array.from({ length: 5 }, (_, n) => ({ kind: 'nobody', title: `errand ${n}` })),
  );
  const ids = added.map(({ ticketId }) => ticketId);
  const first = await ask('/api/sea-tickets/lane?lane=queued&limit=3', lanePageSchema);
  expect(first.total).toBe(5);
  // One that leaves the first page moves none of the second out of sight, and the order is told with the place.
  await client.tickets.reassign(ids[0] ?? 0, 'operator', 'by hand');
  await client.tickets.cancel(ids[1] ?? 0, 'not wanted');
  const second = await ask(`/api/sea-tickets/lane?lane=queued&limit=3&after=${first.next}`, lanePageSchema);
  expect([...first.tickets, ...second.tickets].map(({ ticketId }) => ticketId)).toEqual(ids);
  await client.tickets.retry(ids[1] ?? 0, 'wanted after all');
  const strange = `${url}/api/sea-tickets/lane?lane=queued&sort=cost&after=${first.next}`;
  expect((await fetch(strange, { headers: { authorization: `Bearer ${token}` } })).status).toBe(400);
  expect(second.next).toBeNull();
  for (const more of ['sort=cost', 'sort=priority', 'q=errand', `q=${ids[0]}`])
    expect((await ask(`/api/sea-tickets/lane?lane=queued&${more}`, lanePageSchema)).tickets).not.toEqual([]);
  const missing = 999_999;
  const deed = {
    ids: [...ids.slice(0, 2), missing],
    verb: 'cancel',
    reason: 'no more',
    idempotencyKey: 'k1',
  };
  const done = await send('/api/tickets/deed-many', shape.manyTicketsSchema, deed);
  expect(done.results.map(({ ok, code }) => [ok, code])).toEqual([
    [true, null],
    [true, null],
    [false, 'KORA_TICKET_UNKNOWN'],
  ]);
  expect(await send('/api/tickets/deed-many', shape.manyTicketsSchema, deed)).toEqual(done);
  for (const lane of ['in_progress', 'deferred', 'failed_or_blocked', 'recently_resolved'])
    await ask(`/api/sea-tickets/lane?lane=${lane}&sort=priority`, lanePageSchema);
  const over = await ask('/api/sea-tickets/lane?lane=recently_resolved', lanePageSchema);
  expect(new Set(over.tickets.map(({ ticketId }) => ticketId))).toEqual(new Set(ids.slice(0, 2)));

  // Tasks and probes: their last runs and looks, and a pause that holds.
  await vi.waitFor(async () => {
    const runs = await ask('/api/task-runs?limit=60', shape.taskRunsSchema);
    const sweep = runs.find(({ name }) => name === 'clerk.sweep');
    assert((sweep?.runs.filter(({ outcome }) => outcome === 'ok').length ?? 0) >= 2);
  }, patience);
  const paused = await send('/api/tasks/clerk.sweep/pause', shape.taskPausedSchema, { reason: 'too loud' });
  expect(paused).toEqual({ name: 'clerk.sweep', paused: true, changed: true });
  await vi.waitFor(async () => {
    const runs = await ask('/api/task-runs?limit=3', shape.taskRunsSchema);
    const sweep = runs.find(({ name }) => name === 'clerk.sweep');
    expect(sweep).toMatchObject({ paused: true, pause: { reason: 'too loud' } });
    expect(sweep?.runs.map(({ outcome }) => outcome)).toEqual(['blocked', 'blocked', 'blocked']);
  }, patience);
  // Asked for, it runs.
  expect(await client.runTask('clerk.sweep', 'now')).toMatchObject({ outcome: 'ok' });
  expect(
    await send('/api/tasks/clerk.sweep/resume', shape.taskPausedSchema, { reason: 'quiet' }),
  ).toMatchObject({ paused: false, changed: true });
  await vi.waitFor(async () => {
    const [strip] = await ask('/api/probe-strips?looks=50', shape.probeStripsSchema);
    expect(strip).toMatchObject({ probe: 'shop', p50Ms: expect.any(Number) });
    assert((strip?.looks.length ?? 0) >= 2);
  }, patience);

  // How full the lanes were in the last day: what the kept snapshots counted, and nothing where none was taken.
  await database.query(
    `insert into kora.snapshot (workspace_id, runtime_id, schema_version, computed_at, body)
     select $1, gen_random_uuid(), 5, clock_timestamp() - make_interval(mins => mins), body::jsonb from (values
       (300, '{"tickets": {"in_progress": 1, "queued": 7, "deferred": 0, "failed_or_blocked": 2}}'),
       (420, '{"tickets": "unknown"}')) as kept(mins, body)`,
    [workspaceId],
  );
  const history = await ask('/api/lane-history', shape.laneHistorySchema);
  expect(history).toHaveLength(49);
  expect(history.map(({ queued }) => queued).filter((queued) => queued === 7)).toHaveLength(1);
  expect(history.find(({ queued }) => queued === 7)).toMatchObject({ in_progress: 1, failed_or_blocked: 2 });
  expect(history.slice(0, 30)).toEqual(
    history.slice(0, 30).map((part) => ({ ...part, queued: null, ended: null })),
  );
  expect(history.reduce((sum, { ended }) => sum + (ended ?? 0), 0)).toBeGreaterThanOrEqual(2);

  // A wake, from what raised it to who was told of it.
  await vi.waitFor(async () => {
    const [wake] = await ask('/api/wakes?probe=shop', z.array(shape.wakeSchema));
    expect(wake).toMatchObject({
      probe: 'shop',
      severity: 'critical',
      debounced: null,
      told: { channel: 'inbox', status: 'delivered', why: null },
    });
    expect(await ask(`/api/wakes/${wake?.wakeId}`, shape.wakeSchema)).toEqual(wake);
  }, patience);
  expect(await ask('/api/wakes?probe=other', z.array(shape.wakeSchema))).toEqual([]);
  const messages = await ask('/api/message-log?channel=inbox&limit=1', shape.messageLogSchema);
  expect(messages.rows).toMatchObject([{ direction: 'out', channel: 'inbox', status: 'delivered' }]);
  for (const more of ['direction=in', 'status=refused', 'status=pending', `before=${messages.next ?? 'x'}`])
    await ask(`/api/message-log?${more}`, shape.messageLogSchema);

  // The journal by days: its sums are those of the journal.
  await database.query(
    `insert into kora.spend_entry (workspace_id, period, kind, call_id, caller, route, model, spent_change, estimated, at)
     select $1, date_trunc('month', at)::date, 'settle', 'c' || n, 'plugin:x', case when n % 2 = 0 then 'ticket' end, 'big',
       n * 1000, n = 3, at from (select n, clock_timestamp() - make_interval(days => n % 3) as at
         from generate_series(1, 6) n) calls`,
    [workspaceId],
  );
  const days = await ask('/api/spend/days?days=30', z.array(shape.spendDaySchema));
  const sum = (amounts: readonly number[]): number => amounts.reduce((all, each) => all + each, 0);
  expect(sum(days.map(({ costMicroUsd }) => costMicroUsd))).toBe(21_000);
  expect(sum(days.map(({ calls }) => calls))).toBe(6);
  expect(sum(days.map(({ unpriced }) => unpriced))).toBe(1);
  for (const { slices, costMicroUsd } of days) {
    for (const by of ['route', 'model', 'source'])
      expect(sum(slices.filter((slice) => slice.by === by).map((slice) => slice.costMicroUsd))).toBe(
        costMicroUsd,
      );
  }
  expect(days.map(({ day }) => day)).toEqual(days.map(({ day }) => day).toSorted());

  // The chain, hashed again by whoever asks.
  const events = await ask('/api/chain-bytes?from=1&to=500', shape.chainBytesSchema);
  expect(events[0]?.seq).toBe(1);
  let previous = Buffer.alloc(32);
  for (const { bytes, hash, prevHash, body } of events) {
    const raw = Buffer.from(bytes, 'base64');
    expect(Buffer.from(prevHash, 'base64')).toEqual(previous);
    expect(raw.subarray(1, 33)).toEqual(previous);
    previous = createHash('sha256').update(raw).digest();
    expect(previous.toString('base64')).toBe(hash);
    const hashed = createHash('sha256')
      .update(body ?? '')
      .digest();
    expect(raw.subarray(33, 65)).toEqual(hashed);
  }
  await ask('/api/chain/verify', z.unknown());
  const standing = await ask('/api/chain/standing', shape.chainStandingSchema);
  expect(standing).toMatchObject({ brokenAt: null, lastFullPassAt: expect.any(String) });
  expect(standing.head?.seq).toBeGreaterThanOrEqual(events.length);

  // Logs, messages, configuration and diagnostics; none of them says a secret.
  const log = await ask('/api/logs?limit=5', shape.logPageSchema);
  expect(log.lines).toHaveLength(5);
  expect((await ask(`/api/logs?before=${log.next}`, shape.logPageSchema)).lines).not.toEqual([]);
  const config = await ask('/api/config', configKeysSchema);
  const keyed = new Map(config.keys.map((row) => [row.key, row]));
  expect(keyed.get('spend.poolUsd')).toMatchObject({ value: 40, origin: 'environment', hidden: false });
  expect(keyed.get('store.url')).toMatchObject({
    value: null,
    hidden: true,
    set: true,
    origin: 'environment',
  });
  expect(keyed.get('http.port')).toMatchObject({ value: 0, origin: 'flag', usual: 9_119 });
  expect(keyed.get('log.level')).toMatchObject({ value: 'info', origin: 'default' });
  const told = await ask('/api/diagnostics', shape.diagnosticsSchema);
  expect(told).toMatchObject({
    store: { kind: expect.any(String), version: expect.any(String), latencyMs: expect.any(Number) },
    clockSkewMs: expect.any(Number),
    streams: 0,
    eventLagMs: null,
  });
  expect(told.plugins).toMatchObject([{ id: 'clerk' }]);
  for (const path of ['/api/diagnostics', '/api/config', '/api/logs?limit=1000'])
    for (const secret of [token, pluginSecret]) expect(await text(path)).not.toContain(secret);

  // The log as it is written.
  const tail = await fetch(`${url}/api/logs/stream`, { headers: { authorization: `Bearer ${token}` } });
  const reader = tail.body?.getReader();
  assert(reader !== undefined);
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: heartbeat');
  await reader.cancel();

  // A body that somebody changed far behind the head: the list still comes, and a whole pass makes it the operator's.
  await database.transaction(async (tx) => {
    await tx.query('set local session_replication_role = replica');
    await tx.query(`update kora.event_body set body = '{' where workspace_id = $1 and seq = 2`, [
      workspaceId,
    ]);
  });
  const early = z.array(z.object({ seq: z.number(), damaged: z.boolean().optional() }));
  const listed = await ask('/api/chain-events?after=0&limit=3', early);
  expect(listed).toEqual([{ seq: 1 }, { seq: 2, damaged: true }, { seq: 3 }]);
  expect((await ask('/api/attention', shape.attentionSchema)).items).not.toContainEqual(
    expect.objectContaining({ what: 'chain' }),
  );
  await ask('/api/chain/verify', z.unknown());
  expect(await ask('/api/chain/standing', shape.chainStandingSchema)).toMatchObject({ brokenAt: 2 });
  expect((await ask('/api/attention', shape.attentionSchema)).items[0]).toMatchObject({
    what: 'chain',
    id: 2,
    severity: 'critical',
  });
});
