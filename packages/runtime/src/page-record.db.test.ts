import assert from 'node:assert/strict';
import { expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { createKoraClient } from './http/client.ts';
import { logPageSchema, messageLogSchema } from './http/page/contract.ts';
import { messageStorySchema } from './http/page/message-contract.ts';
import { createKora } from './kora.ts';
import type { InboundDoor } from './message/index.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import { testDatabase } from './store/testing/database.ts';

/** What the plugin below does by the test's word. */
const pager: { door: InboundDoor | undefined; says: readonly string[]; secret: string } = {
  door: undefined,
  says: [],
  secret: '',
};
Object.assign(globalThis, { pagerOfTheTest: pager });

const plugin = entryOf(
  'pager',
  `
  const it = globalThis.pagerOfTheTest;
  it.secret = await context.secret('KEY');
  await context.registerChannel({
    name: 'chat',
    send: async () => { throw new Error('the pager is off, and its key is ' + it.secret); },
    listen: async (door, signal) => {
      it.door = door;
      await new Promise((over) => signal.addEventListener('abort', over));
    },
  });
  await context.registerPeriodicTask({ name: 'pager.says', cadence: { everyMs: 200 }, purpose: 'observe', scope: 'runtime',
    run: async () => { for (const word of it.says) context.log.info('it says ' + word); return 'ok'; } });
  await context.registerProbe({ name: 'door', kind: 'test', target: 'the door', everyMs: 100, severity: 'critical',
    check: async () => ({ status: 'unhealthy', details: {}, error: 'it stands open' }) });
`,
);
const manifest = {
  id: 'pager',
  contributes: { probes: ['door'], channels: ['chat'], events: [] },
  secrets: ['KEY'],
};
const pingUrl = 'http://127.0.0.1:9/ping/5f1c-of-the-test';
const config = {
  messages: { channels: ['chat', 'inbox'] },
  alerts: { settleSeconds: 0, deadMan: { url: pingUrl } },
};
const soon = { timeout: 30_000, interval: 50 };

test('a message and an incident are told whole, and no secret with them', { timeout: 120_000 }, async () => {
  const { connection } = await testDatabase({ empty: true });
  const { user, password: own, database, host = '', port = 0 } = connection;
  const password = String(own);
  const place = `host=${encodeURIComponent(host)}&port=${port}`;
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const folder = await packages.plugin('pager', manifest, plugin);
  const home = await packages.write('home', { 'kora.json': JSON.stringify(config) });
  const env = {
    KORA_DATABASE_URL: `postgres://${user}:${encodeURIComponent(password)}@/${database}?${place}`,
    KORA_PLUGIN_PAGER_KEY: 'hunter2-of-the-pager',
  };
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled: [folder] });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  const { url } = kora.ready;
  const api = createKoraClient({ url, token });
  const text = async (path: string): Promise<string> => {
    const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
    const said = await answer.text();
    expect([path, answer.status, answer.ok ? '' : said]).toEqual([path, 200, '']);
    return said;
  };
  const ask = async <T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T>> => {
    const { data } = z.object({ data: z.unknown() }).parse(JSON.parse(await text(path)));
    return schema.parse(data);
  };

  // It was refused, handed on, and told: each try is there, newest last, and what it is about.
  const story = await vi.waitFor(async () => {
    const { rows } = await ask('/api/message-log?direction=out&channel=inbox', messageLogSchema);
    const row = rows.find(({ title }) => title.includes('door'));
    assert(row !== undefined);
    const found = await ask(`/api/message-log/out-${row.messageId}`, messageStorySchema);
    expect(found.steps?.at(-1)?.outcome).toBe('delivered');
    return found;
  }, soon);
  expect(story.message).toMatchObject({ direction: 'out', status: 'delivered', channel: 'inbox' });
  expect(story.told).toMatchObject({ severity: 'critical', fallback: [], nextTryAt: null });
  const failed = story.steps?.filter(({ outcome }) => outcome === 'failed') ?? [];
  expect(failed.length).toBeGreaterThan(0);
  expect(failed[0]).toMatchObject({
    channel: 'chat',
    attempt: 1,
    error: expect.stringContaining('pager is off'),
  });
  expect(story.steps?.find(({ outcome }) => outcome === 'moved')).toMatchObject({
    channel: 'chat',
    to: 'inbox',
  });
  const [incident] = await api.incidents();
  assert(incident !== undefined);
  expect(story.about).toContainEqual({
    kind: 'incident',
    id: String(incident.incidentId),
    title: incident.title,
  });
  expect(story.about).toContainEqual({ kind: 'wake', id: incident.wakeId, title: null });

  // What came in, what became of it, and what answered it; both name each other.
  const { door } = pager;
  assert(door !== undefined);
  const accepted = await door.accept({
    providerId: 'm1',
    conversation: 'C1',
    sender: { id: 'U1', name: 'Ada' },
    text: 'is the door shut?',
    authenticatedBy: 'a_test',
    trusted: true,
  });
  expect(accepted).toBe('accepted');
  await door.refuse({ providerId: 'm2', sender: 'U2', reason: 'not_operator' });
  const came = await vi.waitFor(async () => {
    const { rows } = await ask('/api/message-log?direction=in', messageLogSchema);
    const row = rows.find(({ inboundId }) => inboundId !== null);
    const found = await ask(`/api/message-log/in-${row?.inboundId}`, messageStorySchema);
    expect(found.answeredBy).not.toEqual([]);
    expect(found.steps?.map(({ type }) => type)).toContain('kora.message.handled');
    return found;
  }, soon);
  expect(came).toMatchObject({
    message: { text: 'is the door shut?', who: 'Ada (U1)' },
    came: { conversation: 'C1', authenticatedBy: 'a_test' },
  });
  const answer = await ask(`/api/message-log/${came.answeredBy[0]?.id}`, messageStorySchema);
  expect(answer.answers).toMatchObject({ id: came.id, channel: 'chat' });
  const refused = await vi.waitFor(async () => {
    const { rows } = await ask('/api/message-log?status=refused', messageLogSchema);
    assert(rows[0] !== undefined);
    return ask(`/api/message-log/refused-${rows[0].seq}`, messageStorySchema);
  }, soon);
  expect(refused.message).toMatchObject({ status: 'refused', reason: 'not_operator' });
  const missing = await fetch(`${url}/api/message-log/out-999`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(missing.status).toBe(404);

  // The incident from its first look to what people said of it, newest first, each with its source.
  await api.acknowledgeIncident(incident.incidentId, 'I am on my way');
  await api.noteIncident(incident.incidentId, 'asked the porter');
  const entries = await vi.waitFor(async () => {
    const found = await api.incidentStory(incident.incidentId);
    expect(found.find(({ kind }) => kind === 'note')?.source?.kind).toBe('event');
    return found;
  }, soon);
  const kinds = new Set(entries.map(({ kind }) => kind));
  for (const kind of ['look', 'opened', 'wake', 'message', 'acknowledged', 'note'] as const)
    expect([...kinds]).toContain(kind);
  const times = entries.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  expect(
    entries.find(({ kind, text: said }) => kind === 'message' && said.includes('inbox'))?.source,
  ).toEqual({
    kind: 'message',
    id: story.id,
  });
  const note = entries.find(({ kind }) => kind === 'note');
  const event = await api.event(Number(note?.source?.id));
  expect([note?.text, event.payload['note']]).toEqual(['asked the porter', 'asked the porter']);
  expect(await api.incident(incident.incidentId)).toMatchObject({
    acknowledgedBy: 'operator',
    acknowledgeReason: 'I am on my way',
  });

  // Whoever writes a secret into the log: its kind is what stands there, and nowhere is more.
  expect(pager.secret).toBe('hunter2-of-the-pager');
  const planted = {
    'api-token': token,
    'plugin-secret': pager.secret,
    'dead-man-url': pingUrl,
    ...(password.length < 8 ? {} : { 'database-password': password }),
  };
  pager.says = Object.values(planted);
  await vi.waitFor(async () => {
    const { lines } = await ask('/api/logs?limit=1000&q=it%20says', logPageSchema);
    const said = lines.map(({ message }) => message);
    for (const kind of Object.keys(planted)) expect(said).toContain(`it says [redacted:${kind}]`);
  }, soon);
  for (const path of [
    '/api/logs?limit=1000',
    '/api/diagnostics',
    '/api/message-log?limit=200',
    `/api/message-log/${story.id}`,
    `/api/incidents/${incident.incidentId}/story`,
    '/api/chain-events?limit=1000',
  ]) {
    const told = await text(path);
    for (const [kind, secret] of Object.entries(planted))
      expect([path, kind, told.includes(secret)]).toEqual([path, kind, false]);
  }
});
