import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OutboundMessage } from './contract.ts';
import { acceptMessage, passOn, toldOf } from './index.ts';
import { takeBack } from './returned.ts';
import type { ReturnedOptions } from './returned.ts';
import { messageBench, outside } from './testing/bench.ts';

const refusal = (details: object): Error =>
  Object.assign(new Error('refused'), { code: 'KORA_CHANNEL_REFUSED', details });

test('a provider that asks for patience has it, at most a quarter of an hour of it (daemon defect W78)', async () => {
  const bench = await messageBench();
  const slack = outside(() => Promise.reject(refusal({ retryAfterMs: 10 * 86_400_000 })));
  await bench.accept({ channel: 'slack', fallback: ['inbox'] });
  await bench.accept({ channel: 'slack', title: 'next', thread: 'other' });
  bench.start([slack]);
  await bench.until(async () => expect((await bench.list())[0]?.attempts).toBe(1));
  const [waits] = await bench.database.query<{ inTime: boolean; early: boolean }>(
    `select due_at <= clock_timestamp() + interval '900 s' as "inTime", due_at < clock_timestamp() + interval '800 s' as early
     from kora.outbox where attempts = 1`,
  );
  expect(waits).toEqual({ inTime: true, early: false });
  // The pause is the channel's: nothing else goes over it, and nothing is told elsewhere for it.
  expect(slack.sent).toEqual(['hello']);
  expect(bench.shown).toEqual([]);
});

test('what is critical does not wait for a channel that asked for more than a moment', async () => {
  const bench = await messageBench();
  let pauseMs = 5_000;
  const slack = outside(() => Promise.reject(refusal({ retryAfterMs: pauseMs })));
  const accept = (title: string, severity: 'critical' | 'info') =>
    bench.accept({ title, thread: title, severity, channel: 'slack', fallback: ['inbox'] });
  await accept('a moment', 'critical');
  bench.start([slack]);
  await bench.until(async () => expect((await bench.list())[0]?.attempts).toBe(1));
  expect(bench.shown).toEqual([]);
  pauseMs = 600_000;
  await bench.passTime();
  await bench.database.query('update kora.channel set not_before = null');
  await bench.until(() => expect(bench.shown).toEqual(['a moment']));
  // Nor does what comes in the meantime.
  await accept('for information', 'info');
  await accept('meanwhile', 'critical');
  await bench.until(() => expect(bench.shown).toEqual(['a moment', 'meanwhile']));
  expect(slack.sent).toEqual(['a moment', 'a moment']);
});

test('what is handed on while it is sent is none of the trouble of the channel that it left, nor sent twice', async () => {
  const bench = await messageBench();
  const sending = Promise.withResolvers<{ receipt: string }>();
  const chat = outside(() => sending.promise, 'chat');
  const stage = (): Promise<void> => Promise.resolve();
  const pass = (key: string) =>
    bench.database.transaction((tx) => passOn(tx, { workspaceId: 1, stage }, key));
  await bench.accept({ key: 'hangs', channel: 'chat', fallback: ['mail', 'inbox'] });
  const first = bench.start([chat]);
  await bench.until(() => expect(chat.sent).toHaveLength(1));
  expect(await pass('hangs')).toBe('mail');
  sending.reject(refusal({ retryAfterMs: 900_000, permanent: true }));
  await bench.until(() => expect(bench.clock.monotonic()).toBeGreaterThan(5_000));
  const rows = await bench.database.query(
    'select channel, attempts, due_at <= clock_timestamp() as due from kora.outbox',
  );
  expect(rows).toEqual([{ channel: 'mail', attempts: 0, due: true }]);
  await first.stop();
  await bench.database.query('delete from kora.outbox');

  // Taken by one channel while the store could not be told, and handed to the next before it could.
  const [slack, mail] = [outside(() => Promise.resolve({ receipt: 'r-slack' })), outside(undefined, 'mail')];
  let isAway = true;
  await bench.accept({ key: 'sent', channel: 'slack', fallback: ['mail', 'inbox'] });
  bench.start([slack, mail], {
    ...bench.database,
    transaction: (work) =>
      bench.database.transaction(async (tx) => {
        const value = await work(tx);
        if (value === true && isAway) throw new Error('the store is away');
        return value;
      }),
  });
  await bench.until(() => expect(slack.sent).toHaveLength(1));
  await bench.until(() => expect(bench.errors.map(String)).toContain('Error: the store is away'));
  expect(await pass('sent')).toBe('mail');
  isAway = false;
  await bench.until(async () => {
    const [told] = await toldOf(bench.database, 1, { keys: ['sent'] });
    expect(told).toMatchObject({ channel: 'slack', receipt: 'r-slack' });
  });
  expect(mail.sent).toEqual([]);
});

