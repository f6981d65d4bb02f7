import assert from 'node:assert/strict';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from './clock/index.ts';
import { openHome } from './home/index.ts';
import { testFolder } from './home/testing/folder.ts';
import { createKoraClient } from './http/client.ts';
import type { KoraClient } from './http/client.ts';
import { createKora } from './kora.ts';
import { entryOf, PackagesOnDisk } from './plugin/testing/packages-on-disk.ts';
import type { Database } from './store/index.ts';
import { testDatabase } from './store/testing/database.ts';

/** Does one thing to the world, says so, and ends as the payload wants. */
const clerk = entryOf(
  'clerk',
  `
  await context.registerTicketHandler({ kind: 'errand', work: async (ticket) => {
    await ticket.operation({ id: 'post', tool: 'letter', sideEffects: 'idempotent' }, async () => ({ sent: true }));
    await ticket.note('the letter is on its way');
    return { summary: 'done', resolution: 'completed', modelTier: 'small', ...ticket.payload };
  } });
`,
);
const manifest = {
  id: 'clerk',
  contributes: { probes: [], ticketKinds: ['errand'], daemons: [], events: [] },
};

interface House {
  readonly client: KoraClient;
  readonly database: Database;
  ask(path: string): Promise<unknown>;
}

async function house(): Promise<House> {
  const { connection, database: store } = await testDatabase({ empty: true });
  const packages = await PackagesOnDisk.create();
  onTestFinished(() => packages[Symbol.asyncDispose]());
  const bundled = [await packages.plugin('clerk', manifest, clerk)];
  const { user, password, database, host = '', port = 0 } = connection;
  const place = `host=${encodeURIComponent(host)}&port=${port}`;
  const env = {
    KORA_DATABASE_URL: `postgres://${user}:${encodeURIComponent(String(password))}@/${database}?${place}`,
  };
  const home = testFolder();
  const kora = await createKora({ home, cwd: home, env, port: 0, bundled });
  onTestFinished(() => kora.stop('the test ends'));
  const { token } = await openHome(home, systemClock());
  const { url } = kora.ready;
  return {
    client: createKoraClient({ url, token }),
    database: store,
    ask: async (path) => {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
      expect([path, response.status]).toEqual([path, 200]);
      return response.json();
    },
  };
}