test('of what comes back all is told again, and what one message told of is one message there', async () => {
  const bench = await messageBench();
  const many = 230;
  await bench.database.query(
    `with made as (insert into kora.message (workspace_id, key, channel, thread, severity, title, body, source)
       select 1, 'k' || n, 'mail', 't' || n % 7, 'info', 'm' || n, '', 'test' from generate_series(0, $1) n
       order by n returning message_id, title)
     insert into kora.delivery (workspace_id, message_id, receipt, attempts, channel, within)
     select 1, message_id, '<whole@mail>', 1, 'mail', case when message_id < max(message_id) over () then max(message_id) over () end
     from made`,
    [many],
  );
  const stage = (): Promise<void> => Promise.resolve();
  const options: ReturnedOptions = {
    workspaceId: 1,
    stage,
    elsewhere: () => ['slack', 'inbox'],
    tell: async (tx, message) => void (await acceptMessage(tx, { workspaceId: 1, stage }, message)),
  };
  const report = { channel: 'mail', receipt: '<whole@mail>', reason: 'no such user' };
  const back = () => bench.database.transaction((tx) => takeBack(tx, options, report));
  expect([await back(), await back()]).toEqual(['rerouted', 'rerouted']);
  const handed: OutboundMessage[] = [];
  const slack = outside((message) => {
    handed.push(message);
    return Promise.resolve({ receipt: 'r' });
  });
  bench.start([slack]);
  await bench.until(async () => {
    const rows = await bench.database.query(`select from kora.delivery where channel = 'slack'`);
    expect(rows).toHaveLength(many + 1);
  });
  expect(handed).toHaveLength(1);
  expect(handed[0]?.body).toContain('no such user');
  expect(handed[0]?.body).toContain(`and ${many - 30} more`);
});

test('what a channel refuses for good goes to the next one at once, and to the inbox when there is none', async () => {
  const bench = await messageBench();
  const never = (): Promise<never> => Promise.reject(refusal({ permanent: true }));
  const [slack, mail] = [outside(never), outside(never, 'email')];
  await bench.accept({ title: 'a', thread: 'a', channel: 'slack', fallback: ['email', 'inbox'] });
  await bench.accept({ title: 'b', thread: 'b', channel: 'slack' });
  bench.start([slack, mail]);
  await bench.until(() => expect(bench.shown.toSorted()).toEqual(['a', 'b']));
  expect([slack.sent.toSorted(), mail.sent]).toEqual([['a', 'b'], ['a']]);
});

test('once a channel is down, the first refusal is enough, and its being down is said once', async () => {
  const bench = await messageBench();
  const slack = outside(() => Promise.reject(new Error('503')));
  for (const n of [1, 2, 3, 4, 5, 6])
    await bench.accept({ title: `${n}`, thread: `t${n}`, channel: 'slack', fallback: ['inbox'] });
  bench.start([slack]);
  await bench.until(() => expect(bench.shown).toHaveLength(4));
  await bench.passTime();
  await bench.until(() => expect(bench.shown).toHaveLength(6));
  const types = await bench.staged();
  expect(types.filter((type) => type === 'notification.channel_down')).toHaveLength(1);
});

test('a channel whose every message is refused for good is down, as one is whose token is over', async () => {
  const bench = await messageBench();
  const slack = outside(() => Promise.reject(refusal({ permanent: true })));
  for (const n of [1, 2, 3, 4])
    await bench.accept({ title: `${n}`, thread: `t${n}`, channel: 'slack', fallback: ['inbox'] });
  bench.start([slack]);
  await bench.until(() => expect(bench.shown).toHaveLength(4));
  const types = await bench.staged();
  expect(types.filter((type) => type === 'notification.channel_down')).toHaveLength(1);
});

test('no transaction is open while a provider is awaited', async () => {
  const bench = await messageBench();
  let open: unknown;
  const slack = outside(async () => {
    const [row] = await bench.database.query<{ open: number }>(
      `select count(*)::int as open from pg_stat_activity
       where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`,
    );
    open = row?.open;
    return { receipt: 'r' };
  });
  await bench.accept({ channel: 'slack' });
  bench.start([slack]);
  await bench.until(() => expect(open).toBe(0));
});

test('in quiet hours information waits, a warning by choice, and what is critical or an answer never', async () => {
  const bench = await messageBench();
  const slack = outside();
  await bench.database.query(`insert into kora.inbound (workspace_id, channel, provider_id, conversation)
    values (1, 'slack', 'p', 'c')`);
  await bench.accept({ title: 'info', thread: '1', channel: 'slack' });
  await bench.accept({ title: 'warning', thread: '2', channel: 'slack', severity: 'warning' });
  await bench.accept({ title: 'critical', thread: '3', channel: 'slack', severity: 'critical' });
  await bench.accept({ title: 'answer', thread: '4', channel: 'slack', answers: 1 });
  const all = { from: '00:00', to: '23:59', zone: 'UTC', warnings: 'wait' } as const;
  const night = bench.start([slack], bench.database, { quietHours: all });
  await bench.until(() => expect(slack.sent.toSorted()).toEqual(['answer', 'critical']));
  await night.stop();
  bench.start([slack]);
  await bench.until(() => expect(slack.sent.slice(2).toSorted()).toEqual(['info', 'warning']));
});