/** Every key of an answer, however deep. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(keysOf);
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

test('a ticket over the API: many at once, one timeline, the operator’s word, and no secret or stub in any answer', async () => {
  const { client, database, ask } = await house();
  const settled = (ticketId: number, status: string): Promise<void> =>
    vi.waitFor(async () => expect((await client.tickets.show(ticketId)).status).toBe(status), {
      timeout: 20_000,
      interval: 50,
    });

  // All or none, and the first wrong one is named.
  const wrong = [
    { title: 'good', idempotencyKey: 'g' },
    { title: 'waits', blockedBy: [999_999] },
  ];
  await expect(client.tickets.addMany(wrong)).rejects.toMatchObject({
    code: 'KORA_TICKET_INVALID',
    message: expect.stringContaining('ticket 2'),
    details: { added: 0 },
  });
  expect(await client.tickets.list()).toEqual([]);

  const first = await client.tickets.add({ kind: 'errand', title: 'first', idempotencyKey: 'k0' });
  const wishes = [
    { kind: 'errand', title: 'again', idempotencyKey: 'k0' },
    { kind: 'nobody', title: 'waits for the first', blockedBy: [first.ticketId], idempotencyKey: 'k1' },
    { kind: 'nobody', title: 'twice', idempotencyKey: 'k2' },
    { kind: 'nobody', title: 'twice', idempotencyKey: 'k2' },
  ];
  const added = await client.tickets.addMany(wishes);
  expect(added.map(({ created }) => created)).toEqual([false, true, true, false]);
  expect(added[0]?.ticketId).toBe(first.ticketId);
  expect(added[2]?.ticketId).toBe(added[3]?.ticketId);
  expect((await client.tickets.addMany(wishes)).map(({ ticketId }) => ticketId)).toEqual(
    added.map(({ ticketId }) => ticketId),
  );
  await settled(first.ticketId, 'completed');
  const [, waiting, twice] = added;
  assert.ok(waiting && twice);
  expect((await client.tickets.show(twice.ticketId)).notRunnableReason).toBe(
    'no plugin handles tickets of kind nobody, and no reasoning engine is configured',
  );

  const blocked = await client.tickets.add({
    kind: 'errand',
    title: 'asks',
    payload: { resolution: 'blocked_needs_operator', summary: 'who is it for?' },
  });
  await settled(blocked.ticketId, 'blocked_needs_operator');

  // What the operator says is said once for its key.
  await client.tickets.note(blocked.ticketId, 'I asked the owner');
  const once = { idempotencyKey: 'o' };
  const cancelled = await client.tickets.cancel(blocked.ticketId, 'not any more', once);
  expect(cancelled).toMatchObject({ status: 'cancelled', bucket: 'recently_resolved' });
  expect(await client.tickets.cancel(blocked.ticketId, 'not any more', once)).toEqual(cancelled);
  await expect(client.tickets.retry(blocked.ticketId, 'not any more', once)).rejects.toMatchObject({
    code: 'KORA_REQUEST_INVALID',
  });
  await expect(client.tickets.unblock(blocked.ticketId, 'go on')).rejects.toMatchObject({
    code: 'KORA_TICKET_UNKNOWN',
  });
  await expect(client.tickets.note(999_999, 'x')).rejects.toMatchObject({ code: 'KORA_TICKET_UNKNOWN' });
  expect((await client.tickets.reassign(twice.ticketId, 'operator', 'by hand')).assignedTo).toBe('operator');

  // One timeline, in the order of time.
  const detail = await vi.waitFor(async () => {
    const now = await client.tickets.show(blocked.ticketId);
    expect(now.timeline.map(({ what }) => what)).toContain('operator');
    expect(now.timeline.filter(({ what }) => what === 'claimed')).toHaveLength(1);
    return now;
  });
  expect(detail.timeline.map(({ what, words }) => `${what} ${words}`)).toEqual([
    'added added by operator',
    'claimed claimed, attempt 1',
    'operation letter post: allocated',
    'operation letter post: sent',
    'operation letter post: committed',
    'note the letter is on its way',
    'attempt blocked_needs_operator (small): who is it for?',
    'note operator: I asked the owner',
    'operator cancel by operator: not any more',
  ]);
  const [attempt] = detail.timeline.filter(({ what }) => what === 'attempt');
  expect((await client.event(attempt?.seq ?? 0)).type).toBe('kora.sea_ticket.resolved');
  expect(detail.operations).toMatchObject([{ operationId: 'post', status: 'committed', dispatches: 1 }]);
  expect(await client.tickets.show(waiting.ticketId)).toMatchObject({
    blockedBy: [{ ticketId: first.ticketId, title: 'first', status: 'completed' }],
  });
  expect((await client.tickets.show(first.ticketId)).blocks).toMatchObject([{ ticketId: waiting.ticketId }]);

  const board = await client.buckets();
  const { open, failed_last_7_days: failed, ...lanes } = board.counts;
  expect(Object.values(lanes).reduce((sum, each) => sum + each, 0)).toBe(open + failed);
  expect(
    board.recently_resolved.map(({ id, resolution, model_tier_used: tier }) => [id, resolution, tier]),
  ).toEqual([
    [blocked.ticketId, 'cancelled', 'small'],
    [first.ticketId, 'completed', 'small'],
  ]);

  // Nothing that a claim is proven by is in any answer about tickets, and no answer at all is a stub.
  type Read = { parameters?: { required?: boolean }[] };
  const { paths } = (await ask('/api/openapi.json')) as { paths: Record<string, { get?: Read }> };
  const reads = Object.keys(paths).filter((path) => {
    const read = paths[path]?.get;
    const isAskedAlone = read !== undefined && !(read.parameters ?? []).some(({ required }) => required);
    return isAskedAlone && path.startsWith('/api/') && !/[{]|stream|live|export|openapi/.test(path);
  });
  expect(reads.length).toBeGreaterThan(20);
  for (const path of reads) {
    const answer = await ask(path);
    expect([path, keysOf(answer).filter((key) => /^stub|claim_?token|secret/i.test(key))]).toEqual([
      path,
      [],
    ]);
  }
  const sessions = await database.query<{ id: string }>('select session_id::text as id from kora.session');
  expect(sessions.length).toBeGreaterThan(0);
  for (const path of ['/api/tickets', `/api/tickets/${blocked.ticketId}`, '/api/sea-tickets/kora-assigned']) {
    const text = JSON.stringify(await ask(path));
    expect(sessions.filter(({ id }) => text.includes(id))).toEqual([]);
  }
});