test('what is critical waits behind nothing of its thread that may wait', async () => {
  const bench = await messageBench();
  const slack = outside();
  await bench.accept({ title: 'first', channel: 'slack' });
  const all = { from: '00:00', to: '23:59', zone: 'UTC', warnings: 'wait' } as const;
  bench.start([slack], bench.database, { quietHours: all });
  await bench.until(() => expect(bench.clock.monotonic()).toBeGreaterThan(5_000));
  expect(slack.sent).toEqual([]);
  // Refused once and again, it is not tried for a while either.
  await bench.database.query(`update kora.outbox set due_at = clock_timestamp() + interval '5 min'`);
  await bench.accept({ title: 'now', channel: 'slack', severity: 'critical' });
  await bench.until(() => expect(slack.sent).toEqual(['first', 'now']));
});

test('a channel is given so many a minute, and what is critical besides', async () => {
  const bench = await messageBench();
  const slack = outside();
  for (let n = 0; n < 6; n += 1) await bench.accept({ title: `${n}`, thread: `${n}`, channel: 'slack' });
  bench.start([slack], bench.database, { perMinute: 3 });
  await bench.until(() => expect(slack.sent).toHaveLength(3));
  await bench.accept({ title: 'now', thread: 'now', channel: 'slack', severity: 'critical' });
  await bench.until(() => expect(slack.sent).toContain('now'));
  expect(slack.sent).toHaveLength(4);
  await bench.clock.advance(60_000);
  await bench.until(() => expect(slack.sent).toHaveLength(7));
});

test('what follows stands under the first of its thread, and an answer under what it answers', async () => {
  const bench = await messageBench();
  const handed: OutboundMessage[] = [];
  const slack = outside((message) => {
    handed.push(message);
    return Promise.resolve({ receipt: `r${handed.length}` });
  });
  await bench.database.query(`insert into kora.inbound (workspace_id, channel, provider_id, conversation, details)
    values (1, 'slack', 'p1', 'c1', '{"ts":"9"}')`);
  for (const title of ['open', 'found', 'over']) await bench.accept({ title, channel: 'slack' });
  await bench.accept({ title: 'yes', thread: 'c', channel: 'slack', answers: 1 });
  bench.start([slack]);
  await bench.until(() => expect(handed).toHaveLength(4));
  const thread = handed.filter((message) => message.thread === 't');
  const first = `r${handed.findIndex(({ title }) => title === 'open') + 1}`;
  expect(thread.map(({ threadReceipt }) => threadReceipt)).toEqual([undefined, first, first]);
  expect(handed.find(({ title }) => title === 'yes')?.inReplyTo).toEqual({
    conversation: 'c1',
    providerId: 'p1',
    details: { ts: '9' },
  });
});

test('over a channel that fails as it likes each is delivered once by its key and in the order of its thread', async () => {
  const script = fc.record({
    threads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 10 }),
    // What becomes of each send: taken, taken and then broken off, refused, or refused for a while.
    fates: fc.array(fc.constantFrom('ok', 'ok', 'lost', 'no', 'later'), { minLength: 1, maxLength: 8 }),
  });
  await fc.assert(
    fc.asyncProperty(script, async ({ threads, fates }) => {
      const bench = await messageBench();
      const taken = new Map<string, OutboundMessage>();
      let at = 0;
      const slack = outside((message) => {
        // After the script everything is taken.
        const fate = fates[at] ?? 'ok';
        at += 1;
        if (fate === 'no') return Promise.reject(new Error('500'));
        if (fate === 'later') return Promise.reject(refusal({ retryAfterMs: 5 }));
        if (!taken.has(message.key)) taken.set(message.key, message);
        return fate === 'lost' ? Promise.reject(new Error('reset')) : Promise.resolve({ receipt: 'r' });
      });
      for (const [n, thread] of threads.entries())
        await bench.accept({ key: `k${n}`, title: `${n}`, thread: `t${thread}`, channel: 'slack' });
      const [one, other] = [bench.start([slack]), bench.start([slack])];
      await bench.until(async () => {
        await bench.passTime();
        await bench.database.query('update kora.channel set not_before = null');
        expect((await bench.list()).every(({ status }) => status === 'delivered')).toBe(true);
      });
      await one.stop();
      await other.stop();
      expect([...taken.keys()].toSorted()).toEqual(threads.map((_, n) => `k${n}`).toSorted());
      for (const thread of new Set(threads)) {
        const told = [...taken.values()].filter((message) => message.thread === `t${thread}`);
        expect(told.map(({ messageId }) => messageId)).toEqual(
          told.map(({ messageId }) => messageId).toSorted((a, b) => a - b),
        );
      }
    }),
    { numRuns: 6 },
  );
}, 120_000);
